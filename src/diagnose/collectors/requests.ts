import { routeWindows, spanWindows, sumTallies } from '../../detect/index.ts'
import { incidentSpan } from '../../incident/index.ts'
import type { RouteStats, Tally } from '../../telemetry/index.ts'
import type { EpochMs } from '../../time.ts'
import { WINDOW_MS, windowStart } from '../../time.ts'
import type { Evidence } from '../evidence.ts'
import type { Finding, FindingKind } from '../finding.ts'
import type { Collector } from './collector.ts'

const FEWEST_REQUESTS = 5
/** A release needs time to reach all instances; failures within this are there from its start. */
const ROLLOUT_MS = 60_000

/** How requests fail: which routes, wholly or partly, from the start or after a while. */
export const collectFromRequests: Collector = async ({ evidence, range }) => {
  const { requests } = evidence
  if (requests.requests === 0) return []
  if (requests.failed === 0)
    return [
      made('no-failed-requests', { summary: `none of ${requests.requests} requests failed`, strength: 0.8 }),
    ]
  const failing = requests.routes.filter((route) => route.failed > 0).slice(0, 5)
  const start = startOf(evidence, range?.deployedAt ?? null)
  const worst = failing[0]
  return [
    ...(worst ? [...shareOf(worst, evidence), ...courseOf(worst, start), ...latencyOf(worst)] : []),
    ...healthyRoutes(requests.routes, evidence),
    ...trafficOf(evidence),
  ]
}

/** From when the failing code was there: the release or the start of the program; else the first request. */
type Start = { readonly at: EpochMs | null; readonly known: 'release' | 'process' | null }

function startOf(evidence: Evidence, deployedAt: EpochMs | null): Start {
  const onset = evidence.detection.onsetAt ?? Infinity
  const deploys = evidence.deploys.map((deploy) => deploy.at).filter((at) => at <= onset + ROLLOUT_MS)
  const release =
    deployedAt !== null && deployedAt <= onset + ROLLOUT_MS
      ? deployedAt
      : (deploys.toSorted((a, b) => b - a)[0] ?? null)
  const began = evidence.process?.readyAt ?? evidence.process?.startedAt ?? null
  if (began !== null && began <= onset) return { at: began, known: 'process' }
  if (release !== null) return { at: release, known: 'release' }
  return { at: evidence.requests.firstAt, known: null }
}

/** The windows between the onset and the end of the incident, oldest first. */
function during(route: RouteStats, from: EpochMs | null, until: EpochMs | null): readonly Tally[] {
  return [...route.windows]
    .filter(([at]) => (from === null || at >= windowStart(from)) && (until === null || at <= until))
    .toSorted(([a], [b]) => a - b)
    .map(([, tally]) => tally)
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce<{ requests: number; failed: number }>(
    (total, one) => ({ requests: total.requests + one.requests, failed: total.failed + one.failed }),
    { requests: 0, failed: 0 },
  )
}

/** The same figures as the review's impact has them, to the request. */
function figuresOf(route: RouteStats, { detection, requests }: Evidence): Tally {
  const span = incidentSpan(detection, requests)
  const observed = { from: requests.firstAt, to: requests.lastAt }
  const { requests: asked, failed } = sumTallies(
    spanWindows(routeWindows(route, requests, span), span, observed).values(),
  )
  return { requests: Math.round(asked), failed }
}

function shareOf(route: RouteStats, evidence: Evidence): readonly Finding[] {
  const inside = figuresOf(route, evidence)
  const tally = inside.requests >= FEWEST_REQUESTS ? inside : route
  if (tally.requests < FEWEST_REQUESTS) return []
  const share = tally.failed / tally.requests
  const summary = `${tally.failed} of ${tally.requests} requests to ${route.route} failed (${(share * 100).toFixed(1)} %)`
  const details = { summary, strength: 1, route: route.route, observedAt: route.firstFailureAt }
  // The first and the last window of an outage are mixed: a total failure reads as a little less than all.
  if (share >= 0.93) return [made('route-fails-always', details)]
  return [made('route-fails-partly', { ...details, strength: share <= 0.8 ? 1 : 0.5 })]
}

function healthyRoutes(routes: readonly RouteStats[], evidence: Evidence): readonly Finding[] {
  const { onsetAt, endedAt } = evidence.detection
  const healthy = routes.filter((route) => {
    const tally = sum(during(route, onsetAt, endedAt))
    return tally.requests >= FEWEST_REQUESTS && tally.failed / tally.requests <= 0.005
  })
  const first = healthy[0]
  if (!first) return []
  const names = healthy.slice(0, 3).map((route) => route.route)
  const summary = `${names.join(', ')} stayed healthy meanwhile`
  return [made('healthy-route', { summary, strength: 0.8, route: first.route, observedAt: onsetAt })]
}

/** Does it fail from the start on, at a constant share, or only after a time in which it worked? */
function courseOf(route: RouteStats, start: Start): readonly Finding[] {
  if (start.at === null || route.firstFailureAt === null) return []
  const windows = during(route, start.at, route.lastFailureAt)
  const total = sum(windows)
  if (total.requests < 2 * FEWEST_REQUESTS) return []
  return worksThenFails(route, start, windows) ?? constantOrRising(route, start, windows)
}

