import { createLatencyBuckets } from '../load/latency-buckets.ts'
import type { LatencyBuckets } from '../load/latency-buckets.ts'
import type { RouteCount } from '../load/shoppers-protocol.ts'

type Counting = {
  requests: number
  failed: number
  readonly outcomes: Record<string, number>
  readonly latency: LatencyBuckets
}

/** Counts answers by route until they are taken, once a second. A status under 0: the client left without one. */
export function createSecondCounter(): {
  add(route: string, answer: { readonly status: number; readonly durationMs: number }): void
  take(): Readonly<Record<string, RouteCount>>
} {
  let routes = new Map<string, Counting>()
  return {
    add(route, { status, durationMs }) {
      const count = routes.get(route) ?? {
        requests: 0,
        failed: 0,
        outcomes: {},
        latency: createLatencyBuckets(),
      }
      routes.set(route, count)
      const outcome = status < 0 ? 'client-left' : String(status)
      count.requests += 1
      if (status < 0 || status >= 500) count.failed += 1
      count.outcomes[outcome] = (count.outcomes[outcome] ?? 0) + 1
      count.latency.add(durationMs)
    },
    take() {
      const taken = [...routes].map(([route, { latency, ...counts }]) => [
        route,
        { ...counts, latency: latency.counts() },
      ])
      routes = new Map()
      return Object.fromEntries(taken) as Record<string, RouteCount>
    },
  }
}
