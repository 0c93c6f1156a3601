import type { Temporality } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** What one counting process told. A process that starts anew begins another stream of the same series. */
export type Stream<Total> = {
  /** Which series it is a stream of: where several are added, a start that is not known is looked for in its own. */
  readonly series: string
  readonly temporality: Temporality
  /** Where its count began; null where the sender does not say. */
  readonly startedAt: EpochMs | null
  /** By time. */
  readonly steps: readonly StreamStep<Total>[]
}

/** What a stream told within one step. */
export type StreamStep<Total> = {
  readonly at: EpochMs
  /** Delta: what was added in it. Cumulative: all that was counted until its last point. */
  readonly total: Total
  /** The smallest size of a total in it. */
  readonly least: number
  /** The largest total before the count fell within the step; null where it did not fall. */
  readonly before: Total | null
}

/** How totals of one kind are reckoned with. */
export type Arithmetic<Total> = {
  /** What never falls while a process goes on counting. */
  readonly size: (total: Total) => number
  /** Null where the later total is none of the same count: the count began anew. */
  readonly minus: (later: Total, earlier: Total) => Total | null
  readonly plus: (one: Total, other: Total) => Total
}

/** What was looked at: from when on, in steps of what width. */
export type Sight = { readonly from: EpochMs; readonly stepMs: number }

/**
 * What was added in each step, over all streams of a series, or of several that are added. A count that falls began anew (as Prometheus' `increase`
 * takes it), and so does one that says another start.
 *
 *     streams   started 9:00   100 ─ 130 ─ 130               growth   30 from the first, then
 *               started 9:04               ─ 5 ─ 25                   5, then 20 from the second
 *
 * The first total of a stream counts whole where its count began within sight; from before it, nobody knows how much
 * of it was added here, so that it is only what later ones are measured against, and the step is not in the answer.
 */
export function growthByStep<Total>(
  streams: readonly Stream<Total>[],
  sight: Sight,
  arithmetic: Arithmetic<Total>,
): ReadonlyMap<EpochMs, Total> {
  const zeros = zerosOf(streams)
  const grown = new Map<EpochMs, Total>()
  for (const stream of streams) {
    const first = firstGrowth(stream, { sight, zeros, arithmetic })
    for (const [at, growth] of growthOf(stream, first, arithmetic)) {
      const known = grown.get(at)
      grown.set(at, known === undefined ? growth : arithmetic.plus(known, growth))
    }
  }
  return grown
}

/**
 * Who does not know when a count began says of its first point that it began then, and of all others the same
 * (opentelemetry.io/docs/specs/otel/metrics/data-model, "unknown start time"): that point is their zero.
 */
function zerosOf<Total>(streams: readonly Stream<Total>[]): ReadonlyMap<string, Total> {
  const unknown = streams.filter(
    ({ temporality, startedAt }) => temporality === 'cumulative' && startedAt === null,
  )
  return new Map(
    unknown.flatMap(({ series, steps }) => steps.map(({ at, total }) => [zeroKey(series, at), total])),
  )
}

const zeroKey = (series: string, at: EpochMs): string => `${at} ${series}`

type First<Total> = {
  readonly sight: Sight
  readonly zeros: ReadonlyMap<string, Total>
  readonly arithmetic: Arithmetic<Total>
}

/** What the first total of a stream added; null where it is not known. */
function firstGrowth<Total>(
  { series, startedAt, steps: [first] }: Stream<Total>,
  { sight, zeros, arithmetic }: First<Total>,
): Total | null {
  if (first === undefined || startedAt === null || startedAt < sight.from) return null
  const zero = zeros.get(zeroKey(series, Math.floor(startedAt / sight.stepMs) * sight.stepMs))
  return zero === undefined ? first.total : (arithmetic.minus(first.total, zero) ?? first.total)
}

function growthOf<Total>(
  { temporality, steps }: Stream<Total>,
  first: Total | null,
  arithmetic: Arithmetic<Total>,
): readonly (readonly [at: EpochMs, growth: Total])[] {
  if (temporality === 'delta') return steps.map(({ at, total }) => [at, total])
  return steps.flatMap((step, index) => {
    const earlier = steps[index - 1]
    if (earlier !== undefined) return [[step.at, growthSince(earlier.total, step, arithmetic)] as const]
    // A count that fell began anew here, whatever it was before.
    const growth = step.before === null ? first : step.total
    return growth === null ? [] : [[step.at, growth] as const]
  })
}

function growthSince<Total>(
  earlier: Total,
  { total, least, before }: StreamStep<Total>,
  { size, minus, plus }: Arithmetic<Total>,
): Total {
  if (before !== null) {
    const untilThen = minus(before, earlier)
    return untilThen === null ? total : plus(untilThen, total)
  }
  if (least < size(earlier)) return total // it fell, and has outgrown itself since
  return minus(total, earlier) ?? total
}
