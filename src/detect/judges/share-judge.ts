import type { ErrorRateRule, LatencyRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { isHealthProbe } from '../health-route.ts'
import type { Urgency } from '../live-detection.ts'
import { createWatchState, watchProportion } from '../proportion-watch.ts'
import type { ProportionLimits, WatchState, WatchVerdict } from '../proportion-watch.ts'
import type { RequestView } from '../request-board.ts'
import { CELL_MS, cellOf, countBetween, latencyQuantile } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'
import { lowered, percent, plausibleShare, urgencyOfShare } from '../severity-share.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'

type ShareRule = { readonly name: string; readonly rule: ErrorRateRule | LatencyRule }

const MINUTE_CELLS = 60_000 / CELL_MS
/** Where nobody asks any more, nothing can be said of it: it ends. */
const NO_REQUESTS_CELLS = 300_000 / CELL_MS

/**
 * Too many requests fail, or are slow: for each service over all its routes, as its users see them, and for each route.
 *
 * How urgent: by the share of all requests of the service. A route that few ask for is P4, whatever it does, unless it is
 * critical; so is a service that only other services call, for its callers' users tell what it means. Slow is one step
 * less urgent than failed.
 */
export function createShareJudge(watched: Watched, { name, rule }: ShareRule): Judge {
  const states = new WeakMap<RequestSeries, WatchState>()
  const isJudged = { service: globMatcher(rule.service), route: globMatcher(rule.route) }
  const limits: ProportionLimits =
    rule.kind === 'error-rate'
      ? { kind: 'failed', limit: rule.above, leastCells: 4 }
      : { kind: 'slow', limit: rule.share, leastCells: 10 }
  /** Routes that were told of stay so while they are wrong, also when the whole service is by then. */
  const toldRoutes = new Set<RequestSeries>()

  function verdictOf(series: RequestSeries, nowCell: number): WatchVerdict | null {
    const state = states.get(series) ?? createWatchState()
    states.set(series, state)
    const verdict = watchProportion(series, state, { nowCell, limits })
    if (verdict === null || series.head > nowCell - NO_REQUESTS_CELLS) return verdict
    states.set(series, { ...createWatchState(), cell: state.cell, usual: state.usual })
    return null
  }

  function signOf(view: RequestView, about: About): LiveSign {
    const { route, series, verdict, nowCell } = about
    const from = Math.max(verdict.sinceCell, nowCell - MINUTE_CELLS)
    const counts = countBetween(series, from, nowCell + MINUTE_CELLS)
    const hits = counts[limits.kind]
    const whole = route === null ? counts : countBetween(view.total, from, nowCell + MINUTE_CELLS)
    // No user waits for the answer to a health check.
    const isUsers = watched.isUserFacing(view.service) && !isHealthProbe(route ?? '')
    const isCritical = route !== null && watched.policyOf(view.service).critical.includes(route)
    const share = plausibleShare(
      hits,
      isCritical ? counts.requests : Math.max(whole.requests, counts.requests),
    )
    const seconds = Math.max(1, Math.round(((nowCell - from) * CELL_MS) / 1000))
    const figures = { hits, requests: counts.requests, seconds }
    return {
      rule: name,
      subject: { service: view.service, route, instance: null, resource: null },
      urgency: urgencyOf(share, { isCritical, isUsers }),
      since: verdict.since,
      lastAt: verdict.lastAt,
      summary: summaryOf(view, { ...about, ...figures }),
      evidence: [
        { name: limits.kind, value: hits, unit: '{request}' },
        { name: 'requests', value: counts.requests, unit: '{request}' },
        { name: 'over', value: seconds, unit: 's' },
        { name: 'limit', value: limits.limit, unit: '1' },
        { name: 'usual', value: verdict.usual, unit: '1' },
      ],
    }
  }

  function urgencyOf(share: number, { isCritical, isUsers }: Audience): Urgency {
    if (!isUsers && !isCritical) return 'P4'
    const urgency = urgencyOfShare(share, isCritical)
    return limits.kind === 'slow' ? lowered(urgency) : urgency
  }

  function summaryOf(view: RequestView, figures: Figures): string {
    const { route, hits, requests, seconds, verdict } = figures
    const what = rule.kind === 'error-rate' ? 'failed' : `took longer than ${rule.above / 1000} s`
    const where = route === null ? view.service : `${route} of ${view.service}`
    const numbers = `${hits} of ${requests} in ${seconds} s; usual ${percent(verdict.usual)}, limit ${percent(limits.limit)}`
    const most = route === null ? mostOf(view, figures) : ''
    const p95 = rule.kind === 'latency' ? latencyQuantile(figures.series, 0.95) : null
    const p95Text = p95 === null ? '' : `; p95 ${Math.round(p95)} ms`
    return `${percent(hits / Math.max(requests, 1))} of requests to ${where} ${what} (${numbers}${p95Text})${most}, by ${WORDS[view.origin]}`
  }

  /** Where most of it is on few routes, they are named. */
  function mostOf(view: RequestView, { verdict, nowCell, hits }: Figures): string {
    const from = Math.max(verdict.sinceCell, nowCell - MINUTE_CELLS)
    const worst = [...view.routes]
      .map(([route, series]) => ({ route, hits: countBetween(series, from, nowCell)[limits.kind] }))
      .toSorted((a, b) => b.hits - a.hits)
      .slice(0, 2)
    const [first, second] = worst
    if (!first || first.hits === 0 || view.routes.size < 2) return ''
    if (first.hits >= 0.8 * hits) return `, most on ${first.route}`
    return second && first.hits + second.hits >= 0.8 * hits
      ? `, most on ${first.route} and ${second.route}`
      : ''
  }

  function signsOf(view: RequestView, now: EpochMs): LiveSign[] {
    const nowCell = cellOf(now)
    const signs: LiveSign[] = []
    const whole = rule.route === '*' ? verdictOf(view.total, nowCell) : null
    if (whole) signs.push(signOf(view, { route: null, series: view.total, verdict: whole, nowCell }))
    const { critical } = watched.policyOf(view.service)
    for (const [route, series] of view.routes) {
      if (!isJudged.route(route)) continue
      const verdict = verdictOf(series, nowCell)
      const isOwn = whole === null || critical.includes(route) || toldRoutes.has(series)
      if (verdict && isOwn) {
        toldRoutes.add(series)
        signs.push(signOf(view, { route, series, verdict, nowCell }))
      } else if (!verdict) toldRoutes.delete(series)
    }
    return signs
  }

  return {
    judge: (now) =>
      [...watched.board.services()]
        .filter(isJudged.service)
        .map((service) => watched.board.judged(service))
        .flatMap((view) => (view ? signsOf(view, now) : [])),
  }
}

type Audience = { readonly isCritical: boolean; readonly isUsers: boolean }
type About = {
  readonly route: string | null
  readonly series: RequestSeries
  readonly verdict: WatchVerdict
  readonly nowCell: number
}
type Figures = About & { readonly hits: number; readonly requests: number; readonly seconds: number }

const WORDS: Readonly<Record<RequestView['origin'], string>> = {
  'access-log': 'its access log',
  spans: 'its spans',
  metrics: 'its metrics',
  probes: 'its probes',
}
