import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPicker } from './pick-backend.ts'
import type { Candidate } from './pick-backend.ts'

const backend = (name: string, weight = 1, isHealthy = true): Candidate => ({
  name,
  weight,
  isHealthy,
  credit: 0,
})

function picks(
  candidates: readonly Candidate[],
  count: number,
  canary: { name: string; share: number } | null = null,
) {
  const pick = createPicker()
  return Array.from({ length: count }, () => pick(candidates, canary)?.name ?? '-')
}

describe('choosing an instance', () => {
  test('goes round', () => {
    expect(picks([backend('a'), backend('b'), backend('c')], 6).join('')).toBe('abcabc')
  })

  test('spreads weights evenly over time', () => {
    expect(picks([backend('a', 2), backend('b', 1)], 6).join('')).toBe('abaaba')
  })

  test.each([
    ['one that is down', [backend('a', 1, false), backend('b')], 'bb'],
    ['one that is drained', [backend('a', 0), backend('b')], 'bb'],
    ['all of them', [backend('a', 0), backend('b', 1, false)], '--'],
  ])('leaves out %s', (_, candidates, expected) => {
    expect(picks(candidates, 2).join('')).toBe(expected)
  })

  test('does not try the one again that has just refused', () => {
    const pick = createPicker()
    const both = [backend('a'), backend('b')]
    expect(pick(both, null, 'a')?.name).toBe('b')
  })

  test('gives a canary its share, and no more', () => {
    const chosen = picks([backend('a'), backend('b'), backend('c')], 1000, { name: 'c', share: 0.05 })
    expect(chosen.filter((name) => name === 'c').length).toBe(50)
  })

  test('gives every instance its weight’s share over a whole round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const sum = weights.reduce((total, weight) => total + weight, 0)
        const chosen = picks(
          weights.map((weight, index) => backend(String(index), weight)),
          sum,
        )
        weights.forEach((weight, index) => {
          expect(chosen.filter((name) => name === String(index)).length).toBe(weight)
        })
      }),
    )
  })
})
