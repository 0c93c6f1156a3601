import { routeWindows, spanWindows, sumTallies, type Detection, type TimeSpan } from '../detect/index.ts'
import type { LogDigest, ProcessRecord, RequestSummary, RouteStats } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'
import { downtimeMs, partialOutageMs } from './downtime.ts'
import { impactAreas } from './impact-areas.ts'
import type { Impact } from './impact.ts'
import { userRoutes, userWindows } from './user-requests.ts'

export type ImpactInput = {
  readonly detection: Detection | null
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
}

/** Less than this before the onset is the start of the observation, not a time when all was well. */
const LEAD_IN_MS = 3 * WINDOW_MS
const STRAY_SHARE = 0.01

/**
 * What users felt between the onset and the end. Requests count for the routes that failed; those of the time before,
 * when all was well, do not, or a short outage in a long log would look harmless.
 */
export function assessImpact(input: ImpactInput): Impact {
  const { detection, requests } = input
  const span = incidentSpan(detection, requests)
  const routes = requests.routes
    .map((route) => cut(route, requests, span))
    .filter((route) => route.requests > 0)
  const failing = affected(routes)
  const asked = userWindows(requests, span)
  const windows = spanWindows(asked, span)
  // Downtime is judged by windows as they were seen, those at the edges too.
  const whole = new Map([...asked].filter(([at]) => windows.has(at)))
  const tally = sumTallies(failing)
  const figures = {
    ...tally,
    errorRate: tally.requests === 0 ? 0 : tally.failed / tally.requests,
    all: sumTallies(userRoutes(routes)),
    routes: failing.toSorted((a, b) => b.failed - a.failed),
    healthyRoutes: routes.filter((route) => route.failed === 0),
    downtimeMs: detection ? downtimeMs(whole, edgesOf(userRoutes(failing))) : 0,
    partialOutageMs: detection ? partialOutageMs(whole) : 0,
    errorOccurrences: occurrences(input),
    usersAffected: requests.usersAffected,
  }
  return { ...figures, areas: impactAreas({ ...input, figures }) }
}

/** Routes that failed; where one fails badly, not those with a stray failure such as they always have. */
function affected(routes: readonly RouteStats[]): readonly RouteStats[] {
  const share = (route: RouteStats): number => route.failed / route.requests
  const worst = Math.max(0, ...routes.map(share))
  return routes.filter(
    (route) => route.failed > 0 && (share(route) >= STRAY_SHARE || share(route) * 10 >= worst),
  )
}

/** The time that counts as the incident for its figures: from the onset to the end; open where there is no time before. */
export function incidentSpan(detection: Detection | null, requests: RequestSummary): TimeSpan {
  const onsetAt = detection?.onsetAt ?? null
  // The end of a program is a border as sharp as can be; other onsets need a while before them to be one.
  const leadInMs = detection?.signal === 'process-ended' ? 0 : LEAD_IN_MS
  const isLeadIn = onsetAt === null || requests.firstAt === null || onsetAt - requests.firstAt < leadInMs
  return { from: isLeadIn ? null : onsetAt, to: detection?.endedAt ?? null }
}

/** The route as if only the span had been observed. */
function cut(route: RouteStats, requests: RequestSummary, span: TimeSpan): RouteStats {
  if (span.from === null && span.to === null) return route
  const windows = spanWindows(routeWindows(route, requests, span), span, {
    from: requests.firstAt,
    to: requests.lastAt,
  })
  const { requests: asked, failed } = sumTallies(windows.values())
  const { firstFailureAt: first, lastFailureAt: last } = route
  const isInside = (at: EpochMs): boolean => at >= (span.from ?? -Infinity) && at <= (span.to ?? Infinity)
  return {
    ...route,
    requests: Math.round(asked),
    failed,
    windows,
    // Where the known edge lies outside, the next best one is not known: null, not a guess.
    firstFailureAt: first !== null && isInside(first) ? first : null,
    lastFailureAt: last !== null && isInside(last) ? last : null,
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
