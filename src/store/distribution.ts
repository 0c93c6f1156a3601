import type { Arithmetic } from './growth.ts'

/** Counts by index, ascending; what is not in it is zero. */
export type Counts = { readonly indexes: readonly number[]; readonly counts: readonly number[] }

/** How the values of a distribution lie. */
export type Buckets =
  /** Upper bounds, one fewer than counts: (-∞, b0], (b0, b1], …, (bn, ∞). */
  | { readonly kind: 'explicit'; readonly bounds: readonly number[]; readonly counts: readonly number[] }
  /** Bucket i of `positive`: (base^i, base^(i+1)], base = 2^(2^-scale); of `negative` the same below zero. */
  | {
      readonly kind: 'exponential'
      readonly scale: number
      readonly zeroCount: number
      readonly positive: Counts
      readonly negative: Counts
    }
  /** What the sender worked out itself, over a time of its own. */
  | { readonly kind: 'quantiles'; readonly values: ReadonlyMap<number, number> }

/** What a histogram or summary counted: since its start, or between two times. */
export type Distribution = {
  readonly count: number
  readonly sum: number
  /** Null where they are not of the same time as the count. */
  readonly min: number | null
  readonly max: number | null
  /** Null where buckets that do not fit were added. */
  readonly buckets: Buckets | null
}

export const distributionArithmetic: Arithmetic<Distribution> = {
  size: ({ count }) => count,
  minus(later, earlier) {
    const buckets = minusBuckets(later.buckets, earlier.buckets)
    const count = later.count - earlier.count
    if (count < 0 || buckets === 'fell') return null
    return { count, sum: later.sum - earlier.sum, min: null, max: null, buckets }
  },
  plus: (one, other) => ({
    count: one.count + other.count,
    sum: one.sum + other.sum,
    min: extreme(one, other, 'min'),
    max: extreme(one, other, 'max'),
    buckets: plusBuckets(one, other),
  }),
}

/** Of nothing there is no extreme; of two, it is known where both are. */
function extreme(one: Distribution, other: Distribution, which: 'min' | 'max'): number | null {
  if (one.count === 0) return other[which]
  if (other.count === 0) return one[which]
  const [first, second] = [one[which], other[which]]
  return first === null || second === null ? null : Math[which](first, second)
}

function minusBuckets(later: Buckets | null, earlier: Buckets | null): Buckets | null | 'fell' {
  if (later === null || earlier === null) return null
  if (later.kind === 'explicit' && earlier.kind === 'explicit') {
    const counts = later.counts.map((count, index) => count - (earlier.counts[index] ?? 0))
    return counts.some((count) => count < 0) ? 'fell' : { ...later, counts }
  }
  if (later.kind === 'exponential' && earlier.kind === 'exponential') {
    const grown = combined(later, earlier, -1)
    const all = [...grown.positive.counts, ...grown.negative.counts, grown.zeroCount]
    return all.some((count) => count < 0) ? 'fell' : grown
  }
  return later
}

function plusBuckets(one: Distribution, other: Distribution): Buckets | null {
  if (one.count === 0) return other.buckets
  if (other.count === 0) return one.buckets
  const [first, second] = [one.buckets, other.buckets]
  if (first?.kind === 'explicit' && second?.kind === 'explicit' && isSame(first.bounds, second.bounds)) {
    return { ...first, counts: first.counts.map((count, index) => count + (second.counts[index] ?? 0)) }
  }
  if (first?.kind === 'exponential' && second?.kind === 'exponential') return combined(first, second, 1)
  return null // quantiles of two processes tell nothing of both together
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((bound, index) => bound === other[index])
}

type Exponential = Extract<Buckets, { kind: 'exponential' }>

/** At the coarser of both scales: two neighbours of one scale are one bucket of the next, so nothing is estimated. */
function combined(one: Exponential, other: Exponential, sign: 1 | -1): Exponential {
  const scale = Math.min(one.scale, other.scale)
  const [first, second] = [atScale(one, scale), atScale(other, scale)]
  return {
    kind: 'exponential',
    scale,
    zeroCount: one.zeroCount + sign * other.zeroCount,
    positive: combinedCounts(first.positive, second.positive, sign),
    negative: combinedCounts(first.negative, second.negative, sign),
  }
}

function atScale(one: Exponential, scale: number): Exponential {
  if (scale === one.scale) return one
  const width = 2 ** (one.scale - scale)
  return { ...one, scale, positive: coarser(one.positive, width), negative: coarser(one.negative, width) }
}

function coarser({ indexes, counts }: Counts, width: number): Counts {
  const into = { indexes: [] as number[], counts: [] as number[] }
  for (const [place, index] of indexes.entries()) push(into, Math.floor(index / width), counts[place] ?? 0)
  return into
}

/** Two ascending lists as one; buckets that are empty then are left out. */
function combinedCounts(one: Counts, other: Counts, sign: 1 | -1): Counts {
  const into = { indexes: [] as number[], counts: [] as number[] }
  let [left, right] = [0, 0]
  while (left < one.indexes.length || right < other.indexes.length) {
    const [first, second] = [one.indexes[left] ?? Infinity, other.indexes[right] ?? Infinity]
    let count = 0
    if (first <= second) count += one.counts[left++] ?? 0
    if (second <= first) count += sign * (other.counts[right++] ?? 0)
    if (count !== 0) push(into, Math.min(first, second), count)
  }
  return into
}

function push(into: { indexes: number[]; counts: number[] }, index: number, count: number): void {
  const last = into.indexes.length - 1
  if (last >= 0 && into.indexes[last] === index) into.counts[last] = (into.counts[last] ?? 0) + count
  else {
    into.indexes.push(index)
    into.counts.push(count)
  }
}
