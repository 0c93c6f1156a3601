import type { EpochMs } from '../../time.ts'
import type { TelemetryLimits } from './limits.ts'
import { tooMany } from './malformed.ts'

/** Why an item of a request was refused while the rest was kept. */
export type ItemRefusal = 'too-old' | 'in-future' | 'invalid-id' | 'no-name' | 'invalid-buckets'

/** The decoding of one request: what holds for all of it, and what is counted on the way. */
export type DecodeRun = {
  readonly limits: TelemetryLimits
  readonly now: EpochMs
  readonly oldest: EpochMs
  readonly newest: EpochMs
  received: number
  /** Points without a value: nothing is wrong with them, and nothing is to keep. */
  skipped: number
  droppedAttributes: number
  cutValues: number
  readonly refused: Map<ItemRefusal, number>
}

export function startRun(limits: TelemetryLimits, now: EpochMs, maxAgeMs: number): DecodeRun {
  return {
    limits,
    now,
    oldest: now - maxAgeMs,
    newest: now + limits.maxAheadMs,
    received: 0,
    skipped: 0,
    droppedAttributes: 0,
    cutValues: 0,
    refused: new Map(),
  }
}

/** Counts an item that is about to be decoded; throws where a request has too many. */
export function countItem(run: DecodeRun): void {
  run.received += 1
  if (run.received > run.limits.maxItems) throw tooMany('records, spans or points', run.limits.maxItems)
}

export function refuse(run: DecodeRun, reason: ItemRefusal): null {
  run.refused.set(reason, (run.refused.get(reason) ?? 0) + 1)
  return null
}

/** Whether a time can be kept; where not, the item is counted as refused. A time is never moved: that would make old
 *  news new, and detection would believe it. */
export function isInTime(run: DecodeRun, at: EpochMs): boolean {
  if (at < run.oldest) refuse(run, 'too-old')
  else if (at > run.newest) refuse(run, 'in-future')
  else return true
  return false
}

/** A time besides the record's own, such as when it was observed: nonsense is replaced. */
export function plausibleTime(run: DecodeRun, at: EpochMs, otherwise: EpochMs): EpochMs {
  return at >= run.oldest && at <= run.newest ? at : otherwise
}
