import type { CrashLoopRule } from '../../contract/rules.ts'
import type { Change, MetricPoint, Resource } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { resourcesOf } from './missing-telemetry-judge.ts'
import type { Judge, LiveSign } from './judge.ts'
import { NOBODY } from './judge.ts'

type Process = { readonly pid: string; readonly version: string; readonly firstAt: EpochMs; lastAt: EpochMs }
type Instance = {
  readonly service: string
  readonly instance: string
  processes: readonly Process[]
  /** As counters tell, which count restarts themselves. */
  counted: readonly EpochMs[]
  counter: number | null
}

const MAX_INSTANCES = 5000
const MAX_PROCESSES = 16
/** A restart so soon after a change was part of it. */
const EXPLAINED_MS = 180_000
const RESTART_COUNTERS: ReadonlySet<string> = new Set(['process.restarts', 'k8s.container.restarts'])

/**
 * One instance starts again and again, without anybody having changed anything: by `process.pid` of what it sends, or by
 * counters of restarts. Several processes of one instance at a time are workers, not restarts.
 */
export function createCrashLoopJudge({ name, rule }: NamedRule): Judge {
  const isService = globMatcher(rule.service)
  const instances = new Map<string, Instance>()
  let changes: readonly Pick<Change, 'at' | 'service'>[] = []

  function instanceOf({ serviceName, serviceInstance }: Resource): Instance | null {
    const key = `${serviceName}\u0000${serviceInstance}`
    const known = instances.get(key)
    if (known || !isService(serviceName) || instances.size >= MAX_INSTANCES) return known ?? null
    const made: Instance = {
      service: serviceName,
      instance: serviceInstance,
      processes: [],
      counted: [],
      counter: null,
    }
    instances.set(key, made)
    return made
  }

  function heard(resource: Resource, now: EpochMs): void {
    const pid = resource.attributes.get('process.pid')
    if (pid === undefined || resource.serviceInstance === '') return
    const instance = instanceOf(resource)
    if (instance === null) return
    const known = instance.processes.find((process) => process.pid === pid)
    if (known) known.lastAt = now
    else
      instance.processes = [
        ...instance.processes,
        { pid, version: resource.serviceVersion, firstAt: now, lastAt: now },
      ].slice(-MAX_PROCESSES)
  }

  function count(point: MetricPoint, now: EpochMs): void {
    if (point.kind !== 'sum' || !RESTART_COUNTERS.has(point.metric.name)) return
    const instance = instanceOf(point.metric.resource)
    if (instance === null) return
    const before = instance.counter
    instance.counter = point.value
    const more = before === null ? 0 : Math.min(MAX_PROCESSES, Math.max(0, point.value - before))
    instance.counted = [...instance.counted, ...Array.from({ length: more }, () => now)].slice(-MAX_PROCESSES)
  }

  return {
    observe(batch, now) {
      if (batch.kind === 'changes')
        changes = [...changes, ...batch.items.map(({ at, service }) => ({ at, service }))].slice(-100)
      for (const resource of resourcesOf(batch)) heard(resource, now)
      if (batch.kind === 'metrics') for (const point of batch.items) count(point, now)
    },
    judge: (now) =>
      [...instances.values()].flatMap((instance) => {
        const isSingle = instance.processes.length < 2 && instance.counted.length === 0
        const restarts = isSingle ? [] : restartsOf(instance, changes, now - rule.within)
        return restarts.length >= rule.restarts ? [signOf({ name, rule }, instance, restarts)] : []
      }),
  }
}

type NamedRule = { readonly name: string; readonly rule: CrashLoopRule }

/** Those of the rule's time that no change explains, oldest first. */
function restartsOf(
  { service, processes, counted }: Instance,
  changes: readonly Pick<Change, 'at' | 'service'>[],
  since: EpochMs,
): EpochMs[] {
  // Another version is a deploy, and those are meant.
  const taken = processes.filter(({ firstAt, version }) =>
    processes.some((other) => other.lastAt < firstAt && other.version === version),
  )
  const all = [...taken.map(({ firstAt }) => firstAt), ...counted]
  const isExplained = (at: EpochMs): boolean =>
    changes.some(
      (change) =>
        (change.service === null || change.service === service) &&
        at >= change.at &&
        at < change.at + EXPLAINED_MS,
    )
  return all.filter((at) => at > since && !isExplained(at)).toSorted((a, b) => a - b)
}

function signOf(
  { name, rule }: NamedRule,
  { service, instance }: Instance,
  restarts: readonly EpochMs[],
): LiveSign {
  const minutes = rule.within / 60_000
  return {
    rule: name,
    subject: { ...NOBODY, service, instance },
    urgency: rule.urgency,
    since: restarts[0] ?? 0,
    lastAt: restarts.at(-1) ?? 0,
    summary: `Instance ${instance} of ${service} was started ${restarts.length} times within ${minutes} min, limit ${rule.restarts}, and nothing was changed`,
    evidence: [
      { name: 'restarts', value: restarts.length, unit: '{restart}' },
      { name: 'limit', value: rule.restarts, unit: '{restart}' },
    ],
  }
}
