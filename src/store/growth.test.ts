import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distributionArithmetic } from './distribution.ts'
import type { Counts, Distribution } from './distribution.ts'
import { growthByStep } from './growth.ts'
import type { Arithmetic, Stream } from './growth.ts'

const numbers: Arithmetic<number> = {
  size: (total) => total,
  minus: (later, earlier) => (later < earlier ? null : later - earlier),
  plus: (one, other) => one + other,
}
const SIGHT = { from: 0, stepMs: 10 }

/** The increments of each process, as what it counted in all until then. */
function streamOf(
  startedAt: number | null,
  increments: readonly (readonly [at: number, by: number])[],
): Stream<number> {
  let total = 0
  const steps = increments.map(([at, by]) => {
    total += by
    return { at, total, least: total, before: null }
  })
  return { series: 'orders', temporality: 'cumulative', startedAt, steps }
}

test('what processes added is found again from what they counted, whenever they began', () => {
  const increments = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 })
  const processes = fc.array(fc.tuple(fc.nat(20), increments), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(processes, (all) => {
      const added = new Map<number, number>()
      const streams = all.map(([first, by], place) => {
        const steps = by.map((more, index) => [(first + index) * 10, more] as const)
        for (const [at, more] of steps) added.set(at, (added.get(at) ?? 0) + more)
        return streamOf(first * 10 + place / 10, steps)
      })
      expect(growthByStep(streams, SIGHT, numbers)).toEqual(added)
    }),
  )
})

test.each<[string, Stream<number>, readonly (readonly [number, number])[]]>([
  [
    'that began before what is looked at, from its second total on',
    streamOf(-5, [
      [0, 100],
      [10, 7],
    ]),
    [[10, 7]],
  ],
  [
    'with a gap, where it is seen again',
    streamOf(1, [
      [0, 1],
      [50, 7],
    ]),
    [
      [0, 1],
      [50, 7],
    ],
  ],
  ['of which nothing is told', streamOf(1, []), []],
  [
    'that fell within a step, by what it had before and has after',
    {
      series: 'orders',
      temporality: 'cumulative',
      startedAt: null,
      steps: [
        { at: 0, total: 100, least: 100, before: null },
        { at: 10, total: 4, least: 1, before: 110 },
      ],
    },
    [[10, 14]],
  ],
  [
    'that fell and outgrew itself since, by what it has after',
    {
      series: 'orders',
      temporality: 'cumulative',
      startedAt: null,
      steps: [
        { at: 0, total: 100, least: 100, before: null },
        { at: 10, total: 130, least: 2, before: null },
      ],
    },
    [[10, 130]],
  ],
])('tells the growth of a process %s', (_name, stream, growth) => {
  expect([...growthByStep([stream], SIGHT, numbers)]).toEqual(growth)
})

const counts = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { maxLength: 10 }).chain((indexes) =>
  fc.record({
    indexes: fc.constant(indexes.toSorted((one, other) => one - other)),
    counts: fc.array(fc.integer({ min: 1, max: 50 }), {
      minLength: indexes.length,
      maxLength: indexes.length,
    }),
  }),
)
const exponential = fc.record({
  scale: fc.integer({ min: 0, max: 3 }),
  zeroCount: fc.nat(9),
  positive: counts,
  negative: counts,
})

const totalOf = ({ counts: all }: Counts): number => all.reduce((one, other) => one + other, 0)

test('taking from two histograms together what one counted leaves the other, at the coarser scale', () => {
  fc.assert(
    fc.property(exponential, exponential, (one, other) => {
      const [first, second] = [one, other].map((buckets): Distribution => {
        const count = totalOf(buckets.positive) + totalOf(buckets.negative) + buckets.zeroCount
        return { count, sum: count, min: null, max: null, buckets: { kind: 'exponential', ...buckets } }
      }) as [Distribution, Distribution]
      const both = distributionArithmetic.plus(first, second)
      const left = distributionArithmetic.minus(both, first)
      expect(left?.count).toBe(second.count)
      if (left?.buckets?.kind !== 'exponential') return
      const { positive, negative, zeroCount } = left.buckets
      expect(totalOf(positive)).toBe(totalOf(other.positive))
      expect(totalOf(negative)).toBe(totalOf(other.negative))
      expect(zeroCount).toBe(other.zeroCount)
    }),
  )
})
