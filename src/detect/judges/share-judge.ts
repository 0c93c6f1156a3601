import type { ErrorRateRule, LatencyRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { createWatchState, watchProportion } from '../proportion-watch.ts'
import type { ProportionLimits, WatchState, WatchVerdict } from '../proportion-watch.ts'
import type { RequestView } from '../request-board.ts'
import { CELL_MS, cellOf } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { shareSign } from './share-sign.ts'

type ShareRule = { readonly name: string; readonly rule: ErrorRateRule | LatencyRule }

/** Caches fill and processes warm up after each deploy: answers that are slow for less than 20 s are let pass. */
const SLOW_CELLS = 20_000 / CELL_MS
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
      ? { kind: 'failed', limit: rule.above, leastCells: 6 }
      : { kind: 'slow', limit: rule.share, leastCells: SLOW_CELLS }
  const context = { watched, name, rule, limits }
  /** Routes that were told of stay so while they are wrong, also when the whole service is by then. */
  const toldRoutes = new Set<RequestSeries>()
  /** Routes that went wrong together with the whole service: it has told of them, also when it is well before them. */
  const coveredRoutes = new Set<RequestSeries>()

  function verdictOf(series: RequestSeries, nowCell: number): WatchVerdict | null {
    const state = states.get(series) ?? createWatchState()
    states.set(series, state)
    const verdict = watchProportion(series, state, { nowCell, limits })
    if (verdict === null || series.head > nowCell - NO_REQUESTS_CELLS) return verdict
    states.set(series, { ...createWatchState(), cell: state.cell, usual: state.usual })
    return null
  }

  function signsOf(view: RequestView, now: EpochMs): LiveSign[] {
    const nowCell = cellOf(now)
    const signs: LiveSign[] = []
    const whole = rule.route === '*' ? verdictOf(view.total, nowCell) : null
    if (whole)
      signs.push(shareSign(context, view, { route: null, series: view.total, verdict: whole, nowCell }))
    const { critical } = watched.policyOf(view.service)
    for (const [route, series] of view.routes) {
      if (!isJudged.route(route)) continue
      const verdict = verdictOf(series, nowCell)
      if (verdict === null) {
        toldRoutes.delete(series)
        coveredRoutes.delete(series)
        continue
      }
      const isTold = toldRoutes.has(series) || critical.includes(route)
      if (whole !== null && !isTold) coveredRoutes.add(series)
      if (coveredRoutes.has(series)) continue
      toldRoutes.add(series)
      signs.push(shareSign(context, view, { route, series, verdict, nowCell }))
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
