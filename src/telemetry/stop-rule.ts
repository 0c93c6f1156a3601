import type { EpochMs } from '../time.ts'
import type { RouteStats } from './request.ts'

/** Why watching may end now, in words; null: go on. `routes` are those that are sent, most failures first. */
export type StopRule = (
  routes: readonly RouteStats[],
  state: { readonly now: EpochMs; readonly readyAt: EpochMs },
) => string | null

/** A share between these is worth more requests: the estimate of one in two is ±0.10 (3 σ) only with 200. */
const PARTLY = { from: 0.02, to: 0.98 }
const FAILING_ENOUGH = 100
const PARTLY_ENOUGH = 200
const FAILURES_ENOUGH = 20
/** A rare failure (under one in ten) is waited for no longer than this many requests of its route. */
const RARE_ENOUGH = 400
const HEALTHY_ENOUGH = 30
/** From the first failure: what else a failure does (a pool that drains, memory that grows) takes some seconds. */
const AFTER_ONSET_MS = 8_000
const CLEAN_REQUESTS = 200
const CLEAN_MS = 30_000
const PATIENCE_MS = 120_000

/**
 * Is enough seen to say what fails and what does not?
 *
 *     something fails   every failing route has >= 100 requests (200 when it fails now and then) and 20 failures,
 *                       every other one 30, and 8 s have passed since the first failure
 *     nothing fails     200 requests and 30 s
 */
export const untilSure: StopRule = (routes, { now, readyAt }) => {
  const failing = routes.filter((route) => route.failed > 0)
  if (failing.length === 0) {
    const requests = routes.reduce((sum, route) => sum + route.requests, 0)
    if (requests < CLEAN_REQUESTS || now - readyAt < CLEAN_MS) return null
    return `none of ${requests} requests failed`
  }
  const onsetAt = Math.min(...failing.map((route) => route.firstFailureAt ?? now))
  if (now - onsetAt < AFTER_ONSET_MS) return null
  const healthy = routes.filter((route) => route.failed === 0)
  const healthyEnough = Math.min(HEALTHY_ENOUGH, Math.max(3, Math.round(300 / healthy.length)))
  const isPatient = now - readyAt < PATIENCE_MS
  const settled = isPatient
    ? failing.every(isSettled) && healthy.every((route) => route.requests >= healthyEnough)
    : failing.some(isSettled)
  if (!settled) return null
  const [worst] = failing
  return worst ? `${worst.failed} of ${worst.requests} requests to ${worst.route} failed` : null
}

function isSettled({ requests, failed }: RouteStats): boolean {
  const share = failed / requests
  if (share > PARTLY.from && share < PARTLY.to && requests < PARTLY_ENOUGH) return false
  if (requests < FAILING_ENOUGH) return false
  return failed >= FAILURES_ENOUGH || requests >= RARE_ENOUGH
}
