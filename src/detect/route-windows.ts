import type { RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'
import type { TimeSpan } from './span-windows.ts'

const ALWAYS: TimeSpan = { from: null, to: null }

/**
 * A route's windows that touch the span, with nothing missing. Over a long log of many routes the windows without
 * failures are not all kept per route (memory is bounded); left out, they would make every failure look like an
 * outage. What is missing is spread over the windows that the route lacks, in proportion to the traffic of all routes
 * there, which is kept whole.
 */
export function routeWindows(
  route: RouteStats,
  requests: RequestSummary,
  span: TimeSpan = ALWAYS,
): ReadonlyMap<EpochMs, Tally> {
  let kept = 0
  let elsewhere = requests.requests
  for (const [at, own] of route.windows) {
    kept += own.requests
    elsewhere -= requests.windows.get(at)?.requests ?? 0
  }
  const missing = route.requests - kept
  if (missing <= 0 || elsewhere <= 0) return route.windows
  const windows = new Map<EpochMs, Tally>()
  for (const [at, all] of requests.windows) {
    if (at + WINDOW_MS <= (span.from ?? -Infinity) || at > (span.to ?? Infinity)) continue
    windows.set(at, route.windows.get(at) ?? { requests: (all.requests * missing) / elsewhere, failed: 0 })
  }
  return windows
}
