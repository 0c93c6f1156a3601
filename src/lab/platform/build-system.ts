import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import { parseSeed } from '../faults/chance.ts'
import type { BalancerLink } from './balancer-link.ts'
import { makeCertificates } from './certificates.ts'
import { createChangeLog } from './change-log.ts'
import { createFleet, dependencySpec } from './fleet.ts'
import type { Fleet, FleetDeps } from './fleet.ts'
import { freePort } from './free-port.ts'
import { createLabDatabase, databaseUrl } from './lab-database.ts'
import type { DatabaseParts } from './lab-database.ts'
import { routeMetrics, watchMetrics } from './lab-metrics.ts'
import { shopperSeed } from './lab-plan.ts'
import type { LabPlan, LabSurroundings } from './lab-plan.ts'
import type { Balancer, Changes, LabSystem, ServiceName } from './lab-system.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { ownProgram } from './own-program.ts'
import type { ProcessRegistry } from './process-registry.ts'
import { createReleases } from './releases.ts'
import { configuredWith, createConfiguration, createFlags, defaultFlags } from './settings.ts'
import type { Overlay } from './settings.ts'
import { shopEnvironment } from './shop-environment.ts'
import type { ShopSite } from './shop-environment.ts'
import { createShoppers } from './shoppers.ts'
import type { StateDirectory } from './state-directory.ts'
import type { ShopReleases } from './build-repository.ts'
import { createWireControl } from './wires.ts'

export type LabParts = {
  readonly plan: LabPlan
  readonly surroundings: LabSurroundings
  readonly directory: StateDirectory
  readonly registry: ProcessRegistry
  readonly releases: ShopReleases
  readonly database: DatabaseParts
  readonly balancer: BalancerLink
  readonly signal: AbortSignal
}

export type BuiltSystem = {
  readonly lab: LabSystem
  readonly fleet: Fleet
  readonly balancer: BalancerLink
  close(): Promise<void>
}

type Ports = {
  readonly payment: number
  readonly mail: number
  readonly wirePayment: number
  readonly wireMail: number
}

/** Starts the shop around a filled database, and the load on it: what `LabSystem` speaks of. */
export async function buildSystem(parts: LabParts): Promise<BuiltSystem> {
  const { plan, surroundings, directory, registry, releases, database, balancer } = parts
  const ports: Ports = {
    payment: await freePort(),
    mail: await freePort(),
    wirePayment: await freePort(),
    wireMail: await freePort(),
  }
  const changes = createChangeLog(surroundings.now, join(directory.logs, 'changes.jsonl'))
  const inTurn = oneAtATime()
  const overlay: Overlay = new Map()
  const site: ShopSite = {
    directory,
    ports,
    urlOf: (role) => databaseUrl(database, role),
    otlpEndpoint: plan.otlpEndpoint,
    poolMax: 32, // three of them are 96, all that the application can have: who needs more waits, and waits long
  }
  const fleetDeps: FleetDeps = {
    site,
    worktrees: releases.worktrees,
    balancer,
    configured: configuredWith(overlay),
    supervise: registry.supervise,
    forget: registry.forget,
  }
  const folder = releases.worktrees.folderOf(releases.current)
  const flags = await createFlags(
    directory.flagsFile,
    changes,
    await defaultFlags(join(folder, 'config', 'flags.json')),
  )
  const certificate = await makeCertificates({
    folder: directory.certificates,
    now: surroundings.now,
    reload: () => pause(1_500), // the service looks at the file twice a second
  })
  const wires = {
    payment: createWireControl('payment', { listen: ports.wirePayment, target: ports.payment }),
    mail: createWireControl('mail', { listen: ports.wireMail, target: ports.mail }),
  }
  const release = releases.dependencies
  const dependencies = {
    payment: registry.supervise(
      dependencySpec(fleetDeps, { service: 'payment', port: ports.payment, release }),
    ),
    mail: registry.supervise(dependencySpec(fleetDeps, { service: 'mail', port: ports.mail, release })),
  }
  const wireProcesses = [wires.payment, wires.mail].map(({ spec }) => registry.supervise(spec))
  const balancerProcess = registry.supervise(balancerSpec(plan, balancer))
  const shoppersControl = createShoppers({
    target: `http://127.0.0.1:${plan.port}`,
    perSecond: plan.perSecond,
    seed: shopperSeed(parseSeed(plan.seed)),
    logs: directory.logs,
  })
  const shoppersProcess = registry.supervise(shoppersControl.spec)
  const fleet = createFleet(fleetDeps)

  surroundings.onProgress('starting the shop')
  await Promise.all([...wireProcesses, ...Object.values(dependencies)].map((one) => one.start()))
  await Promise.all([
    balancerProcess.start(),
    ...Array.from({ length: plan.instances }, () => fleet.add(releases.current)),
  ])
  await fleet.publish()
  await shoppersProcess.start()

  const watch = watchMetrics({
    now: surroundings.now,
    balancer,
    processes: registry.all,
    ownPid: surroundings.pid,
    monitorUrl: databaseUrl(database, 'monitor'),
  })
  const environmentOf = (service: ServiceName): Record<string, string> =>
    fleetDeps.configured(
      service,
      shopEnvironment(site, {
        service,
        instance: service === 'app' ? 'app-1' : service,
        port: service === 'app' ? (fleet.instances[0]?.port ?? 0) : ports[service],
        release: service === 'app' ? releases.current : releases.dependencies,
      }),
    )
  const lab: LabSystem = {
    processes: registry,
    releases: createReleases({
      fleet,
      worktrees: releases.worktrees,
      balancer,
      changes,
      repository: directory.repository,
      inTurn,
      current: releases.current,
      previous: releases.previous,
      dependencies: releases.dependencies,
    }),
    configuration: createConfiguration({ overlay, fleet, dependencies, environmentOf, changes, inTurn }),
    flags,
    database: createLabDatabase(database),
    wires: { payment: wires.payment.wire, mail: wires.mail.wire },
    certificates: { payment: certificate },
    balancer: createBalancerControl({ plan, balancer, fleet, changes }),
    shoppers: shoppersControl.shoppers,
    changes,
    directories: {
      state: directory.root,
      repository: directory.repository,
      logs: directory.logs,
      scratch: directory.scratch,
    },
    metrics: async () => watch.metrics(),
    now: surroundings.now,
    sleep: (ms) => pause(ms, undefined, { signal: parts.signal }),
    signal: parts.signal,
  }
  return { lab, fleet, balancer, close: watch.stop }
}

