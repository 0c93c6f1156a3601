import type { CrashLoopRule } from '../../contract/rules.ts'
import type { Change, MetricPoint } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import type { SeenProcess } from '../process-table.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { NOBODY } from './judge.ts'

type Instance = { readonly service: string; readonly instance: string }
/** What a counter that counts restarts itself told. */
type Counted = Instance & { counter: number | null; restarts: readonly EpochMs[]; lastAt: EpochMs }
type ChangeOf = Pick<Change, 'at' | 'service'>

const MAX_COUNTED = 5000
const MAX_RESTARTS = 16
/** A restart so soon after a change was part of it. */
const EXPLAINED_MS = 180_000
const FORGOTTEN_MS = 3_600_000
const RESTART_COUNTERS: ReadonlySet<string> = new Set(['process.restarts', 'k8s.container.restarts'])

/**
 * One instance starts again and again, without anybody having changed anything: by `process.pid` of what it sends, or by
 * counters of restarts. Several processes of one instance at a time are workers, not restarts.
 */
export function createCrashLoopJudge({ processes }: Pick<Watched, 'processes'>, named: NamedRule): Judge {
  const { rule } = named
  const isService = globMatcher(rule.service)
  const counters = new Map<string, Counted>()
  let changes: readonly ChangeOf[] = []

  function counterOf(point: MetricPoint, now: EpochMs): Counted | null {
    const { serviceName: service, serviceInstance: instance } = point.metric.resource
    const key = `${service}\u0000${instance}`
    const known = counters.get(key)
    if (known || !isService(service) || counters.size >= MAX_COUNTED) return known ?? null
    const made: Counted = { service, instance, counter: null, restarts: [], lastAt: now }
    counters.set(key, made)
    return made
  }

  function count(point: MetricPoint, now: EpochMs): void {
    if (point.kind !== 'sum' || !RESTART_COUNTERS.has(point.metric.name)) return
    const counted = counterOf(point, now)
    if (counted === null) return
    const before = counted.counter
    counted.counter = point.value
    counted.lastAt = now
    const more = before === null ? 0 : Math.min(MAX_RESTARTS, Math.max(0, point.value - before))
    counted.restarts = [...counted.restarts, ...Array.from({ length: more }, () => now)].slice(-MAX_RESTARTS)
  }

  function* restarts(): Generator<{ readonly who: Instance; readonly at: readonly EpochMs[] }> {
    for (const who of processes.all())
      if (who.processes.length > 1 && isService(who.service)) yield { who, at: restartsAmong(who.processes) }
    for (const who of counters.values()) if (who.restarts.length > 0) yield { who, at: who.restarts }
  }

  return {
    observe(batch, now) {
      if (batch.kind === 'changes')
        changes = [...changes, ...batch.items.map(({ at, service }) => ({ at, service }))].slice(-100)
      if (batch.kind === 'metrics') for (const point of batch.items) count(point, now)
    },
    judge(now) {
      for (const [key, { lastAt }] of counters) if (lastAt <= now - FORGOTTEN_MS) counters.delete(key)
      const unexplained = new Map<string, { who: Instance; at: EpochMs[] }>()
      for (const { who, at } of restarts()) {
        const key = `${who.service}\u0000${who.instance}`
        const own = at.filter((one) => one > now - rule.within && !isExplained(one, who.service, changes))
        unexplained.set(key, { who, at: [...(unexplained.get(key)?.at ?? []), ...own] })
      }
      return [...unexplained.values()]
        .filter(({ at }) => at.length >= rule.restarts)
        .map(({ who, at }) => signOf(named, who, at.toSorted(ascending)))
    },
  }
}

type NamedRule = { readonly name: string; readonly rule: CrashLoopRule }

const ascending = (one: number, other: number): number => one - other

/** When one took over from another that was there before; another version is a deploy, and those are meant. */
function restartsAmong(processes: readonly SeenProcess[]): readonly EpochMs[] {
  return processes
    .filter(({ firstAt, version }) =>
      processes.some((other) => other.lastAt < firstAt && other.version === version),
    )
    .map(({ firstAt }) => firstAt)
}

function isExplained(at: EpochMs, service: string, changes: readonly ChangeOf[]): boolean {
  return changes.some(
    (change) =>
      (change.service === null || change.service === service) &&
      at >= change.at &&
      at < change.at + EXPLAINED_MS,
  )
}

function signOf(
  { name, rule }: NamedRule,
  { service, instance }: Instance,
  at: readonly EpochMs[],
): LiveSign {
  const minutes = rule.within / 60_000
  return {
    rule: name,
    subject: { ...NOBODY, service, instance },
    urgency: rule.urgency,
    since: at[0] ?? 0,
    lastAt: at.at(-1) ?? 0,
    summary: `Instance ${instance} of ${service} was started ${at.length} times within ${minutes} min, limit ${rule.restarts}, and nothing was changed`,
    evidence: [
      { name: 'restarts', value: at.length, unit: '{restart}' },
      { name: 'limit', value: rule.restarts, unit: '{restart}' },
    ],
  }
}
