import { createLatencyBuckets } from './latency-buckets.ts'
import type { LatencyBuckets } from './latency-buckets.ts'
import { sumOf } from './route-sum.ts'
import type { RouteSum } from './route-sum.ts'
import type { SecondReport } from './shoppers-protocol.ts'

/** What users felt over the last seconds. Shares are 0…1; all zero where nothing ended. */
export type LoadFigures = {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly failed: number
  readonly errorRate: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly inFlight: number
  readonly routes: readonly RouteFigures[]
}

export type RouteFigures = {
  readonly route: string
  readonly requests: number
  readonly failed: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** The seconds given, as one; the share of time that they cover is their number. */
export function loadFigures(seconds: readonly SecondReport[]): LoadFigures {
  const routes = new Map<string, RouteSum>()
  const all = createLatencyBuckets()
  for (const second of seconds) {
    for (const [route, count] of Object.entries(second.routes)) {
      const sum = sumOf(routes, route)
      sum.requests += count.requests
      sum.failed += count.failed
      sum.latency.addCounts(count.latency)
      all.addCounts(count.latency)
      for (const [outcome, times] of Object.entries(count.outcomes))
        sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + times
    }
  }
  const sums = [...routes.values()]
  const requests = sums.reduce((total, sum) => total + sum.requests, 0)
  const failed = sums.reduce((total, sum) => total + sum.failed, 0)
  return {
    requestsPerSecond: requests / Math.max(1, seconds.length),
    requests,
    failed,
    errorRate: failed / Math.max(1, requests),
    ...quantiles(all),
    inFlight: seconds.at(-1)?.inFlight ?? 0,
    routes: [...routes].map(([route, { latency, ...counts }]) => ({
      route,
      ...counts,
      ...quantiles(latency),
    })),
  }
}

function quantiles(latency: LatencyBuckets): { p50Ms: number; p95Ms: number; p99Ms: number } {
  return { p50Ms: latency.quantile(0.5), p95Ms: latency.quantile(0.95), p99Ms: latency.quantile(0.99) }
}