function balancerSpec(plan: LabPlan, balancer: BalancerLink) {
  return {
    name: 'balancer',
    channel: 'ipc' as const,
    launch: () => ({
      ...ownProgram('platform', 'balancer-main'),
      cwd: '/',
      env: { TZ: 'UTC', HOST: plan.host, PORT: String(plan.port), ...telemetryOf(plan) },
    }),
    onStart: balancer.channel.attach,
    isReady: async () => balancer.channel.isReady,
    readyWithinMs: 10_000,
    stopSignals: [['SIGTERM', 500]] as const,
  }
}

function telemetryOf({ otlpEndpoint }: LabPlan): Record<string, string> {
  if (otlpEndpoint === null) return {}
  return { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, OTEL_SERVICE_NAME: 'balancer', INSTANCE: 'balancer' }
}

type BalancerControlDeps = {
  readonly plan: LabPlan
  readonly balancer: BalancerLink
  readonly fleet: Fleet
  readonly changes: Changes
}

const DRAIN_WITHIN_MS = 10_000

function createBalancerControl({ plan, balancer, fleet, changes }: BalancerControlDeps): Balancer {
  const record = (
    what: string,
    who: string | undefined,
    [service, from, to]: readonly [string, string, string],
  ): void => void changes.record({ what, service, from, to, ...(who === undefined ? {} : { who }) })
  return {
    url: `http://${plan.host}:${plan.port}`,
    async drain(name, { who } = {}) {
      const instance = fleet.get(name)
      if (instance.isDrained) return
      instance.isDrained = true
      record('drain', who, [name, 'in service', 'drained'])
      await fleet.publish()
      await balancer.drained(name, DRAIN_WITHIN_MS)
    },
    async restore(name, { who } = {}) {
      const instance = fleet.get(name)
      if (!instance.isDrained) return
      instance.isDrained = false
      record('restore', who, [name, 'drained', 'in service'])
      await fleet.publish()
    },
    async setWeight(name, weight, { who } = {}) {
      const instance = fleet.get(name)
      record('weight', who, [name, String(instance.weight), String(weight)])
      instance.weight = weight
      await fleet.publish()
    },
    async setMaintenance(on, { who } = {}) {
      if (balancer.settings.maintenance === on) return
      const word = (isOn: boolean): string => (isOn ? 'on' : 'off')
      record('maintenance', who, ['shop', word(!on), word(on)])
      await balancer.configure({ maintenance: on })
    },
    routes: async () => balancer.figures().routes.map(routeMetrics),
  }
}
