import { sumOf } from './route-sum.ts'
import type { RouteSum } from './route-sum.ts'
import { isFailure } from './shop-request.ts'
import type { Outcome } from './shop-request.ts'
import type { RouteCount } from './shoppers-protocol.ts'

/** Counts what ends, until it is asked. */
export type SecondRecorder = {
  started(behindMs: number): void
  ended(route: string, outcome: Outcome, latencyMs: number): void
  /** What was counted since the last call. */
  take(): {
    readonly started: number
    readonly behindMs: number
    readonly routes: Readonly<Record<string, RouteCount>>
  }
  /** Since the beginning. */
  readonly totals: { readonly requests: number; readonly failed: number }
}

export function createSecondRecorder(): SecondRecorder {
  let routes = new Map<string, RouteSum>()
  let started = 0
  let longestBehindMs = 0
  const totals = { requests: 0, failed: 0 }

  return {
    started(behindMs) {
      started += 1
      longestBehindMs = Math.max(longestBehindMs, behindMs)
    },
    ended(route, outcome, latencyMs) {
      const sum = sumOf(routes, route)
      const failed = isFailure(outcome) ? 1 : 0
      sum.requests += 1
      sum.failed += failed
      sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + 1
      sum.latency.add(latencyMs)
      totals.requests += 1
      totals.failed += failed
    },
    take() {
      const taken = {
        started,
        behindMs: longestBehindMs,
        routes: Object.fromEntries(
          [...routes].map(([route, { latency, ...counts }]) => [
            route,
            { ...counts, latency: latency.counts() },
          ]),
        ),
      }
      routes = new Map()
      started = 0
      longestBehindMs = 0
      return taken
    },
    totals,
  }
}
