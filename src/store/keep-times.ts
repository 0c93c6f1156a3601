import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { toIso } from '../time.ts'

/** Times that can be kept. Rows lie by the day: a sender with a broken clock must not make a part for every day. */
export type KeptTimes = { readonly from: EpochMs; readonly to: EpochMs; readonly now: EpochMs }

/** What the sender had said, where it was moved. */
const ORIGINAL = 'firebreak.original_timestamp'

/**
 * The batch with the times of logs, spans and points in the range: what lies in the future, or before all retention, is
 * taken as of now, and says what it said. Returns the very same batch where nothing had to be moved, as nearly always.
 */
export function keepTimes(batch: TelemetryBatch, times: KeptTimes): { batch: TelemetryBatch; moved: number } {
  switch (batch.kind) {
    case 'logs':
      return moved(batch, batch.items, {
        at: (log) => log.timestamp,
        move: (log) => ({ ...log, timestamp: times.now, attributes: noted(log.attributes, log.timestamp) }),
        times,
      })
    case 'spans':
      return moved(batch, batch.items, {
        at: (span) => span.startedAt,
        move: (span) => ({
          ...span,
          startedAt: times.now,
          attributes: noted(span.attributes, span.startedAt),
        }),
        times,
      })
    case 'metrics':
      return moved(batch, batch.items, {
        at: (point) => point.at,
        move: (point) => ({ ...point, at: times.now }),
        times,
      })
    case 'requests':
      return requestsMoved(batch, times)
    default:
      return { batch, moved: 0 } // few, ours, and kept by the month
  }
}

type Requests = Extract<TelemetryBatch, { kind: 'requests' }>

function requestsMoved(batch: Requests, times: KeptTimes): { batch: TelemetryBatch; moved: number } {
  const count = batch.items.reduce(
    (sum, { outcomes }) => sum + outcomes.filter(({ at }) => isStray(at, times)).length,
    0,
  )
  if (count === 0) return { batch, moved: 0 }
  const items = batch.items.map(({ service, outcomes }) => ({
    service,
    outcomes: outcomes.map((outcome) =>
      isStray(outcome.at, times) ? { ...outcome, at: times.now } : outcome,
    ),
  }))
  return { batch: { ...batch, items }, moved: count }
}

function isStray(at: EpochMs, { from, to }: KeptTimes): boolean {
  return !(at >= from && at < to) // also what is not a number
}

function moved<Item>(
  batch: TelemetryBatch,
  items: readonly Item[],
  { at, move, times }: { at: (item: Item) => EpochMs; move: (item: Item) => Item; times: KeptTimes },
): { batch: TelemetryBatch; moved: number } {
  let count = 0
  for (const item of items) if (isStray(at(item), times)) count++
  if (count === 0) return { batch, moved: 0 }
  const kept = items.map((item) => (isStray(at(item), times) ? move(item) : item))
  // The items are of the batch's own kind: each was taken from it.
  return { batch: { ...batch, items: kept } as unknown as TelemetryBatch, moved: count }
}

function noted(attributes: ReadonlyMap<string, string>, at: EpochMs): ReadonlyMap<string, string> {
  const isDate = Number.isFinite(at) && Math.abs(at) < 8.64e15
  return new Map([...attributes, [ORIGINAL, isDate ? toIso(at) : String(at)]])
}
