import { setTimeout as pause } from 'node:timers/promises'
import { parseSeed } from '../faults/chance.ts'
import { balancerSpec } from './balancer-control.ts'
import type { BalancerLink } from './balancer-link.ts'
import type { ShopReleases } from './build-repository.ts'
import { makeCertificates } from './certificates.ts'
import { Fleet } from './fleet.ts'
import { freePort } from './free-port.ts'
import { databaseUrl } from './lab-database.ts'
import type { DatabaseParts } from './lab-database.ts'
import { reachedAt, shopperSeed } from './lab-plan.ts'
import type { LabPlan, LabSurroundings } from './lab-plan.ts'
import type { Certificate, ServiceName } from './lab-system.ts'
import type { ProcessRegistry } from './process-registry.ts'
import { configuredWith } from './settings.ts'
import type { Overlay } from './settings.ts'
import { shopEnvironment } from './shop-environment.ts'
import type { ShopSite } from './shop-environment.ts'
import { appSpec, dependencySpec } from './shop-programs.ts'
import type { ProgramDeps } from './shop-programs.ts'
import { createShoppers } from './shoppers.ts'
import type { ShoppersControl } from './shoppers.ts'
import type { StateDirectory } from './state-directory.ts'
import type { SupervisedProcess } from './supervised-process.ts'
import { createWireControl } from './wires.ts'
import type { WireControl } from './wires.ts'

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

/** The shop and its shoppers, running. */
export type RunningShop = {
  readonly fleet: Fleet
  readonly dependencies: Readonly<Record<'payment' | 'mail', SupervisedProcess>>
  readonly wires: Readonly<Record<'payment' | 'mail', WireControl>>
  readonly certificate: Certificate
  readonly shoppers: ShoppersControl
  readonly overlay: Overlay
  /** A service's whole environment, as it is configured now. */
  readonly environmentOf: (service: ServiceName) => Record<string, string>
}

/** Three of them are 96: all that the application can have. Who needs one more waits, and waits long. */
const POOL_MAX = 32

/** Starts payment, mail and their wires, then the instances and the balancer, then the load. */
export async function startShop(parts: LabParts): Promise<RunningShop> {
  const { plan, surroundings, directory, registry, releases, balancer } = parts
  const ports = { payment: await freePort(), mail: await freePort() }
  const listen = { payment: await freePort(), mail: await freePort() }
  const certificate = await makeCertificates({
    folder: directory.certificates,
    now: surroundings.now,
    reload: () => pause(RELOAD_MS),
  })
  const overlay: Overlay = new Map()
  const site: ShopSite = {
    directory,
    wires: listen,
    urlOf: (role) => databaseUrl(parts.database, role),
    telemetry: plan,
    poolMax: POOL_MAX,
  }
  const programs: ProgramDeps = {
    site,
    worktrees: releases.worktrees,
    configured: configuredWith(overlay),
  }
  const release = releases.dependencies
  const dependency = (service: 'payment' | 'mail'): SupervisedProcess =>
    registry.supervise(dependencySpec(programs, { service, port: ports[service], release }))
  const dependencies = { payment: dependency('payment'), mail: dependency('mail') }
  const wire = (service: 'payment' | 'mail'): WireControl =>
    createWireControl(service, { listen: listen[service], target: ports[service] })
  const wires = { payment: wire('payment'), mail: wire('mail') }
  const fleet = new Fleet({
    balancer,
    folder: directory.instances,
    specOf: (name, instance) => appSpec(programs, name, instance),
    supervise: (spec) => registry.supervise(spec),
    forget: (name) => registry.forget(name),
  })

  surroundings.onProgress('starting the shop')
  const between = [wires.payment, wires.mail].map(({ spec }) => registry.supervise(spec))
  await Promise.all([dependencies.payment, dependencies.mail, ...between].map((one) => one.start()))
  await Promise.all([
    registry.supervise(balancerSpec(plan, balancer)).start(),
    ...Array.from({ length: plan.instances }, () => fleet.add(releases.current)),
  ])
  await fleet.publish()
  const shoppers = await startShoppers(parts)

  const environmentOf = (service: ServiceName): Record<string, string> => {
    const [instance] = fleet.instances
    const program =
      service === 'app'
        ? { instance: 'app-1', port: instance?.port ?? 0, release: instance?.release ?? releases.current }
        : { instance: service, port: ports[service], release }
    return programs.configured(service, shopEnvironment(site, { service, ...program }))
  }
  return { fleet, dependencies, wires, certificate, shoppers, overlay, environmentOf }
}

/** The payment service looks at its certificate twice a second. */
const RELOAD_MS = 1_500

async function startShoppers({ plan, directory, registry }: LabParts): Promise<ShoppersControl> {
  const shoppers = createShoppers({
    target: `http://${reachedAt(plan.host)}:${plan.port}`,
    perSecond: plan.perSecond,
    profile: plan.clients,
    seed: shopperSeed(parseSeed(plan.seed)),
    logs: directory.logs,
  })
  await registry.supervise(shoppers.spec).start()
  return shoppers
}
