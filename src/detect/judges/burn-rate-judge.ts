import type { BurnRateRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { CELL_MS, cellOf, countBetween } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'
import {
  emptyMinutes,
  firstFailedMinute,
  fromEntries,
  markSeen,
  MINUTE_MS,
  setMinute,
  sumOf,
  toEntries,
} from './request-minutes.ts'
import type { Minutes, Seen } from './request-minutes.ts'

const MINUTE_CELLS = MINUTE_MS / CELL_MS
/** Sums over days need not be made anew each half second. */
const EVERY_MS = 5000
const MAX_SERVICES = 200

type Window = BurnRateRule['windows'][number]

/**
 * The error budget burns too fast: over a long window and a short one at once (Site Reliability Workbook, chapter 5,
 * "multiwindow, multi-burn-rate alerts"). A burn rate of 1 uses up the budget exactly; 14.4 for an hour uses 2 % of a
 * 30-day budget: 14.4 · 1 h / 720 h. The pages that come in seconds are the error-rate rule's: this one sees what is too
 * slow for it.
 */
export function createBurnRateJudge(
  watched: Watched,
  { name, rule }: { readonly name: string; readonly rule: BurnRateRule },
): Judge {
  const isJudged = globMatcher(rule.service)
  const services = new Map<string, Minutes>()
  let signs: readonly LiveSign[] = []
  let judgedAt = Number.NEGATIVE_INFINITY

  function objectiveOf(service: string): number | null {
    return rule.objective ?? watched.policyOf(service).objective
  }

  function judgeService(service: string, now: EpochMs): LiveSign[] {
    const objective = objectiveOf(service)
    const view = watched.board.judged(service)
    if (objective === null || objective >= 1 || view === null) return []
    if (!services.has(service) && services.size >= MAX_SERVICES) return []
    const minutes = services.get(service) ?? emptyMinutes()
    services.set(service, minutes)
    look(minutes, view.total, Math.floor(now / MINUTE_MS))
    const burning = rule.windows.map((window) => burns(minutes, { window, objective, now }))
    const worst = burning
      .filter((one) => one !== null)
      .toSorted((a, b) => b.window.factor - a.window.factor)[0]
    if (!worst) return []
    const sign = signOf(name, { service, objective, now, minutes, ...worst })
    return [watched.isUserFacing(service) ? sign : { ...sign, urgency: 'P4' }]
  }

  function burns(minutes: Minutes, { window, objective, now }: Burning): Burn | null {
    const minute = Math.floor(now / MINUTE_MS)
    const short = sumOf(minutes, minute, window.short)
    const long = sumOf(minutes, minute, window.long)
    if (short.minutes * MINUTE_MS < window.short) return null
    const burn = burnRate(long, { lastsMs: window.long, objective })
    const burnNow = burnRate(short, { lastsMs: window.short, objective })
    const isBurning = burn > window.factor && burnNow > window.factor
    return isBurning && long.failed >= rule.minimumFailed ? { window, long, rate: burn } : null
  }

  return {
    judge(now) {
      if (now - judgedAt < EVERY_MS) return signs
      judgedAt = now
      signs = [...watched.board.services()].filter(isJudged).flatMap((service) => judgeService(service, now))
      return signs
    },
    snapshot: () => [...services].map(([service, minutes]) => [service, toEntries(minutes)]),
    restore(kept) {
      if (!Array.isArray(kept)) return
      for (const [service, entries] of kept as readonly (readonly [string, unknown])[])
        services.set(service, fromEntries(entries))
    },
  }
}

/** The minute that is running and the one before it: late requests are still counted. */
function look(minutes: Minutes, series: RequestSeries, thisMinute: number): void {
  for (const minute of [thisMinute - 1, thisMinute]) {
    const from = cellOf(minute * MINUTE_MS)
    setMinute(minutes, minute, countBetween(series, from, from + MINUTE_CELLS - 1))
  }
  markSeen(minutes, thisMinute)
}

type Burning = { readonly window: Window; readonly objective: number; readonly now: EpochMs }
type Burn = { readonly window: Window; readonly long: Seen; readonly rate: number }

function signOf(
  rule: string,
  about: Burning & Burn & { readonly service: string; readonly minutes: Minutes },
): LiveSign {
  const { service, objective, window, long, rate, minutes, now } = about
  const over = `${window.long / 3_600_000} h and ${window.short / MINUTE_MS} min`
  const toGo = `at this rate a 30-day budget is gone in ${Number((720 / rate).toPrecision(2))} h`
  return {
    rule,
    subject: { service, route: null, instance: null, resource: null },
    urgency: window.urgency,
    since: firstFailedMinute(minutes, now, window.long),
    lastAt: now,
    summary: `${service} burns its error budget ${Number(rate.toPrecision(2))} times too fast (limit ${window.factor}) over ${over}: ${long.failed} of ${long.requests} requests failed, objective ${Number((objective * 100).toPrecision(6))} %; ${toGo}`,
    evidence: [
      { name: 'burn rate', value: rate, unit: '1' },
      { name: 'limit', value: window.factor, unit: '1' },
      { name: 'failed', value: long.failed, unit: '{request}' },
      { name: 'requests', value: long.requests, unit: '{request}' },
      { name: 'objective', value: objective, unit: '1' },
    ],
  }
}

/**
 * Times the rate that uses up the budget exactly. What was not seen of the window is taken for as many requests as in the
 * time that was, all of them good: with 6 min seen of 1 h and 99.9 %, 5 s of failures are 5 / 3600 / 0.001 = 1.4, though
 * they are 14 times the budget of those 6 min. So the budget that is gone, burn · window / period, is what the rule means
 * by it from the first minute on: 14.4 · 1 h / 720 h = 2 %.
 */
function burnRate(
  { requests, failed, minutes }: Seen,
  { lastsMs, objective }: { readonly lastsMs: number; readonly objective: number },
): number {
  const seen = Math.min(1, (minutes * MINUTE_MS) / lastsMs)
  return requests === 0 ? 0 : ((failed / requests) * seen) / (1 - objective)
}
