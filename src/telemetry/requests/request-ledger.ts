import type { EpochMs } from '../../time.ts'
import { createClientCount } from './client-count.ts'
import { createLatencyHistogram } from './latency-histogram.ts'
import { isFailed } from '../request.ts'
import type { RequestOutcome, RequestSummary, RouteStats } from '../request.ts'
import { createTallies, type Tallies } from './tallies.ts'

export type RequestOrigin = 'sent' | 'access-log'

/** Keeps what is known of requests, in memory that does not grow with their number. */
export type RequestLedger = {
  record(outcome: RequestOutcome, origin: RequestOrigin): void
  /** May be called at any time; what it returns does not change afterwards. */
  summary(): RequestSummary
}

/** Past this many routes, new ones are folded: first by the path's first word, then by method alone. */
const MAX_ROUTES = 500
const MAX_PREFIXES = 100
/** Windows kept over all routes, 10 s each (40 B). Past it a route gets new windows only for failures. */
const MAX_ROUTE_WINDOWS = 400_000

/**
 * Counts requests by route, window and answer.
 *
 *     sent        -> counts, always
 *     access-log  -> counts where the route is not also sent (else every request would count twice)
 *
 * What an access log said of a route is forgotten when the route is first sent.
 */
export function createRequestLedger(): RequestLedger {
  const routes = new Map<string, RouteRecord>()
  const sent = new Set<string>()
  const total = createTallies()
  const clients = createClientCount()
  const budget = { windows: MAX_ROUTE_WINDOWS }
  let accessLogClients = 0

  function forgetAccessLog(route: string): void {
    const record = routes.get(route)
    if (!record || record.origin === 'sent') return
    total.subtract(record.tallies)
    budget.windows += record.tallies.windowCount()
    routes.delete(route)
  }

  function recordOf(route: string, origin: RequestOrigin): RouteRecord {
    const name = routes.has(route) ? route : foldedRoute(route, routes)
    const known = routes.get(name)
    if (known) return known
    const record = createRouteRecord(name, origin)
    routes.set(name, record)
    return record
  }

  return {
    record(outcome, origin) {
      if (origin === 'sent' && !sent.has(outcome.route)) {
        sent.add(outcome.route)
        forgetAccessLog(outcome.route)
      } else if (origin === 'access-log' && sent.has(outcome.route)) {
        return
      }
      const record = recordOf(outcome.route, origin)
      const failed = isFailed(outcome)
      budget.windows -= record.add(outcome, failed || budget.windows > 0)
      total.add(outcome.at, failed, true)
      if (origin === 'access-log' && outcome.client !== null) {
        accessLogClients += 1
        if (failed) clients.add(outcome.client)
      }
    },
    summary() {
      const stats = [...routes.values()].map((record) => record.stats()).sort(byFailures)
      const origin = originOf([...routes.values()].map((record) => record.origin))
      const told = accessLogClients > 0 && origin !== 'sent'
      return { ...total.snapshot(), origin, routes: stats, usersAffected: told ? clients.count() : null }
    },
  }
}

function byFailures(a: RouteStats, b: RouteStats): number {
  return b.failed - a.failed || b.requests - a.requests || (a.route < b.route ? -1 : 1)
}

function originOf(origins: readonly RequestOrigin[]): RequestSummary['origin'] {
  const [first] = origins
  if (first === undefined) return 'none'
  return origins.every((origin) => origin === first) ? first : 'both'
}

/** `GET /users/x/y` past the limit is `GET /users/…`, and past that `GET /…`: bounded, as methods are. */
function foldedRoute(route: string, known: ReadonlyMap<string, unknown>): string {
  if (known.size < MAX_ROUTES) return route
  const [method = 'OTHER', path = '/'] = route.split(' ', 2)
  const prefix = `${method} /${path.split('/')[1] ?? ''}/…`
  if (known.has(prefix) || known.size < MAX_ROUTES + MAX_PREFIXES) return prefix
  return `${method} /…`
}

type RouteRecord = {
  readonly origin: RequestOrigin
  readonly tallies: Tallies
  /** Returns how many windows it opened. */
  add(outcome: RequestOutcome, mayOpenWindow: boolean): number
  stats(): RouteStats
}

function createRouteRecord(route: string, origin: RequestOrigin): RouteRecord {
  const tallies = createTallies()
  const answers = new Map<string, number>()
  const latency = createLatencyHistogram()
  let firstFailureAt: EpochMs | null = null
  let lastFailureAt: EpochMs | null = null
  return {
    origin,
    tallies,
    add(outcome, mayOpenWindow) {
      const failed = isFailed(outcome)
      const answer = outcome.noAnswer ?? String(outcome.status ?? 'unknown')
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      if (outcome.durationMs !== null) latency.add(outcome.durationMs)
      // Logs of several writers are not in order of time.
      if (failed) {
        firstFailureAt = Math.min(firstFailureAt ?? outcome.at, outcome.at)
        lastFailureAt = Math.max(lastFailureAt ?? outcome.at, outcome.at)
      }
      return tallies.add(outcome.at, failed, mayOpenWindow)
    },
    stats() {
      const { requests, failed, windows } = tallies.snapshot()
      return {
        route,
        requests,
        failed,
        windows,
        firstFailureAt,
        lastFailureAt,
        answers: new Map([...answers].sort((a, b) => b[1] - a[1])),
        latency: latency.summary(),
      }
    },
  }
}
