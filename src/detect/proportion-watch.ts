import type { EpochMs } from '../time.ts'
import { CELL_MS, firstHitAt, hitsIn, LATE_CELLS, lastHitCell, requestsIn } from './request-series.ts'
import type { HitKind, RequestSeries } from './request-series.ts'

/**
 * Watches a share (of requests failing, of requests being slow) as it comes, without a window: a cumulative sum of
 * log likelihood ratios (Page's CUSUM, Biometrika 1954) of "the share is at the limit" against "it is as it always was".
 *
 *   cell of 250 ms: n requests, k hits      score = max(0, score + min(cap, k·ln(p1/p0) + (n−k)·ln((1−p1)/(1−p0))))
 *                                           score ≥ h: wrong, since the score was last 0
 *
 * False alarms. Under p0 a CUSUM runs e^h steps before a false alarm, on average, at least (Lorden, Ann. Math. Stat. 1971).
 * A year has 126 million cells, two sums look at each: h = ln(2 · 126e6) = 19.3 is one false alarm a year and watched
 * share at worst, whatever the traffic. The bound takes cells as independent and p0 as true; so
 *  - p0 is at least a fifth of the limit, or twice what is usual here (at most half of the limit);
 *  - hits come in bursts (a restart resets what was under way): one cell counts for a part of h at most, so that a burst
 *    shorter than 1.5 s never suffices, however many it hits, nor one of 2 s in which everything fails;
 *  - slow answers come in stalls (a checkpoint, a collection of garbage, a neighbour on the machine): all that begins
 *    within 2.5 s counts as one cell does, so that an alarm takes nine such stretches, and slow for 20 s;
 *  - the share since the score was 0 must itself be over the limit.
 *
 * Delay. A share p gains n·KL per second, KL = p·ln(p1/p0) + (1−p)·ln((1−p1)/(1−p0)). With a limit of 1 % and p0 = 0.2 %
 * at 167 requests/s: 2 % gains 4.1/s and takes 5 s, 1.5 % takes 7 s; 45 % is held back by the caps alone: 1.5 to 1.75 s.
 */
export type ProportionLimits = {
  readonly kind: HitKind
  /** The share that is too much. */
  readonly limit: number
  /** Cells that an alarm takes at least: so long a burst is let pass. */
  readonly leastCells: number
  /** Cells that count as one: what hits come from keeps on for so long. */
  readonly burstCells: number
  /** Cells that an alarm takes where nearly everything fails. */
  readonly outageCells: number
}

/** One cumulative sum; what it counts goes back to where it was last 0. */
type Sum = {
  score: number
  requests: number
  hits: number
  firstCell: number
  lastCell: number
  burst: number
  gained: number
}

type Alarm = {
  /** The first hit of it. */
  readonly since: EpochMs
  readonly sinceCell: number
  /** The last sign of it so far. */
  lastAt: EpochMs
  /** The share while it is wrong, over about half a minute. */
  requests: number
  hits: number
  /** How sure it is that it is over; likewise a cumulative sum. */
  calm: Sum
}

/** What is known up to a cell. A plain value: what may still change by late data is folded over it at each look. */
export type WatchState = {
  cell: number
  readonly atLimit: Sum
  readonly gross: Sum
  alarm: Alarm | null
  /** Of cells in which nothing was wrong, fading with a half-life of six hours. */
  usual: { requests: number; hits: number }
}

/** What was usual before a restart, as it was written; null for what is no share. */
export function restoredUsual(requests: unknown, hits: unknown): WatchState['usual'] | null {
  if (typeof requests !== 'number' || typeof hits !== 'number') return null
  return requests >= 0 && hits >= 0 && hits <= requests && Number.isFinite(requests)
    ? { requests, hits }
    : null
}

export type WatchVerdict = {
  readonly since: EpochMs
  readonly sinceCell: number
  readonly lastAt: EpochMs
  /** What is usual here, as a share. */
  readonly usual: number
}

const CELLS_PER_YEAR = (365 * 86_400_000) / CELL_MS
const FALSE_ALARMS_PER_YEAR = 1
const ALARM = Math.log((2 * CELLS_PER_YEAR) / FALSE_ALARMS_PER_YEAR)
/** For shares far over the limit, and for little traffic: four failures in a row are enough. */
const GROSS = 0.3
/** Few hits must not come from one moment: they are spread over this long. */
const FEW_HITS = 20
const FEW_SPREAD_CELLS = 5000 / CELL_MS
/** A service whose instances all start anew answers nobody for a second or two: longer is an outage. */
const OUTAGE_REQUESTS = 10
const OUTAGE_SHARE = 0.8
/** e^-4.6: one in a hundred is taken for over too early, and is then found again. */
const CALM = Math.log(100)
const CALM_CELLS = 10_000 / CELL_MS
const FADE_ALARM = 0.5 ** (CELL_MS / 30_000)
const FADE_USUAL = 0.5 ** (CELL_MS / (6 * 3_600_000))
/** What was never seen is taken for a tenth of the limit, as strongly as so many requests would say it. */
const PRIOR_REQUESTS = 1000

