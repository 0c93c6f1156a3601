import type { EpochMs } from '../time.ts'

/** One window: how often it could have happened (requests, or windows of time) and how often it did. */
export type Point = { readonly at: EpochMs; readonly exposure: number; readonly hits: number }

/** A stretch of points in which something happened more often than around it. Indexes are inclusive. */
export type Shift = {
  readonly from: number
  readonly to: number
  readonly rateIn: number
  readonly rateOut: number
  /** Log likelihood over one steady rate throughout, in nats. */
  readonly gain: number
}

type Sums = { readonly hits: Float64Array; readonly exposure: Float64Array }
type Stretch = { readonly from: number; readonly to: number }

/** Past this the data leave no doubt; the logarithm pays for having looked at every stretch. */
const NATS = 8
const ROUNDS = 4
const BLOCKS = 20
/** Neighbouring stretches belong together when their rate is at least this part of the strongest one's. */
const SAME_INCIDENT = 0.1

/**
 * The stretch whose rate stands out most from the rest, or null where one steady rate explains the points as well.
 * Points are in time order. Hits are taken as Poisson counts: for a stretch with `h` hits in exposure `e`, the log
 * likelihood at its own rate is `h·ln(h/e) − h`; the gain of a split is the sum over both parts minus that of the whole.
 * Who looks at `alternatives` series for the one that stands out has as many chances to be fooled, and pays for it.
 */
export function findShift(points: readonly Point[], alternatives = 1): Shift | null {
  const best = strongestShift(points, NATS + Math.log(alternatives))
  return best && joinNeighbours(points, best)
}

/** The best single stretch: Kadane's maximal sum under a pair of rates, the rates estimated anew, repeated. */
function strongestShift(points: readonly Point[], nats: number): Shift | null {
  const sums = prefixSums(points)
  const threshold = nats + Math.log(points.length + 1)
  let best: Shift | null = null
  for (const [low, high] of startingRates(points)) {
    const shift = refine(points, sums, [low, high])
    if (shift && shift.gain > threshold && shift.gain > (best?.gain ?? 0)) best = shift
  }
  return best
}

function refine(
  points: readonly Point[],
  sums: Sums,
  rates: readonly [low: number, high: number],
): Shift | null {
  let [low, high] = rates
  let shift: Shift | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const stretch = maximalStretch(points, low, high)
    if (!stretch) return shift
    const next = judge(sums, stretch)
    if (!next || (shift && next.gain <= shift.gain)) return shift
    shift = next
    low = Math.max(next.rateOut, rates[0] / 10)
    high = Math.max(next.rateIn, low * 1.5)
  }
  return shift
}

/** Kadane's algorithm over `hits·ln(high/low) − exposure·(high − low)`. */
function maximalStretch(points: readonly Point[], low: number, high: number): Stretch | null {
  const perHit = Math.log(high / low)
  let best: (Stretch & { score: number }) | null = null
  let from = 0
  let score = 0
  points.forEach((point, index) => {
    if (score <= 0) {
      score = 0
      from = index
    }
    score += point.hits * perHit - point.exposure * (high - low)
    if (score > (best?.score ?? 0)) best = { from, to: index, score }
  })
  return best
}

function judge(sums: Sums, { from, to }: Stretch): Shift | null {
  const last = sums.hits.length - 1
  const hits = at(sums.hits, to + 1) - at(sums.hits, from)
  const exposure = at(sums.exposure, to + 1) - at(sums.exposure, from)
  const hitsOut = at(sums.hits, last) - hits
  const exposureOut = at(sums.exposure, last) - exposure
  if (exposure <= 0 || exposureOut <= 0) return null
  const rateIn = hits / exposure
  const rateOut = hitsOut / exposureOut
  if (rateIn <= rateOut) return null
  const steady = logLikelihood(hits + hitsOut, exposure + exposureOut)
  const gain = logLikelihood(hits, exposure) + logLikelihood(hitsOut, exposureOut) - steady
  return { from, to, rateIn, rateOut, gain }
}

function logLikelihood(hits: number, exposure: number): number {
  return hits === 0 ? 0 : hits * Math.log(hits / exposure) - hits
}

/** Pairs to start from: the quiet rate from the calmest blocks, the loud one from the busiest. */
function startingRates(points: readonly Point[]): readonly (readonly [number, number])[] {
  const size = Math.max(1, Math.ceil(points.length / BLOCKS))
  const rates: number[] = []
  let exposureOfAll = 0
  for (let start = 0; start < points.length; start += size) {
    const block = points.slice(start, start + size)
    const exposure = block.reduce((sum, point) => sum + point.exposure, 0)
    exposureOfAll += exposure
    if (exposure > 0) rates.push(block.reduce((sum, point) => sum + point.hits, 0) / exposure)
  }
  const sorted = rates.toSorted((a, b) => a - b)
  const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  const floor = 0.5 / Math.max(exposureOfAll, 1)
  const lows = [floor, Math.max(quantile(0.25), floor), Math.max(quantile(0.5), floor)]
  const loudest = Math.max(quantile(1), floor * 4)
  return lows.flatMap((low) =>
    [low * 3, Math.sqrt(low * loudest), loudest].map((high) => [low, Math.max(high, low * 2)] as const),
  )
}

/** An incident that flaps, or grows from a trickle, is one incident: weaker stretches beside it are taken in. */
function joinNeighbours(points: readonly Point[], shift: Shift): Shift {
  const joined = joinSide(points, shift, 'before')
  return joinSide(points, joined, 'after')
}

function joinSide(points: readonly Point[], shift: Shift, side: 'before' | 'after'): Shift {
  let { from, to } = shift
  for (let tries = 0; tries < 5; tries++) {
    const rest = side === 'before' ? points.slice(0, from) : points.slice(to + 1)
    const next = rest.some((point) => point.hits > 0) ? strongestShift(rest, NATS) : null
    if (!next || next.rateIn < shift.rateIn * SAME_INCIDENT) break
    if (side === 'before') from = next.from
    else to += next.to + 1
  }
  const wide = judge(prefixSums(points), { from, to })
  return wide && wide.gain > 0 ? wide : { ...shift, from, to }
}

function prefixSums(points: readonly Point[]): Sums {
  const hits = new Float64Array(points.length + 1)
  const exposure = new Float64Array(points.length + 1)
  points.forEach((point, index) => {
    hits[index + 1] = at(hits, index) + point.hits
    exposure[index + 1] = at(exposure, index) + point.exposure
  })
  return { hits, exposure }
}

function at(sums: Float64Array, index: number): number {
  return sums[index] ?? 0
}