/** The first requests work, and from some moment on nearly all fail: what runs out behaves so. */
function worksThenFails(
  route: RouteStats,
  start: Start,
  windows: readonly Tally[],
): readonly Finding[] | null {
  if (start.known === null || start.at === null || route.firstFailureAt === null) return null
  const delayMs = route.firstFailureAt - start.at
  const firstFailing = windows.findIndex((tally) => tally.failed > 0)
  const upTo = sum(windows.slice(0, firstFailing + 1))
  const after = sum(windows.slice(firstFailing + 1))
  const worked = upTo.requests - upTo.failed
  const perMs = upTo.requests / ((firstFailing + 1) * WINDOW_MS)
  const enough = start.known === 'release' ? delayMs >= ROLLOUT_MS : delayMs * perMs >= FEWEST_REQUESTS
  const later = after.requests === 0 ? 0 : after.failed / after.requests
  if (!enough || worked < FEWEST_REQUESTS || later < 0.9) return null
  const summary = `${route.route} answered for ${seconds(delayMs)} after the ${start.known === 'release' ? 'release' : 'start'}, then ${Math.round(later * 100)} % of requests failed`
  return [
    made('failures-grow', { summary, strength: 0.9, route: route.route, observedAt: route.firstFailureAt }),
  ]
}

function constantOrRising(route: RouteStats, start: Start, windows: readonly Tally[]): readonly Finding[] {
  const third = Math.max(1, Math.floor(windows.length / 3))
  const early = sum(windows.slice(0, third))
  const late = sum(windows.slice(-third))
  if (early.requests === 0 || late.requests === 0) return []
  const [first, last] = [early.failed / early.requests, late.failed / late.requests]
  const noise = 2.5 * Math.sqrt(0.25 / early.requests + 0.25 / late.requests)
  const details = { route: route.route, observedAt: route.firstFailureAt }
  if (
    windows.length >= 3 &&
    last - first > Math.max(0.15, noise) &&
    (start.known !== null || risesInSteps(windows))
  ) {
    const summary = `the failing share of ${route.route} rose from ${Math.round(first * 100)} % to ${Math.round(last * 100)} %`
    return [made('failures-grow', { ...details, summary, strength: start.known === null ? 0.6 : 0.9 })]
  }
  if (Math.abs(last - first) > Math.max(0.1, noise)) return []
  const since =
    start.known === null ? 'the first request' : start.known === 'release' ? 'the release' : 'the start'
  const summary = `${route.route} fails at a constant share (${Math.round(last * 100)} %) since ${since}`
  return [made('failures-from-start', { ...details, summary, strength: start.known === null ? 0.5 : 0.9 })]
}

/** A jump in one window is an event; a slope over several is something that fills up or runs out. */
function risesInSteps(windows: readonly Tally[]): boolean {
  const shares = windows.filter((tally) => tally.requests > 0).map((tally) => tally.failed / tally.requests)
  const between = shares.filter((share) => share > 0.1 && share < 0.85)
  const rises = shares.slice(1).filter((share, index) => share > (shares[index] ?? 0)).length
  return between.length >= 2 && rises >= 2
}

function latencyOf(route: RouteStats): readonly Finding[] {
  const timedOut = route.answers.get('timed-out') ?? 0
  const { latency } = route
  const slow = latency !== null && latency.p95 >= 2000
  if (!slow && timedOut < Math.max(2, route.requests * 0.02)) return []
  const words =
    latency === null
      ? ''
      : `, half took over ${Math.round(latency.p50)} ms and 5 % over ${Math.round(latency.p95)} ms`
  const summary = `requests to ${route.route} became slow${words}${timedOut > 0 ? `; ${timedOut} got no answer in time` : ''}`
  return [
    made('latency-grows', { summary, strength: 0.8, route: route.route, observedAt: route.firstFailureAt }),
  ]
}

const SURGE = 2.5

function trafficOf(evidence: Evidence): readonly Finding[] {
  const { onsetAt } = evidence.detection
  // What we send ourselves comes at the rate that was asked for.
  if (onsetAt === null || evidence.requests.origin !== 'access-log') return []
  const windows = [...evidence.requests.windows].toSorted(([a], [b]) => a - b)
  // The minute before the onset counts as "after": a surge comes first, the failures follow.
  const before = windows.filter(([at]) => at < onsetAt - 60_000).map(([, tally]) => tally.requests)
  const after = windows.filter(([at]) => at >= onsetAt - 30_000).map(([, tally]) => tally.requests)
  if (before.length < 12 || after.length < 2) return []
  const ratio = median(after) / Math.max(1, median(before))
  if (ratio < SURGE) return []
  const summary = `requests per 10 s went from ${median(before)} to ${median(after)} (${ratio.toFixed(1)} times)`
  return [made('traffic-grows', { summary, strength: Math.min(1, ratio / 5), observedAt: onsetAt })]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function seconds(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`
}

function made(
  kind: FindingKind,
  details: { summary: string; strength: number; route?: string; observedAt?: EpochMs | null },
): Finding {
  return {
    kind,
    summary: details.summary,
    observedAt: details.observedAt ?? null,
    source: 'requests',
    subject: details.route === undefined ? {} : { route: details.route },
    strength: details.strength,
    evidence: null,
  }
}
