import type { ErrorRateRule, LatencyRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import type { ProportionLimits } from '../proportion-watch.ts'
import type { RequestView } from '../request-board.ts'
import { CELL_MS, cellOf } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'
import { createRecentDeploys } from '../recent-deploys.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import { shareSign } from './share-sign.ts'
import { createShareStates } from './share-states.ts'
import type { Keyed, Look } from './share-states.ts'

type ShareRule = { readonly name: string; readonly rule: ErrorRateRule | LatencyRule }

/** Caches fill and processes warm up after each deploy: answers that are slow for less than 20 s are let pass. */
const SLOW_CELLS = 20_000 / CELL_MS
/** A stall of a second or two makes slow all that begins in it: it is one thing that happened, not many. */
const STALL_CELLS = 2500 / CELL_MS
/** Two seconds of answering nobody are let pass, as all instances starting at once are; just after a deploy three. */
const OUTAGE_CELLS = 2500 / CELL_MS
const DEPLOY_OUTAGE_CELLS = 3500 / CELL_MS

/**
 * Too many requests fail, or are slow: for each service over all its routes, as its users see them, and for each route.
 *
 * How urgent: by the share of all requests of the service. A route that few ask for is P4, whatever it does, unless it is
 * critical; so is a service that only other services call, for its callers' users tell what it means. Slow is one step
 * less urgent than failed.
 */
export function createShareJudge(watched: Watched, { name, rule }: ShareRule): Judge {
  const isJudged = { service: globMatcher(rule.service), route: globMatcher(rule.route) }
  const limits = limitsOf(rule)
  const states = createShareStates()
  const deploys = createRecentDeploys()
  /** Routes that were told of stay so while they are wrong, also when the whole service is by then. */
  const toldRoutes = new Set<RequestSeries>()
  /** Routes that went wrong together with the whole service: it has told of them, also when it is well before them. */
  const coveredRoutes = new Set<RequestSeries>()

  function signsOf(view: RequestView, now: EpochMs): LiveSign[] {
    const nowCell = cellOf(now)
    const deployedAt = deploys.latest(view.service, now)
    const outageCells = deployedAt === null ? OUTAGE_CELLS : DEPLOY_OUTAGE_CELLS
    const look: Look = { nowCell, limits: { ...limits, outageCells } }
    const context = { watched, name, rule, limits, deployedAt }
    const signs: LiveSign[] = []
    const whole = rule.route === '*' ? states.verdict(keyed(view, null, view.total), look) : null
    if (whole)
      signs.push(shareSign(context, view, { route: null, series: view.total, verdict: whole, nowCell }))
    const { critical } = watched.policyOf(view.service)
    for (const [route, series] of view.routes) {
      if (!isJudged.route(route)) continue
      const verdict = states.verdict(keyed(view, route, series), look)
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

  const views = (): RequestView[] =>
    [...watched.board.services()].flatMap((service) => watched.board.judged(service) ?? [])
  return {
    observe: deploys.observe,
    snapshot: () => states.usual(views().flatMap(seriesOf)),
    restore: states.restore,
    judge: (now) =>
      views()
        .filter(({ service }) => isJudged.service(service))
        .flatMap((view) => signsOf(view, now)),
  }
}

function limitsOf(rule: ErrorRateRule | LatencyRule): ProportionLimits {
  const outageCells = OUTAGE_CELLS
  return rule.kind === 'error-rate'
    ? { kind: 'failed', limit: rule.above, leastCells: 6, burstCells: 1, outageCells }
    : { kind: 'slow', limit: rule.share, leastCells: SLOW_CELLS, burstCells: STALL_CELLS, outageCells }
}

function seriesOf(view: RequestView): readonly Keyed[] {
  const routes = [...view.routes].map(([route, series]) => keyed(view, route, series))
  return [keyed(view, null, view.total), ...routes]
}

/** By its key a series is known again after a restart. */
function keyed({ service, origin }: RequestView, route: string | null, series: RequestSeries): Keyed {
  return { key: `${service}\u0000${origin}\u0000${route ?? ''}`, series }
}
