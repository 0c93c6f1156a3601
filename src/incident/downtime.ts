import type { Tally } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'

/** A stretch that was down, whole windows; `to` is exclusive. */
export type DownSpan = { readonly from: EpochMs; readonly to: EpochMs }

/** The first and the last failed request, where they are known exactly. */
export type FailureEdges = {
  readonly firstFailureAt: EpochMs | null
  readonly lastFailureAt: EpochMs | null
}

type Windows = ReadonlyMap<EpochMs, Tally>

/**
 * The stretches of 10 s windows with over half of the requests failed. A window without requests continues the one
 * before it; the next window with requests speaks for itself again. Nothing is claimed after the last request.
 */
export function downSpans(windows: Windows): readonly DownSpan[] {
  const spans: { from: EpochMs; to: EpochMs }[] = []
  let down: { from: EpochMs; to: EpochMs } | null = null
  for (const [at, tally] of inOrder(windows)) {
    if (tally.requests === 0) continue
    const isDown = tally.failed * 2 > tally.requests
    if (down) down.to = isDown ? at + WINDOW_MS : at
    if (isDown && !down) {
      down = { from: at, to: at + WINDOW_MS }
      spans.push(down)
    }
    if (!isDown) down = null
  }
  return spans
}

/**
 * Downtime in milliseconds: the sum of the down windows.
 *
 * Windows are counted from the first failed request where its time is known and the outage is one stretch. Otherwise
 * the phase of the clock would decide: of an outage from 10:00:05 to 10:13:05 the first and the last window on the
 * clock's tens are half failed each, and 13 minutes would read 770 s.
 */
export function downtimeMs(windows: Windows, edges?: FailureEdges): number {
  const spans = downSpans(windows)
  const onClock = spans.reduce((sum, span) => sum + span.to - span.from, 0)
  const [only] = spans
  if (!only || spans.length > 1 || !edges) return onClock
  const fromFirst = windowsFromFirstFailure(windows, only, edges)
  return fromFirst === null ? onClock : fromFirst * WINDOW_MS
}

/** Windows from the first failure to the first success, or null where that is not the stretch's own edge. */
function windowsFromFirstFailure(windows: Windows, span: DownSpan, edges: FailureEdges): number | null {
  const { firstFailureAt: first, lastFailureAt: last } = edges
  if (first === null || last === null) return null
  if (first < span.from - WINDOW_MS || first >= span.from + WINDOW_MS || last >= span.to + WINDOW_MS)
    return null
  const failed = [...windows.values()].reduce((sum, tally) => sum + tally.failed, 0)
  // The first success comes one request after the last failure; how far that is, the failures' own spacing tells.
  const spacingMs = failed > 1 ? (last - first) / (failed - 1) : 0
  const exact = (last - first + spacingMs) / WINDOW_MS
  const count = Math.ceil(exact - 0.5)
  const onClock = (span.to - span.from) / WINDOW_MS
  // The clock's phase moves the count by one at most; anything else means that the edges belong to other failures.
  return Math.abs(count - onClock) <= 1 ? count : null
}

/** Every window weighted by the share of its requests that failed; one without requests goes on as the one before. */
export function partialOutageMs(windows: Windows): number {
  let sum = 0
  let previous: { at: EpochMs; share: number } | null = null
  for (const [at, tally] of inOrder(windows)) {
    if (tally.requests === 0) continue
    // Silence after a window that was down is more of the same; silence after a working one is just silence.
    if (previous && previous.share > 0.5) sum += previous.share * (at - previous.at - WINDOW_MS)
    const share = tally.failed / tally.requests
    sum += share * WINDOW_MS
    previous = { at, share }
  }
  return Math.round(sum)
}

function inOrder(windows: Windows): readonly (readonly [EpochMs, Tally])[] {
  return [...windows].toSorted(([a], [b]) => a - b)
}
