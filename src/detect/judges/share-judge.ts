import type { ErrorRateRule, LatencyRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { createWatchState, restoredUsual, watchProportion } from '../proportion-watch.ts'
import type { ProportionLimits, WatchState, WatchVerdict } from '../proportion-watch.ts'
import type { RequestView } from '../request-board.ts'
import { CELL_MS, cellOf } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'
import { createRecentDeploys } from '../recent-deploys.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { shareSign } from './share-sign.ts'

type Keyed = { readonly key: string; readonly series: RequestSeries }
type Look = { readonly nowCell: number; readonly limits: ProportionLimits }
type ShareRule = { readonly name: string; readonly rule: ErrorRateRule | LatencyRule }

/** Caches fill and processes warm up after each deploy: answers that are slow for less than 20 s are let pass. */
const SLOW_CELLS = 20_000 / CELL_MS
/** A stall of a second or two makes slow all that begins in it: it is one thing that happened, not many. */
const STALL_CELLS = 2500 / CELL_MS
/** Two seconds of answering nobody are let pass, as all instances starting at once are; just after a deploy three. */
const OUTAGE_CELLS = 2500 / CELL_MS
const DEPLOY_OUTAGE_CELLS = 3500 / CELL_MS
/** Where nobody asks any more, nothing can be said of it: it ends. */
const NO_REQUESTS_CELLS = 300_000 / CELL_MS
/** As many series as the board keeps. */
const MAX_KEPT = 4000

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
      ? { kind: 'failed', limit: rule.above, leastCells: 6, burstCells: 1, outageCells: OUTAGE_CELLS }
      : {
          kind: 'slow',
          limit: rule.share,
          leastCells: SLOW_CELLS,
          burstCells: STALL_CELLS,
          outageCells: OUTAGE_CELLS,
        }
  const deploys = createRecentDeploys()
  /** By series' key: what was usual before a restart, until the series is there again. */
  const usualBefore = new Map<string, WatchState['usual']>()
  /** Routes that were told of stay so while they are wrong, also when the whole service is by then. */
  const toldRoutes = new Set<RequestSeries>()
  /** Routes that went wrong together with the whole service: it has told of them, also when it is well before them. */
  const coveredRoutes = new Set<RequestSeries>()

  function stateOf({ key, series }: Keyed): WatchState {
    const known = states.get(series)
    if (known) return known
    const made = { ...createWatchState(), usual: usualBefore.get(key) ?? createWatchState().usual }
    usualBefore.delete(key)
    states.set(series, made)
    return made
  }

  function verdictOf({ key, series }: Keyed, look: Look): WatchVerdict | null {
    const { nowCell } = look
    const state = stateOf({ key, series })
    const verdict = watchProportion(series, state, look)
    if (verdict === null || series.head > nowCell - NO_REQUESTS_CELLS) return verdict
    states.set(series, { ...createWatchState(), cell: state.cell, usual: state.usual })
    return null
  }

  function signsOf(view: RequestView, now: EpochMs): LiveSign[] {
    const nowCell = cellOf(now)
    const deployedAt = deploys.latest(view.service, now)
    const outageCells = deployedAt === null ? OUTAGE_CELLS : DEPLOY_OUTAGE_CELLS
    const look: Look = { nowCell, limits: { ...limits, outageCells } }
    const context = { watched, name, rule, limits, deployedAt }
    const signs: LiveSign[] = []
    const whole = rule.route === '*' ? verdictOf({ key: keyOf(view, null), series: view.total }, look) : null
    if (whole)
      signs.push(shareSign(context, view, { route: null, series: view.total, verdict: whole, nowCell }))
    const { critical } = watched.policyOf(view.service)
    for (const [route, series] of view.routes) {
      if (!isJudged.route(route)) continue
      const verdict = verdictOf({ key: keyOf(view, route), series }, look)
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

  function* usualNow(): Generator<readonly [string, number, number]> {
    for (const [key, { requests, hits }] of usualBefore) yield [key, requests, hits]
    for (const service of watched.board.services()) {
      const view = watched.board.judged(service)
      if (view === null) continue
      for (const [route, series] of [[null, view.total] as const, ...view.routes]) {
        const usual = states.get(series)?.usual
        if (usual && usual.requests > 0) yield [keyOf(view, route), usual.requests, usual.hits]
      }
    }
  }

  return {
    observe: deploys.observe,
    snapshot: () => [...usualNow()].slice(-MAX_KEPT),
    restore(kept) {
      if (!Array.isArray(kept)) return
      for (const entry of kept as readonly (readonly [string, number, number])[]) {
        const usual = restoredUsual(entry[1], entry[2])
        if (usual !== null) usualBefore.set(entry[0], usual)
      }
    },
    judge: (now) =>
      [...watched.board.services()]
        .filter(isJudged.service)
        .map((service) => watched.board.judged(service))
        .flatMap((view) => (view ? signsOf(view, now) : [])),
  }
}

/** The same series after a restart. */
function keyOf({ service, origin }: RequestView, route: string | null): string {
  return `${service}\u0000${origin}\u0000${route ?? ''}`
}
