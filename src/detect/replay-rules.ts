import type { RuleExpectation } from '../contract/rules.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { globMatcher } from './glob.ts'
import type { DetectionEvent, LiveDetection } from './live-detection.ts'
import { createLiveDetection } from './live-detector.ts'
import type { DetectionSettings } from './live-detector.ts'

export type Replay = Omit<DetectionSettings, 'silences' | 'maintenance'> & {
  /** In order of time, as the store replays them. */
  readonly batches: Iterable<TelemetryBatch> | AsyncIterable<TelemetryBatch>
  readonly tickMs?: number
}

export type Replayed = {
  readonly from: EpochMs | null
  readonly to: EpochMs | null
  readonly events: readonly DetectionEvent[]
}

const TICK_MS = 500
/** After the last item: what waits for silence, or holds on for a while, still comes. */
const RUN_ON_MS = 150_000
/** A pause in the recording is gone through in larger steps, once everything in it has settled. */
const PAUSE_MS = 600_000
const PAUSE_TICK_MS = 5000

/**
 * What the rules would have said of telemetry that is stored or recorded, in its own time: an item is taken in when it was
 * over (a span at its end). Hours go by in seconds.
 */
export async function replayRules(replay: Replay): Promise<Replayed> {
  const { tickMs = TICK_MS, batches } = replay
  const settings = { rules: replay.rules, services: replay.services, silences: [], maintenance: [] }
  const events: DetectionEvent[] = []
  let detector: ReturnType<typeof createLiveDetection> | null = null
  let from: EpochMs | null = null
  let now = 0

  const runTo = (until: EpochMs): void => {
    const began = now
    while (now < until) {
      now = Math.min(until, now + (now - began > PAUSE_MS ? PAUSE_TICK_MS : tickMs))
      events.push(...(detector?.tick(now) ?? []))
    }
  }

  for await (const batch of batches) {
    const at = endOf(batch)
    if (at === null) continue
    if (detector === null) {
      from = at
      now = at
      detector = createLiveDetection({ ...settings, now })
    }
    runTo(at)
    detector.observe([batch], now)
  }
  const to = detector === null ? null : now
  runTo(now + RUN_ON_MS)
  return { from, to, events: events.filter((event) => !isOfTheEnd(event, replay, to)) }
}

/** Nobody fell silent because the recording is over. */
function isOfTheEnd({ at, detection }: DetectionEvent, { rules }: Replay, to: EpochMs | null): boolean {
  const isSilence = rules[detection.rule]?.kind === 'missing-telemetry'
  return isSilence && to !== null && at > to && detection.detectedAt > to
}

/** When the last of a batch was over; null where it is empty. */
function endOf(batch: TelemetryBatch): EpochMs | null {
  const times = timesOf(batch)
  const last = times.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  return Number.isFinite(last) ? last : null
}

function timesOf(batch: TelemetryBatch): readonly EpochMs[] {
  switch (batch.kind) {
    case 'logs':
      return batch.items.map(({ timestamp }) => timestamp)
    case 'spans':
      return batch.items.map(({ startedAt, durationNs }) => startedAt + durationNs / 1e6)
    case 'requests':
      return batch.items.flatMap(({ outcomes }) =>
        outcomes.map(({ at, durationMs }) => at + (durationMs ?? 0)),
      )
    case 'alerts':
      return batch.items.map(({ startedAt, endedAt }) => endedAt ?? startedAt)
    case 'metrics':
    case 'changes':
    case 'reports':
    case 'probes':
    case 'databases':
    default:
      return batch.items.map(({ at }) => at)
  }
}

/** The expectations that a replay did not meet, each in a sentence; empty where all are met. */
export function unmetExpectations(
  { from, events }: Replayed,
  expectations: readonly RuleExpectation[],
): readonly string[] {
  return expectations.flatMap((expected) => {
    const found = events.filter(({ detection, kind }) => kind !== 'ended' && isMeant(detection, expected))
    const inTime = found.filter(
      ({ at }) => expected.within === undefined || at - (from ?? at) <= expected.within,
    )
    const what = wordsOf(expected)
    if (expected.never) {
      const [first] = found
      return first ? [`expected no ${what}, found: ${first.detection.summary}`] : []
    }
    if (inTime.length > 0) return []
    const [late] = found
    if (late) return [`expected ${what}, found it after ${(late.at - (from ?? late.at)) / 1000} s`]
    return [`expected ${what}, found none`]
  })
}

function isMeant({ rule, subject, urgency }: LiveDetection, expected: RuleExpectation): boolean {
  const isRule = globMatcher(expected.rule)(rule)
  const isService = globMatcher(expected.service)(subject.service ?? '')
  return isRule && isService && urgency <= expected.urgency
}

function wordsOf({ rule, service, urgency, within }: RuleExpectation): string {
  const of = service === '*' ? '' : ` of ${service}`
  const time = within === undefined ? '' : ` within ${within / 1000} s`
  return `detection by ${rule}${of}, ${urgency} or more urgent${time}`
}
