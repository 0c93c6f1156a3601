import { isHealthProbe, routeWindows, type TimeSpan } from '../detect/index.ts'
import type { RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/**
 * The routes that stand for users: all but health checks, which would hide an outage (they stay green while every
 * user fails) or dilute it. Where nothing else was asked, or nothing else failed, health checks are all there is.
 */
export function userRoutes<Route extends Pick<RouteStats, 'route' | 'failed'>>(
  routes: readonly Route[],
): readonly Route[] {
  const users = routes.filter(({ route }) => !isHealthProbe(route))
  return users.some(({ failed }) => failed > 0) ? users : routes
}

/** The windows of all requests without those to health checks, by the same rule as {@link userRoutes}. */
export function userWindows(requests: RequestSummary, span: TimeSpan): ReadonlyMap<EpochMs, Tally> {
  const users = new Set(userRoutes(requests.routes).map(({ route }) => route))
  const probes = requests.routes.filter(({ route }) => !users.has(route))
  if (probes.length === 0) return requests.windows
  // Taken from the whole, for the whole is exact: of many routes the single ones are kept in part only.
  const perProbe = probes.map((probe) => routeWindows(probe, requests, span))
  return new Map([...requests.windows].map(([at, all]) => [at, without(all, perProbe, at)]))
}

function without(all: Tally, probes: readonly ReadonlyMap<EpochMs, Tally>[], at: EpochMs): Tally {
  let { requests, failed } = all
  for (const windows of probes) {
    requests -= windows.get(at)?.requests ?? 0
    failed -= windows.get(at)?.failed ?? 0
  }
  // Where a probe's windows are an estimate, the difference may miss by a fraction.
  return { requests: Math.max(Math.round(requests), failed, 0), failed: Math.max(0, failed) }
}