function emptySum(): Sum {
  return { score: 0, requests: 0, hits: 0, firstCell: 0, lastCell: 0, burst: -1, gained: 0 }
}

export function createWatchState(): WatchState {
  return {
    cell: -1,
    atLimit: emptySum(),
    gross: emptySum(),
    alarm: null,
    usual: { requests: 0, hits: 0 },
  }
}

/** The share that is usual here. */
export function usualShare(state: WatchState, limit: number): number {
  return (state.usual.hits + PRIOR_REQUESTS * 0.1 * limit) / (state.usual.requests + PRIOR_REQUESTS)
}

/**
 * Whether the share is too much now. Cells that nothing late can change any more go into `state`; those after them are
 * looked at anew each time, so that the order in which requests become known does not matter. To be called every few
 * seconds: what the ring has given up in between was never seen.
 */
export function watchProportion(
  series: RequestSeries,
  state: WatchState,
  { nowCell, limits }: { readonly nowCell: number; readonly limits: ProportionLimits },
): WatchVerdict | null {
  const horizon = nowCell - LATE_CELLS
  if (state.cell < horizon) commit(series, state, { horizon, limits })
  const isQuiet =
    state.alarm === null && state.atLimit.score === 0 && lastHitCell(series, limits.kind) <= state.cell
  const isAtRest = isQuiet && state.gross.score === 0
  if (isAtRest) return null
  const now = copyOf(state)
  const step = stepOf(now, limits)
  for (step.cell = now.cell + 1; step.cell <= series.head; step.cell += 1) foldCell(series, now, step)
  if (now.alarm === null) return null
  const { since, sinceCell, lastAt } = now.alarm
  return { since, sinceCell, lastAt, usual: usualShare(state, limits.limit) }
}

function commit(
  series: RequestSeries,
  state: WatchState,
  { horizon, limits }: { readonly horizon: number; readonly limits: ProportionLimits },
): void {
  // What the ring no longer has was empty, or before the first look.
  const from = Math.max(state.cell + 1, series.head - LATE_CELLS - 30)
  const step = stepOf(state, limits)
  for (step.cell = from; step.cell <= Math.min(horizon, series.head); step.cell += 1) {
    foldCell(series, state, step)
    // What may be the beginning of an alarm is not yet usual.
    if (state.alarm === null && Math.max(state.atLimit.score, state.gross.score) < ALARM / 4)
      learn(state, requestsIn(series, step.cell), hitsIn(series, limits.kind, step.cell))
  }
  state.cell = horizon
}

function learn(state: WatchState, requests: number, hits: number): void {
  state.usual.requests = state.usual.requests * FADE_USUAL + requests
  state.usual.hits = state.usual.hits * FADE_USUAL + hits
}

function copyOf(state: WatchState): WatchState {
  const { alarm } = state
  return {
    cell: state.cell,
    atLimit: { ...state.atLimit },
    gross: { ...state.gross },
    alarm: alarm && { ...alarm, calm: { ...alarm.calm } },
    usual: state.usual,
  }
}

type Weights = {
  readonly p0: number
  readonly perHit: readonly [number, number]
  readonly perMiss: readonly [number, number]
}

function weightsFor(state: WatchState, { limit }: ProportionLimits): Weights {
  const p0 = Math.min(Math.max(2 * usualShare(state, limit), limit / 5), limit / 2)
  const gross = Math.min(Math.max(GROSS, 2 * limit), (1 + limit) / 2)
  return {
    p0,
    perHit: [Math.log(limit / p0), Math.log(gross / p0)],
    perMiss: [Math.log((1 - limit) / (1 - p0)), Math.log((1 - gross) / (1 - p0))],
  }
}

/** One for all cells of a look, filled anew for each: hundreds of cells are looked at, several times a second. */
type Step = {
  readonly limits: ProportionLimits
  readonly weights: Weights
  cell: number
  requests: number
  hits: number
}

function stepOf(state: WatchState, limits: ProportionLimits): Step {
  return { limits, weights: weightsFor(state, limits), cell: 0, requests: 0, hits: 0 }
}

const AT_LIMIT = 0
const GROSSLY = 1

