import type { Tally } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'

/** A stretch of time; an end that is open is null. */
export type TimeSpan = { readonly from: EpochMs | null; readonly to: EpochMs | null }

/**
 * The windows of a span that begins with its first failure and ends with its last. What the first window holds before
 * the span, and the last one after it, succeeded: those successes are taken out by their share of the window's time,
 * or an outage of every request would read as one of nearly every request. `observed` is when requests were seen at
 * all: a window that was watched in part only is shorter.
 */
export function spanWindows(
  windows: ReadonlyMap<EpochMs, Tally>,
  span: TimeSpan,
  observed: TimeSpan = { from: null, to: null },
): ReadonlyMap<EpochMs, Tally> {
  const { from, to } = span
  const inside = [...windows].filter(
    ([at]) => (from === null || at + WINDOW_MS > from) && (to === null || at <= to),
  )
  return new Map(
    inside.map(([at, tally]) => {
      const start = Math.max(at, observed.from ?? at)
      const end = Math.min(at + WINDOW_MS, (observed.to ?? Infinity) + 1)
      return [at, trimmed(tally, { start, end }, span)]
    }),
  )
}

type Watched = { readonly start: EpochMs; readonly end: EpochMs }

function trimmed(tally: Tally, { start, end }: Watched, { from, to }: TimeSpan): Tally {
  const before = from === null ? 0 : Math.max(0, from - start)
  const after = to === null ? 0 : Math.max(0, end - 1 - to)
  if (before + after <= 0 || end <= start) return tally
  const outside = Math.round((tally.requests * (before + after)) / (end - start))
  const succeeded = tally.requests - tally.failed
  return { requests: tally.requests - Math.min(outside, succeeded), failed: tally.failed }
}

/** The sum of all windows. */
export function sumTallies(tallies: Iterable<Tally>): Tally {
  let requests = 0
  let failed = 0
  for (const tally of tallies) {
    requests += tally.requests
    failed += tally.failed
  }
  return { requests, failed }
}
