import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findShift, type Point } from './shift.ts'

function points(
  ...stretches: readonly (readonly [windows: number, exposure: number, hits: number])[]
): readonly Point[] {
  return stretches
    .flatMap(([windows, exposure, hits]) => Array.from({ length: windows }, () => ({ exposure, hits })))
    .map((point, index) => ({ ...point, at: index * 10_000 }))
}

describe('findShift', () => {
  test.each([
    ['an outage in the middle', points([30, 100, 0], [10, 100, 90], [20, 100, 0]), [30, 39]],
    ['a step that stays', points([50, 100, 0], [12, 100, 5]), [50, 61]],
    ['a rise above a noisy floor', points([40, 200, 4], [10, 200, 60], [40, 200, 4]), [40, 49]],
    ['four failures among thousands', points([100, 30, 0], [1, 30, 4], [100, 30, 0]), [100, 100]],
    [
      'an outage that flaps',
      points([30, 50, 0], [5, 50, 50], [8, 50, 0], [5, 50, 50], [30, 50, 0]),
      [30, 47],
    ],
    ['a trickle that becomes a flood', points([40, 100, 0], [6, 100, 12], [6, 100, 95]), [40, 51]],
  ])('finds %s', (_, given, [from, to]) => {
    expect(findShift(given)).toMatchObject({ from, to })
  })

  test.each([
    ['nothing', []],
    ['no failures', points([50, 100, 0])],
    ['half of all requests from the first to the last', points([40, 100, 50])],
    ['the same few failures all along', points([400, 1000, 1])],
    ['one failure among thousands', points([100, 30, 0], [1, 30, 1], [100, 30, 0])],
  ])('sees no shift in %s', (_, given) => {
    expect(findShift(given)).toBeNull()
  })

  test('never calls chance a shift', () => {
    const noisy = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 30, maxLength: 120 })
    fc.assert(
      fc.property(noisy, (seeds) => {
        // 100 requests a window, each failing with one chance in two: binomial noise around one steady rate.
        const given = seeds.map((seed, index) => ({
          at: index * 10_000,
          exposure: 100,
          hits: fairTosses(seed),
        }))
        expect(findShift(given)).toBeNull()
      }),
      { numRuns: 60 },
    )
  })

  test('finds whole windows of certain failure wherever they lie', () => {
    const place = fc.record({
      before: fc.integer({ min: 5, max: 60 }),
      down: fc.integer({ min: 3, max: 30 }),
      after: fc.integer({ min: 5, max: 60 }),
    })
    fc.assert(
      fc.property(place, ({ before, down, after }) => {
        const shift = findShift(points([before, 20, 0], [down, 20, 20], [after, 20, 0]))
        expect(shift).toMatchObject({ from: before, to: before + down - 1 })
      }),
    )
  })
})

function fairTosses(seed: number): number {
  let state = seed
  let hits = 0
  for (let toss = 0; toss < 100; toss++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    hits += state >>> 31
  }
  return hits
}
