import type { Fleet, Instance } from './fleet.ts'
import type { BalancerLink } from './balancer-link.ts'
import type { LabMetrics, Release } from './lab-system.ts'

/** `lab status --json`. Figures over the last ten seconds; numbers, never null. */
export type LabStatus = {
  readonly schema: 1
  readonly state: 'up' | 'down' | 'starting'
  readonly requestsPerSecond: number
  readonly errorRate: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly dbConnections: { readonly used: number; readonly limit: number }
  readonly cpuCores: number
  readonly instances: readonly {
    readonly name: string
    readonly version: string
    readonly state: string
    readonly weight: number
  }[]
  readonly release: { readonly commit: string; readonly version: string }
  readonly faults: readonly { readonly name: string; readonly level: string; readonly since: string }[]
  /** What the shoppers were told: only the operator of the lab sees it. `everyday` or `impatient`. */
  readonly load: { readonly perSecond: number; readonly clients: string }
}

/** What the team on call sees: neither faults nor who the shoppers are. */
export type PublicStatus = Omit<LabStatus, 'load' | 'faults'>

export function statusWithout(state: 'down' | 'starting'): LabStatus {
  return {
    schema: 1,
    state,
    requestsPerSecond: 0,
    errorRate: 0,
    p50Ms: 0,
    p95Ms: 0,
    dbConnections: { used: 0, limit: 0 },
    cpuCores: 0,
    instances: [],
    release: { commit: '', version: '' },
    faults: [],
    load: { perSecond: 0, clients: 'everyday' },
  }
}

export type StatusParts = {
  readonly metrics: LabMetrics
  readonly fleet: Fleet
  readonly balancer: BalancerLink
  readonly release: Release
}

export function labStatus({ metrics, fleet, balancer, release }: StatusParts): PublicStatus {
  const round = (value: number, digits: number): number => Number(value.toFixed(digits))
  return {
    schema: 1,
    state: 'up',
    requestsPerSecond: round(metrics.requestsPerSecond, 1),
    errorRate: round(metrics.errorRate, 4),
    p50Ms: round(metrics.p50Ms, 1),
    p95Ms: round(metrics.p95Ms, 1),
    dbConnections: { used: metrics.dbConnections.used, limit: metrics.dbConnections.limit },
    cpuCores: round(metrics.cpuCores, 2),
    instances: fleet.instances.map((instance) => ({
      name: instance.name,
      version: instance.release.version,
      state: stateOf(instance, balancer),
      weight: instance.isDrained ? 0 : instance.weight,
    })),
    release: { commit: release.commit, version: release.version },
  }
}

function stateOf({ name, isDrained, process }: Instance, balancer: BalancerLink): string {
  if (process.state !== 'up') return process.state
  const backend = balancer.stateOf(name)
  if (isDrained) return (backend?.inFlight ?? 0) > 0 ? 'draining' : 'drained'
  return backend?.isHealthy === false ? 'unhealthy' : 'up'
}
