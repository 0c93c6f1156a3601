import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binomialTwoSided } from './binomial.ts'

test.each([
  { successes: 50, trials: 100, share: 0.5, pValue: 1 },
  { successes: 65, trials: 100, share: 0.5, pValue: 0.0035 },
  { successes: 107, trials: 208, share: 0.5, pValue: 0.7289 },
  // All but one failure of ten (0.3874) are at least as unlikely as none (0.3487).
  { successes: 0, trials: 10, share: 0.1, pValue: 0.6126 },
  { successes: 3, trials: 10, share: 0.5, pValue: 0.3438 },
  { successes: 0, trials: 0, share: 0.5, pValue: 1 },
  { successes: 1, trials: 10, share: 0, pValue: 0 },
  { successes: 10, trials: 10, share: 1, pValue: 1 },
])('$successes of $trials under $share', ({ successes, trials, share, pValue }) => {
  expect(binomialTwoSided(successes, trials, share)).toBeCloseTo(pValue, 3)
})

test('is the same seen from the failures, and stays between 0 and 1', () => {
  const trials = fc.integer({ min: 1, max: 2000 })
  fc.assert(
    fc.property(
      trials,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (n, part, share) => {
        const count = Math.round(part * n)
        const value = binomialTwoSided(count, n, share)
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
        expect(binomialTwoSided(n - count, n, 1 - share)).toBeCloseTo(value, 6)
      },
    ),
  )
})

test('holds for 100,000 requests', () => {
  expect(binomialTwoSided(50_100, 100_000, 0.5)).toBeCloseTo(0.529, 2)
  expect(binomialTwoSided(52_000, 100_000, 0.5)).toBeLessThan(1e-30)
})
