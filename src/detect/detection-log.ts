import type { EpochMs } from '../time.ts'
import type { DetectionEvent, LiveDetection } from './live-detection.ts'
import { GROUP_MS, groupFor } from './grouping.ts'
import type { OpenGroup } from './grouping.ts'
import type { LiveSign } from './judges/judge.ts'
import { decide, FLAPPING_STARTS, keyOf } from './lifecycle.ts'
import type { Tracked } from './lifecycle.ts'
import type { ServiceGraph } from './service-graph.ts'
import type { Silencing } from './silencing.ts'

/** What goes on, by key; signs go in, events come out. */
export type DetectionLog = {
  /** `signs` are all that there are now: what is not among them has none. */
  readonly take: (signs: readonly LiveSign[], now: EpochMs) => readonly DetectionEvent[]
  readonly active: () => readonly LiveDetection[]
  readonly setSilencing: (silencing: Silencing) => void
  readonly snapshot: () => DetectionLogSnapshot
  /** What was open stays so for a minute without a sign, for the judges must first see it again. */
  readonly restore: (kept: DetectionLogSnapshot, now: EpochMs) => void
}

export type DetectionLogSnapshot = {
  readonly open: readonly { readonly detection: LiveDetection; readonly lastAt: EpochMs }[]
  readonly starts: readonly (readonly [key: string, at: readonly EpochMs[]])[]
}

const HOUR_MS = 3_600_000
const MAX_KEYS = 5000
/** More at a time are not told one by one: the most urgent are. */
const MAX_ACTIVE = 1000
const UNCONFIRMED_MS = 60_000

export function createDetectionLog(
  graph: Pick<ServiceGraph, 'areConnected'>,
  firstSilencing: Silencing,
): DetectionLog {
  const open = new Map<string, Tracked>()
  const starts = createStarts()
  let recent: readonly OpenGroup[] = []
  let silencing = firstSilencing

  const groupsNow = (now: EpochMs): readonly OpenGroup[] => [
    ...recent,
    ...[...open.values()].map(({ detection }) => openGroup(detection, now)),
  ]

  function judgeKey(key: string, sign: LiveSign | null, now: EpochMs): DetectionEvent[] {
    const tracked = open.get(key) ?? null
    if (tracked === null && open.size >= MAX_ACTIVE) return []
    const about = sign ?? tracked?.detection
    if (about === undefined) return []
    const count = tracked === null ? starts.count(key, now) + 1 : starts.count(key, now)
    const group =
      tracked === null ? groupFor({ service: about.subject.service, now }, groupsNow(now), graph) : ''
    const flapping = count >= FLAPPING_STARTS ? 'flapping' : null
    const suppressedBy = silencing(about, now) ?? flapping
    const decision = decide(tracked, sign, { now, starts: count, group, suppressedBy })
    if (tracked === null) starts.note(key, now)
    if (decision.tracked === null) open.delete(key)
    else open.set(key, decision.tracked)
    const { tells, detection } = decision
    if (tells === null || detection === null) return []
    if (tells === 'ended') recent = [...recent, openGroup(detection, now)]
    return [{ at: now, kind: tells, detection }]
  }

  return {
    take(signs, now) {
      const byKey = mostUrgentByKey(signs)
      recent = recent.filter(({ lastAt }) => lastAt > now - GROUP_MS)
      const gone = [...open.keys()].filter((key) => !byKey.has(key))
      return [
        ...[...byKey].flatMap(([key, sign]) => judgeKey(key, sign, now)),
        ...gone.flatMap((key) => judgeKey(key, null, now)),
      ]
    },
    active: () => [...open.values()].map(({ detection }) => detection),
    setSilencing(next) {
      silencing = next
    },
    snapshot: () => ({
      open: [...open.values()].map(({ detection, lastAt }) => ({ detection, lastAt })),
      starts: starts.entries(),
    }),
    restore(kept, now) {
      starts.restore(kept.starts)
      for (const { detection, lastAt } of kept.open) {
        const { rule, subject, summary } = detection
        const told = { toldAt: now, toldSummary: summary, holdMs: UNCONFIRMED_MS }
        open.set(keyOf(rule, subject), { detection, signAt: now, lastAt, ...told })
      }
    },
  }
}

function openGroup({ group, subject }: LiveDetection, lastAt: EpochMs): OpenGroup {
  return { group, service: subject.service, lastAt }
}

/** The most urgent first: where there are too many, it is among those that are told. */
function mostUrgentByKey(signs: readonly LiveSign[]): Map<string, LiveSign> {
  const byKey = new Map<string, LiveSign>()
  for (const sign of signs.toSorted((a, b) => a.urgency.localeCompare(b.urgency))) {
    const key = keyOf(sign.rule, sign.subject)
    if (!byKey.has(key)) byKey.set(key, sign)
  }
  return byKey
}

/** How often each key began within the last hour. */
function createStarts() {
  const starts = new Map<string, readonly EpochMs[]>()
  const recent = (key: string, now: EpochMs): readonly EpochMs[] =>
    (starts.get(key) ?? []).filter((at) => at > now - HOUR_MS)
  return {
    count: (key: string, now: EpochMs): number => recent(key, now).length,
    note(key: string, now: EpochMs): void {
      const own = [...recent(key, now), now].slice(-FLAPPING_STARTS)
      starts.delete(key)
      starts.set(key, own)
      const [oldest] = starts.keys()
      if (starts.size > MAX_KEYS && oldest !== undefined) starts.delete(oldest)
    },
    entries: (): DetectionLogSnapshot['starts'] => [...starts],
    restore(kept: DetectionLogSnapshot['starts']): void {
      for (const [key, at] of kept) starts.set(key, at)
    },
  }
}
