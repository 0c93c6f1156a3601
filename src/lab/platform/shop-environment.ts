import { join } from 'node:path'
import { certificateFiles } from './certificates.ts'
import type { DatabaseRole, Release, ServiceName } from './lab-system.ts'
import type { StateDirectory } from './state-directory.ts'

export type ShopSite = {
  readonly directory: StateDirectory
  readonly urlOf: (role: DatabaseRole) => string
  readonly ports: { readonly wirePayment: number; readonly wireMail: number }
  readonly otlpEndpoint: string | null
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
    ...(site.otlpEndpoint === null
      ? {}
      : {
          OTEL_EXPORTER_OTLP_ENDPOINT: site.otlpEndpoint,
          OTEL_SERVICE_NAME: service === 'app' ? 'shop' : service,
        }),
    ...ofService(site, program),
  }
}

function ofService(site: ShopSite, { service, instance }: ShopProgram): Record<string, string> {
  const { directory, ports } = site
  const certificates = certificateFiles(directory.certificates)
  switch (service) {
    case 'app':
      return {
        DATABASE_URL: site.urlOf('shop'),
        PAYMENT_URL: `https://127.0.0.1:${ports.wirePayment}`,
        MAIL_URL: `http://127.0.0.1:${ports.wireMail}`,
        PAYMENT_CA_FILE: certificates.authority,
        POOL_MAX: String(site.poolMax),
        FLAGS_FILE: directory.flagsFile,
        DATA_DIR: join(directory.instances, instance),
      }
    case 'payment':
      return { TLS_CERT_FILE: certificates.certificate, TLS_KEY_FILE: certificates.key }
    case 'mail':
      return {}
  }
}
