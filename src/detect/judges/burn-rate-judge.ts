import type { BurnRateRule } from '../../contract/rules.ts'
import type { EpochMs } from '../../time.ts'
import { globMatcher } from '../glob.ts'
import { CELL_MS, cellOf, countBetween } from '../request-series.ts'
import { percent } from '../severity-share.ts'
import type { Judge, LiveSign, Watched } from './judge.ts'

const MINUTE_MS = 60_000
const MINUTE_CELLS = MINUTE_MS / CELL_MS
/** Three days of minutes: the longest window of the SRE workbook. */
const MINUTES = 3 * 24 * 60
/** Sums over days need not be made anew each half second. */
const EVERY_MS = 5000
const MAX_SERVICES = 200

/** Requests and failures by minute, for three days. */
type Minutes = { readonly requests: Uint32Array; readonly failed: Uint32Array; newest: number; first: number }
type Sum = { readonly requests: number; readonly failed: number }
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
    // The minute that is running and the one before it: late requests are still counted.
    const thisMinute = Math.floor(now / MINUTE_MS)
    for (const minute of [thisMinute - 1, thisMinute]) {
      const from = cellOf(minute * MINUTE_MS)
      setMinute(minutes, minute, countBetween(view.total, from, from + MINUTE_CELLS - 1))
    }
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
    const rate = ({ requests, failed }: Sum, lastsMs: number): number =>
      failed / Math.max(requests / coveredShare(minutes, minute, lastsMs), 1) / (1 - objective)
    const burn = rate(long, window.long)
    const isBurning = burn > window.factor && rate(short, window.short) > window.factor
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
      for (const entry of kept as readonly (readonly [string, readonly Entry[]])[]) {
        const minutes = emptyMinutes()
        for (const [minute, requests, failed] of entry[1]) setMinute(minutes, minute, { requests, failed })
        services.set(entry[0], minutes)
      }
    },
  }
}

type Burning = { readonly window: Window; readonly objective: number; readonly now: EpochMs }
type Burn = { readonly window: Window; readonly long: Sum; readonly rate: number }
type Entry = readonly [minute: number, requests: number, failed: number]

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
    summary: `${service} burns its error budget ${Number(rate.toPrecision(2))} times too fast (limit ${window.factor}) over ${over}: ${long.failed} of ${long.requests} requests failed, objective ${percent(objective)}; ${toGo}`,
    evidence: [
      { name: 'burn rate', value: rate, unit: '1' },
      { name: 'limit', value: window.factor, unit: '1' },
      { name: 'failed', value: long.failed, unit: '{request}' },
      { name: 'requests', value: long.requests, unit: '{request}' },
      { name: 'objective', value: objective, unit: '1' },
    ],
  }
}

function emptyMinutes(): Minutes {
  return { requests: new Uint32Array(MINUTES), failed: new Uint32Array(MINUTES), newest: -1, first: -1 }
}

function setMinute(minutes: Minutes, minute: number, { requests, failed }: Sum): void {
  for (let one = Math.max(minutes.newest + 1, minute - MINUTES + 1); one <= minute; one += 1) {
    minutes.requests[one % MINUTES] = 0
    minutes.failed[one % MINUTES] = 0
  }
  minutes.newest = Math.max(minutes.newest, minute)
  if (minutes.first < 0 || minute < minutes.first) minutes.first = minute
  minutes.requests[minute % MINUTES] = requests
  minutes.failed[minute % MINUTES] = failed
}

function sumOf(minutes: Minutes, newest: number, lastsMs: number): Sum {
  let requests = 0
  let failed = 0
  const first = Math.max(0, newest - Math.min(MINUTES, Math.round(lastsMs / MINUTE_MS)) + 1)
  for (let minute = first; minute <= Math.min(newest, minutes.newest); minute += 1) {
    if (minute <= minutes.newest - MINUTES) continue
    requests += minutes.requests[minute % MINUTES] ?? 0
    failed += minutes.failed[minute % MINUTES] ?? 0
  }
  return { requests, failed }
}

/** What was not seen is taken for as many requests, all of them good: a budget of days is not judged by its first minutes. */
function coveredShare({ first }: Minutes, newest: number, lastsMs: number): number {
  return Math.min(1, ((newest - first + 1) * MINUTE_MS) / lastsMs)
}

function firstFailedMinute(minutes: Minutes, now: EpochMs, lastsMs: number): EpochMs {
  const newest = Math.floor(now / MINUTE_MS)
  const first = Math.max(minutes.newest - MINUTES + 1, newest - Math.round(lastsMs / MINUTE_MS) + 1, 0)
  for (let minute = first; minute <= newest; minute += 1)
    if ((minutes.failed[minute % MINUTES] ?? 0) > 0) return minute * MINUTE_MS
  return now
}

function toEntries({ requests, failed, newest }: Minutes): Entry[] {
  const entries: Entry[] = []
  for (let minute = Math.max(0, newest - MINUTES + 1); minute <= newest; minute += 1) {
    const count = requests[minute % MINUTES] ?? 0
    if (count > 0) entries.push([minute, count, failed[minute % MINUTES] ?? 0])
  }
  return entries
}