function foldCell(series: RequestSeries, state: WatchState, step: Step): void {
  step.requests = requestsIn(series, step.cell)
  if (step.requests === 0) return
  step.hits = Math.min(hitsIn(series, step.limits.kind, step.cell), step.requests)
  if (state.alarm !== null) {
    foldAlarm(series, state, step)
    return
  }
  add(state.atLimit, step, AT_LIMIT)
  add(state.gross, step, GROSSLY)
  if (isTelling(state.atLimit, step.limits)) raise(series, state, { sum: state.atLimit, step })
  else if (isTelling(state.gross, step.limits)) raise(series, state, { sum: state.gross, step })
}

/** A single hit counts in full, or little traffic would never be heard. */
function add(sum: Sum, step: Step, against: typeof AT_LIMIT | typeof GROSSLY): void {
  const score = sum.score + cappedGain(sum, step, against)
  if (score <= 0) {
    reset(sum)
    return
  }
  if (sum.score === 0) sum.firstCell = step.cell
  sum.score = score
  sum.requests += step.requests
  sum.hits += step.hits
  if (step.hits > 0) sum.lastCell = step.cell
}

/** What a cell adds: all cells of a burst together count for the cap at most. */
function cappedGain(sum: Sum, step: Step, against: typeof AT_LIMIT | typeof GROSSLY): number {
  const { cell, limits, weights, requests, hits } = step
  const { leastCells, burstCells, outageCells } = limits
  const one = weights.perHit[against]
  const gain = hits * one + (requests - hits) * weights.perMiss[against]
  if (burstCells === 1) {
    // That everything fails at once is how a restart looks, too.
    const isOutage = requests >= OUTAGE_REQUESTS && hits > OUTAGE_SHARE * requests
    return Math.min(gain, isOutage ? ALARM / outageCells : Math.max(ALARM / (leastCells + 1), one))
  }
  const cap = ALARM / (leastCells / burstCells + 1)
  const burst = Math.floor(cell / burstCells)
  const before = burst === sum.burst ? sum.gained : 0
  sum.burst = burst
  sum.gained = before + gain
  return Math.min(before + gain, cap) - Math.min(before, cap)
}

function reset(sum: Sum): void {
  sum.score = 0
  sum.requests = 0
  sum.hits = 0
  sum.firstCell = 0
  sum.lastCell = 0
}

function isTelling(sum: Sum, { limit, leastCells }: ProportionLimits): boolean {
  if (sum.score < ALARM || sum.hits <= limit * sum.requests) return false
  const spread = sum.lastCell - sum.firstCell
  return spread >= (sum.hits >= FEW_HITS ? leastCells : Math.max(FEW_SPREAD_CELLS, leastCells))
}

function raise(
  series: RequestSeries,
  state: WatchState,
  { sum, step }: { readonly sum: Sum; readonly step: Step },
): void {
  const { kind } = step.limits
  state.alarm = {
    since: firstHitAt(series, kind, sum.firstCell),
    sinceCell: sum.firstCell,
    lastAt: firstHitAt(series, kind, sum.lastCell),
    requests: sum.requests,
    hits: sum.hits,
    calm: emptySum(),
  }
  reset(state.atLimit)
  reset(state.gross)
}

/**
 * The same the other way round: "it is as it always was" against "a third of what it is now, the limit at least". It is
 * over when that is sure, has been so for ten seconds, and the share since then is within the limit.
 */
function foldAlarm(
  series: RequestSeries,
  state: WatchState,
  { cell, limits, weights, requests, hits }: Step,
): void {
  const { alarm } = state
  if (alarm === null) return
  const { calm } = alarm
  const still = Math.min(Math.max(limits.limit, alarm.hits / alarm.requests / 3), 0.95)
  const { p0 } = weights
  const gain = (requests - hits) * Math.log((1 - p0) / (1 - still)) - hits * Math.log(still / p0)
  const score = calm.score + gain
  if (score <= 0) {
    reset(calm)
    if (hits > 0) alarm.lastAt = firstHitAt(series, limits.kind, cell)
    alarm.requests = alarm.requests * FADE_ALARM + requests
    alarm.hits = alarm.hits * FADE_ALARM + hits
    return
  }
  if (calm.score === 0) calm.firstCell = cell
  calm.score = score
  calm.requests += requests
  calm.hits += hits
  if (hits > 0) calm.lastCell = cell
  if (calm.score < CALM || cell - calm.firstCell < CALM_CELLS) return
  if (calm.hits <= limits.limit * calm.requests) {
    state.alarm = null
    return
  }
  // Better than it was, and still too much: what is still wrong now is a third of this.
  alarm.lastAt = firstHitAt(series, limits.kind, calm.lastCell)
  alarm.requests = calm.requests
  alarm.hits = calm.hits
  reset(calm)
}
