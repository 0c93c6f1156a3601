import type { Detection } from '../detect/index.ts'
import type { LogDigest, ProcessRecord, RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import { WINDOW_MS, windowStart, type EpochMs } from '../time.ts'
import { downtimeMs, partialOutageMs } from './downtime.ts'
import { impactAreas } from './impact-areas.ts'
import type { Impact } from './impact.ts'

export type ImpactInput = {
  readonly detection: Detection | null
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
}

type Scope = { readonly from: EpochMs; readonly to: EpochMs }

/** Less than this before the onset is the start of the observation, not a time when all was well. */
const LEAD_IN_MS = 3 * WINDOW_MS

/**
 * What users felt between the onset and the end. Requests count for the routes that failed; those of the time before,
 * when all was well, do not, or a short outage in a long log would look harmless.
 */
export function assessImpact(input: ImpactInput): Impact {
  const { detection, requests } = input
  const scope = scopeOf(detection, requests)
  const routes = requests.routes.map((route) => cut(route, scope)).filter((route) => route.requests > 0)
  const failing = routes.filter((route) => route.failed > 0)
  const windows = new Map([...requests.windows].filter(([at]) => isInside(at, scope)))
  const tally = sum(failing)
  const figures = {
    ...tally,
    errorRate: tally.requests === 0 ? 0 : tally.failed / tally.requests,
    all: sum([...windows.values()]),
    routes: failing.toSorted((a, b) => b.failed - a.failed),
    healthyRoutes: routes.filter((route) => route.failed === 0),
    downtimeMs: detection ? downtimeMs(windows, edgesOf(failing)) : 0,
    partialOutageMs: detection ? partialOutageMs(windows) : 0,
    errorOccurrences: occurrences(input),
    usersAffected: requests.usersAffected,
  }
  return { ...figures, areas: impactAreas({ ...input, figures }) }
}

function scopeOf(detection: Detection | null, requests: RequestSummary): Scope {
  const onsetAt = detection?.onsetAt ?? null
  const endedAt = detection?.endedAt ?? null
  const isLeadIn = onsetAt === null || requests.firstAt === null || onsetAt - requests.firstAt < LEAD_IN_MS
  return {
    from: isLeadIn ? -Infinity : windowStart(onsetAt),
    to: endedAt === null ? Infinity : windowStart(endedAt) + WINDOW_MS,
  }
}

function isInside(at: EpochMs, scope: Scope): boolean {
  return at >= scope.from && at < scope.to
}

/** The route as if only the scope had been observed. */
function cut(route: RouteStats, scope: Scope): RouteStats {
  if (scope.from === -Infinity && scope.to === Infinity) return route
  const windows = new Map([...route.windows].filter(([at]) => isInside(at, scope)))
  const first = route.firstFailureAt
  const last = route.lastFailureAt
  return {
    ...route,
    ...sum([...windows.values()]),
    windows,
    // Where the known edge lies outside, the next best one is not known: null, not a guess.
    firstFailureAt: first !== null && isInside(first, scope) ? first : null,
    lastFailureAt: last !== null && isInside(last, scope) ? last : null,
  }
}

function edgesOf(routes: readonly RouteStats[]): {
  firstFailureAt: EpochMs | null
  lastFailureAt: EpochMs | null
} {
  const firsts = routes.map((route) => route.firstFailureAt)
  const lasts = routes.map((route) => route.lastFailureAt)
  const isKnown = routes.length > 0 && !firsts.includes(null) && !lasts.includes(null)
  if (!isKnown) return { firstFailureAt: null, lastFailureAt: null }
  return {
    firstFailureAt: Math.min(...firsts.filter((at) => at !== null)),
    lastFailureAt: Math.max(...lasts.filter((at) => at !== null)),
  }
}

function occurrences({ detection, logs }: ImpactInput): number {
  const failing = new Set(detection?.failingFingerprints)
  return logs.fingerprints
    .filter((one) => failing.has(one.id) && isLoud(one.severityText, one.exception !== null))
    .reduce((total, one) => total + one.count, 0)
}

function isLoud(severityText: string, isException: boolean): boolean {
  return isException || severityText === 'ERROR' || severityText === 'FATAL'
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, tally) => ({ requests: total.requests + tally.requests, failed: total.failed + tally.failed }),
    { requests: 0, failed: 0 },
  )
}
