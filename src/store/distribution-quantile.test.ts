import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Buckets } from './distribution.ts'
import { quantileOf } from './distribution-quantile.ts'

function explicit(bounds: readonly number[], counts: readonly number[]): Buckets {
  return { kind: 'explicit', bounds, counts }
}

const empty = { indexes: [], counts: [] }
const powers: Buckets = {
  kind: 'exponential',
  scale: 0,
  zeroCount: 2,
  positive: { indexes: [0, 3], counts: [2, 4] },
  negative: { indexes: [1], counts: [2] },
}

// The explicit ones are what histogram_quantile answers for the same buckets.
test.each<[string, Buckets | null, number, number | null]>([
  ['evenly within its bucket', explicit([0.1, 0.5], [10, 30, 0]), 0.5, 0.1 + (0.4 * 10) / 30],
  ['from zero in the first bucket', explicit([0.1, 0.5], [10, 30, 0]), 0.125, 0.05],
  ['as the bound of a first bucket below zero', explicit([-1, 1], [5, 1, 0]), 0.5, -1],
  ['as the last bound beyond it', explicit([0.1, 0.5], [1, 0, 3]), 0.9, 0.5],
  ['past empty buckets', explicit([1, 2, 3], [1, 0, 1, 0]), 0.75, 2.5],
  ['not at all of nothing', explicit([0.1], [0, 0]), 0.5, null],
  ['not at all without bounds', explicit([], [7]), 0.5, null],
  ['not at all of buckets that do not fit', null, 0.5, null],
  ['by the powers of the base', powers, 0.9, 2 ** 3.75],
  ['as zero about zero', powers, 0.3, 0],
  ['from the lowest below zero', powers, 0.1, -(2 ** 1.5)],
  ['not beyond what numbers can say', { ...powers, scale: -10 }, 0.9, null],
  ['as its sender did', { kind: 'quantiles', values: new Map([[0.5, 3]]) }, 0.5, 3],
  ['not where its sender did not', { kind: 'quantiles', values: new Map([[0.5, 3]]) }, 0.99, null],
])('tells a quantile %s', (...[, buckets, share, value]) => {
  const found = quantileOf(buckets, share)
  expect(found === null).toBe(value === null)
  expect(found ?? 0).toBeCloseTo(value ?? 0, 9)
})

test('an exponential histogram is right within its base, whatever the values', () => {
  const scale = 3
  const base = 2 ** (2 ** -scale)
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const indexes = values.map((value) => Math.ceil(Math.log(value) / Math.log(base)) - 1)
      const byIndex = [...Map.groupBy(indexes, (index) => index)].sort(([one], [other]) => one - other)
      const positive = {
        indexes: byIndex.map(([index]) => index),
        counts: byIndex.map(([, all]) => all.length),
      }
      const buckets: Buckets = { kind: 'exponential', scale, zeroCount: 0, positive, negative: empty }
      const exact = values.toSorted((one, other) => one - other)[Math.ceil(values.length / 2) - 1] ?? 0
      const told = quantileOf(buckets, 0.5) ?? Number.NaN
      expect(Math.abs(Math.log(told / exact))).toBeLessThanOrEqual(Math.log(base) * 1.001)
    }),
  )
})

test('no quantile is below a smaller one', () => {
  const counts = fc.array(fc.nat(100), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(
      counts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (given, one, other) => {
        const buckets = explicit([0.1, 0.5, 2], given)
        const [low, high] = [
          quantileOf(buckets, Math.min(one, other)),
          quantileOf(buckets, Math.max(one, other)),
        ]
        expect((low ?? 0) <= (high ?? 0) + 1e-12).toBe(true)
      },
    ),
  )
})
