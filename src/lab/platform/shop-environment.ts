import { join } from 'node:path'
import { certificateFiles } from './certificates.ts'
import type { LabPlan } from './lab-plan.ts'
import type { DatabaseRole, Release, ServiceName, WireName } from './lab-system.ts'
import type { StateDirectory } from './state-directory.ts'

export type ShopSite = {
  readonly directory: StateDirectory
  readonly urlOf: (role: DatabaseRole) => string
  /** Where the application reaches the others. */
  readonly wires: Readonly<Record<WireName, number>>
  readonly telemetry: TelemetryPlan
  readonly poolMax: number
}

export type ShopProgram = {
  readonly service: ServiceName
  /** `app-1`; for the others the service's own name. */
  readonly instance: string
  readonly port: number
  readonly release: Release
}

/** The whole environment of one program of the shop: what a deployment would give it, and nothing else. */
export function shopEnvironment(site: ShopSite, program: ShopProgram): Record<string, string> {
  const { service, instance, port, release } = program
  return {
    NODE_ENV: 'production',
    TZ: 'UTC',
    HOST: '127.0.0.1',
    PORT: String(port),
    INSTANCE: instance,
    SERVICE_VERSION: release.version,
    ...telemetryEnvironment(site.telemetry, service === 'app' ? 'shop' : service),
    ...(service === 'app' ? ofApp(site, instance) : {}),
    ...(service === 'payment' ? ofPayment(site) : {}),
  }
}

export type TelemetryPlan = Pick<LabPlan, 'otlpEndpoint' | 'otlpIntervalMs'>

/** OpenTelemetry's own variables; none where telemetry is off. */
export function telemetryEnvironment(
  { otlpEndpoint, otlpIntervalMs }: TelemetryPlan,
  service: string,
): Record<string, string> {
  if (otlpEndpoint === null) return {}
  const own = { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, OTEL_SERVICE_NAME: service }
  if (otlpIntervalMs === null) return own
  const interval = String(otlpIntervalMs)
  return {
    ...own,
    OTEL_BSP_SCHEDULE_DELAY: interval,
    OTEL_BLRP_SCHEDULE_DELAY: interval,
    OTEL_METRIC_EXPORT_INTERVAL: interval,
  }
}

function ofApp({ directory, urlOf, wires, poolMax }: ShopSite, instance: string): Record<string, string> {
  return {
    DATABASE_URL: urlOf('shop'),
    PAYMENT_URL: `https://127.0.0.1:${wires.payment}`,
    MAIL_URL: `http://127.0.0.1:${wires.mail}`,
    PAYMENT_CA_FILE: certificateFiles(directory.certificates).authority,
    POOL_MAX: String(poolMax),
    FLAGS_FILE: directory.flagsFile,
    DATA_DIR: join(directory.instances, instance),
  }
}

function ofPayment({ directory }: ShopSite): Record<string, string> {
  const { certificate, key } = certificateFiles(directory.certificates)
  return { TLS_CERT_FILE: certificate, TLS_KEY_FILE: key }
}
