import type { ErrorRateRule, LatencyRule } from '../../contract/rules.ts'
import { isHealthProbe } from '../health-route.ts'
import type { EpochMs } from '../../time.ts'
import type { Urgency } from '../live-detection.ts'
import type { ProportionLimits, WatchVerdict } from '../proportion-watch.ts'
import type { RequestView } from '../request-board.ts'
import { CELL_MS, countBetween, latencyQuantile } from '../request-series.ts'
import type { HitKind, RequestSeries } from '../request-series.ts'
import { lowered, percent, plausibleShare, urgencyOfShare } from '../severity-share.ts'
import type { LiveSign, Watched } from './judge.ts'

const MINUTE_CELLS = 60_000 / CELL_MS

export type ShareContext = {
  readonly watched: Watched
  readonly name: string
  readonly rule: ErrorRateRule | LatencyRule
  readonly limits: ProportionLimits
  /** When the service was last deployed, if that was within a minute: its restart was waited for. */
  readonly deployedAt: EpochMs | null
}

type Audience = { readonly isCritical: boolean; readonly isUsers: boolean }
/** What a share judge found; `route` null is the whole service. */
export type WrongShare = {
  readonly route: string | null
  readonly series: RequestSeries
  readonly verdict: WatchVerdict
  readonly nowCell: number
}
type Figures = WrongShare & { readonly hits: number; readonly requests: number; readonly seconds: number }

const WORDS: Readonly<Record<RequestView['origin'], string>> = {
  'access-log': 'its access log',
  spans: 'its spans',
  metrics: 'its metrics',
  probes: 'its probes',
}

/** One share of one service or route that is too much, in words and numbers. */
export function shareSign(context: ShareContext, view: RequestView, about: WrongShare): LiveSign {
  const { watched, name, limits } = context
  const { route, series, verdict, nowCell } = about
  const from = Math.max(verdict.sinceCell, nowCell - MINUTE_CELLS)
  const counts = countBetween(series, from, nowCell + MINUTE_CELLS)
  const hits = counts[limits.kind]
  const whole = route === null ? counts : countBetween(view.total, from, nowCell + MINUTE_CELLS)
  // No user waits for the answer to a health check.
  const isUsers = watched.isUserFacing(view.service) && !isHealthProbe(route ?? '')
  const isCritical = route !== null && watched.policyOf(view.service).critical.includes(route)
  const share = plausibleShare(hits, isCritical ? counts.requests : Math.max(whole.requests, counts.requests))
  const seconds = Math.max(1, Math.round(((nowCell - from) * CELL_MS) / 1000))
  const figures = { hits, requests: counts.requests, seconds }
  return {
    rule: name,
    subject: { service: view.service, route, instance: null, resource: null },
    urgency: urgencyOf(limits.kind, share, { isCritical, isUsers }),
    since: verdict.since,
    lastAt: verdict.lastAt,
    summary: summaryOf(context, view, { ...about, ...figures }),
    evidence: [
      { name: limits.kind, value: hits, unit: '{request}' },
      { name: 'requests', value: counts.requests, unit: '{request}' },
      { name: 'over', value: seconds, unit: 's' },
      { name: 'limit', value: limits.limit, unit: '1' },
      { name: 'usual', value: verdict.usual, unit: '1' },
    ],
  }
}

function urgencyOf(kind: HitKind, share: number, { isCritical, isUsers }: Audience): Urgency {
  if (!isUsers && !isCritical) return 'P4'
  // Critical is who must be answered: slow counts by its share as ever, of that route alone.
  return kind === 'slow' ? lowered(urgencyOfShare(share, false)) : urgencyOfShare(share, isCritical)
}

function summaryOf({ rule, limits, deployedAt }: ShareContext, view: RequestView, figures: Figures): string {
  const { route, hits, requests, seconds, verdict } = figures
  const what = rule.kind === 'error-rate' ? 'failed' : `took longer than ${rule.above / 1000} s`
  const where = route === null ? view.service : `${route} of ${view.service}`
  const numbers = `${hits} of ${requests} in ${seconds} s; usual ${percent(verdict.usual)}, limit ${percent(limits.limit)}`
  const sinceDeployS = deployedAt === null ? null : Math.round((verdict.since - deployedAt) / 1000)
  const deployText =
    sinceDeployS === null || sinceDeployS < 0 ? '' : `; it began ${sinceDeployS} s after a deploy`
  const most = route === null ? mostOf(view, limits.kind, figures) : ''
  const p95 = rule.kind === 'latency' ? latencyQuantile(figures.series, 0.95) : null
  const p95Text = p95 === null ? '' : `; p95 ${Math.round(p95)} ms`
  return `${percent(hits / Math.max(requests, 1))} of requests to ${where} ${what} (${numbers}${p95Text})${most}, by ${WORDS[view.origin]}${deployText}`
}

/** Where most of it is on few routes, they are named. */
function mostOf(view: RequestView, kind: HitKind, { verdict, nowCell, hits }: Figures): string {
  const from = Math.max(verdict.sinceCell, nowCell - MINUTE_CELLS)
  const worst = [...view.routes]
    .map(([route, series]) => ({ route, hits: countBetween(series, from, nowCell)[kind] }))
    .toSorted((a, b) => b.hits - a.hits)
    .slice(0, 2)
  const [first, second] = worst
  if (!first || first.hits === 0 || view.routes.size < 2) return ''
  if (first.hits >= 0.8 * hits) return `, most on ${first.route}`
  return second && first.hits + second.hits >= 0.8 * hits
    ? `, most on ${first.route} and ${second.route}`
    : ''
}
