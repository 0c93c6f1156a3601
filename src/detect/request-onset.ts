import type { RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { dateOnset, type Onset } from './onset.ts'
import { findShift, type Point, type Shift } from './shift.ts'
import { routeWindows } from './route-windows.ts'
import { spanWindows, sumTallies } from './span-windows.ts'

/** A route looked at on its own, with the onset that its failures show. */
type RouteOnset = Onset & { readonly route: string; readonly windows: Windows; readonly failed: number }

type Windows = ReadonlyMap<EpochMs, Tally>

/** The onset over all routes that failed together, and what they felt from then on. */
export type RequestOnset = Onset & Tally & { readonly routes: readonly string[] }

/** Only the worst are looked at one by one: the rest adds nothing to the onset but time. */
const MAX_ROUTES = 40
/** A steady share of failures below this, over many requests, is how the service always was. */
const NOISE_SHARE = 0.005
const MANY_REQUESTS = 1000

/**
 * When requests began to fail. Each route is judged on its own, since one of many may fail; the earliest onset that
 * overlaps the strongest one counts. Null where nothing failed, or where failures are only the usual background.
 */
export function requestOnset(requests: RequestSummary): RequestOnset | null {
  const onsets = requests.routes
    .filter((route) => route.failed > 0)
    .slice(0, MAX_ROUTES)
    .map((route) => routeOnset(route, requests))
    .filter((onset) => onset !== null)
  const strongest = onsets.toSorted((a, b) => b.failed - a.failed)[0]
  if (!strongest) return null
  const together = onsets.filter((onset) => overlaps(onset, strongest))
  const earliest = together.toSorted((a, b) => a.onsetAt - b.onsetAt)[0] ?? strongest
  const ends = together.map((onset) => onset.endedAt)
  const { rate, before } = strongest
  const endedAt = ends.includes(null) ? null : Math.max(...ends.filter((end) => end !== null))
  const observed = { from: requests.firstAt, to: requests.lastAt }
  const span = { from: before === null ? null : earliest.onsetAt, to: endedAt }
  const tallies = together.flatMap(({ windows }) => [...spanWindows(windows, span, observed).values()])
  const detectedAt = Math.min(...together.map((onset) => onset.detectedAt))
  const routes = together.map(({ route }) => route)
  return {
    onsetAt: earliest.onsetAt,
    detectedAt,
    endedAt,
    rate,
    before,
    routes,
    ...rounded(sumTallies(tallies)),
  }
}

/** Windows that were filled in hold fractions of requests. */
function rounded({ requests, failed }: Tally): Tally {
  return { requests: Math.round(requests), failed }
}

function routeOnset(route: RouteStats, requests: RequestSummary): RouteOnset | null {
  const windows = routeWindows(route, requests)
  const points = toPoints(windows)
  const base = { route: route.route, windows }
  const edges = { first: route.firstFailureAt, last: route.lastFailureAt }
  const shift = findShift(points, Math.min(requests.routes.length, MAX_ROUTES))
  if (shift && !isNoise(requests, { failed: route.failed, requests: route.requests, rate: shift.rateIn })) {
    return { ...dateOnset(points, shift, edges), ...base, failed: hitsOf(points, shift) }
  }
  const rate = route.failed / Math.max(route.requests, 1)
  if (isNoise(requests, { failed: route.failed, requests: route.requests, rate })) return null
  const steady = steadyStretch(points)
  if (!steady) return null
  return { ...dateOnset(points, steady, edges), ...base, failed: route.failed }
}

/** Where we send the requests ourselves nothing is background: a failure is one that somebody can look at. */
function isNoise(requests: RequestSummary, seen: Tally & { readonly rate: number }): boolean {
  if (requests.origin === 'sent') return false
  return seen.rate < NOISE_SHARE && (seen.requests >= MANY_REQUESTS || requests.requests >= MANY_REQUESTS)
}

function steadyStretch(points: readonly Point[]): Shift | null {
  const from = points.findIndex((point) => point.hits > 0)
  const to = points.findLastIndex((point) => point.hits > 0)
  if (from < 0) return null
  const inside = points.slice(from, to + 1)
  const hits = inside.reduce((sum, point) => sum + point.hits, 0)
  const exposure = inside.reduce((sum, point) => sum + point.exposure, 0)
  return { from, to, rateIn: hits / Math.max(exposure, 1), rateOut: 0, gain: 0 }
}

function hitsOf(points: readonly Point[], { from, to }: Shift): number {
  return points.slice(from, to + 1).reduce((sum, point) => sum + point.hits, 0)
}

function toPoints(windows: Windows): readonly Point[] {
  return [...windows]
    .map(([at, tally]) => ({ at, exposure: tally.requests, hits: tally.failed }))
    .toSorted((a, b) => a.at - b.at)
}

function overlaps(a: Onset, b: Onset): boolean {
  return a.onsetAt <= (b.endedAt ?? Infinity) && b.onsetAt <= (a.endedAt ?? Infinity)
}
