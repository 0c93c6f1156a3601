import type { BalancerLink } from './balancer-link.ts'
import type { Fleet } from './fleet.ts'
import { endingTurn } from './end-with-supervisor.ts'
import { routeMetrics } from './lab-metrics.ts'
import { reachedAt } from './lab-plan.ts'
import type { LabPlan } from './lab-plan.ts'
import type { Balancer, ChangeOptions, Changes } from './lab-system.ts'
import { ownProgram } from './own-program.ts'
import { telemetryEnvironment } from './shop-environment.ts'
import type { ProcessSpec } from './process-spec.ts'

export function balancerSpec(plan: LabPlan, { channel }: BalancerLink): ProcessSpec {
  return {
    name: 'balancer',
    channel: 'ipc',
    launch: () => ({
      ...ownProgram('platform', 'balancer-main'),
      cwd: '/',
      env: {
        TZ: 'UTC',
        ...endingTurn(0),
        HOST: plan.host,
        PORT: String(plan.port),
        ...telemetryEnvironment(plan, 'balancer'),
      },
    }),
    onStart: (child) => channel.attach(child),
    isReady: async () => channel.isReady,
    readyWithinMs: 10_000,
    stopSignals: [['SIGTERM', 500]],
  }
}

export type BalancerControlDeps = {
  readonly plan: LabPlan
  readonly balancer: BalancerLink
  readonly fleet: Fleet
  readonly changes: Changes
}

const DRAIN_WITHIN_MS = 10_000

/** Who gets requests, as people and faults decide it; every change is an event. */
export function createBalancerControl({ plan, balancer, fleet, changes }: BalancerControlDeps): Balancer {
  const record = (
    what: string,
    { who }: ChangeOptions,
    [service, from, to]: readonly [string, string, string],
  ): void => void changes.record({ what, service, from, to, ...(who === undefined ? {} : { who }) })
  return {
    url: `http://${reachedAt(plan.host)}:${plan.port}`,
    async drain(name, options = {}) {
      const instance = fleet.get(name)
      if (instance.isDrained) return
      instance.isDrained = true
      record('drain', options, [name, 'in service', 'drained'])
      await fleet.publish()
      await balancer.drained(name, DRAIN_WITHIN_MS)
    },
    async restore(name, options = {}) {
      const instance = fleet.get(name)
      if (!instance.isDrained) return
      instance.isDrained = false
      record('restore', options, [name, 'drained', 'in service'])
      await fleet.publish()
    },
    async setWeight(name, weight, options = {}) {
      const instance = fleet.get(name)
      record('weight', options, [name, String(instance.weight), String(weight)])
      instance.weight = weight
      await fleet.publish()
    },
    async setMaintenance(on, options = {}) {
      if (balancer.settings.maintenance === on) return
      record('maintenance', options, ['shop', on ? 'off' : 'on', on ? 'on' : 'off'])
      await balancer.configure({ maintenance: on })
    },
    routes: async () => balancer.figures().routes.map(routeMetrics),
  }
}
