import { createLatencyBuckets } from './latency-buckets.ts'
import type { LatencyBuckets } from './latency-buckets.ts'

/** What ended on one route, as it is counted. */
export type RouteSum = {
  requests: number
  failed: number
  outcomes: Record<string, number>
  readonly latency: LatencyBuckets
}

/** The sum of a route, with nothing in it yet where the route is new. */
export function sumOf(routes: Map<string, RouteSum>, route: string): RouteSum {
  const known = routes.get(route)
  if (known) return known
  const sum = { requests: 0, failed: 0, outcomes: {}, latency: createLatencyBuckets() }
  routes.set(route, sum)
  return sum
}
