import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'
import { createRandom } from './random.ts'

test('brings exactly the rate, second by second, however seldom it is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer(),
      fc.integer({ min: 1, max: 9_000 }),
      (perSecond, seed, stepMs) => {
        const arrivals = createArrivals(createRandom(seed), 0)
        arrivals.setRate(perSecond, 0)
        const times: number[] = []
        for (let now = 0; now < 20_000; now += stepMs) times.push(...arrivals.take(now))
        times.push(...arrivals.take(20_000))
        expect(Math.abs(times.length - 20 * perSecond)).toBeLessThanOrEqual(1)
        expect(times).toEqual([...times].sort((one, other) => one - other))
        expect(arrivals.missed()).toBe(0)
      },
    ),
    { numRuns: 30 },
  )
})

test('a new rate counts from the moment it is set, and none ends arrivals', () => {
  const arrivals = createArrivals(createRandom(1), 0)
  expect(arrivals.nextAt).toBe(Infinity)
  arrivals.setRate(10, 0)
  expect(arrivals.take(1_000)).toHaveLength(10)
  arrivals.setRate(1_000, 1_000)
  expect(arrivals.take(2_000)).toHaveLength(1_000)
  arrivals.setRate(0, 2_000)
  expect(arrivals.take(60_000)).toEqual([])
})

test('after a sleep of the machine only ten seconds are made up for, and the rest is counted', () => {
  const arrivals = createArrivals(createRandom(1), 0)
  arrivals.setRate(100, 0)
  const times = arrivals.take(3_600_000)
  expect(times.length + arrivals.missed()).toBe(360_000)
  expect(times[0]).toBeGreaterThanOrEqual(3_590_000 - 10)
  expect(arrivals.missed()).toBe(0)
})
