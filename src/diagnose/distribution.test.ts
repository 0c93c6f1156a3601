import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calculated, drawn, floored, shareOfComparison, shareOfTruth } from './distribution.ts'
import type { Distribution } from './distribution.ts'

const bounds = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 30 }))
const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  bounds.map(([from, width]) => ({ kind: 'integers' as const, from, to: from + width })),
  bounds.map(([from, width]) => ({ kind: 'uniform' as const, from, to: from + width })),
  fc
    .array(fc.integer({ min: -5, max: 5 }), { minLength: 1 })
    .map((values) => ({ kind: 'choices' as const, values })),
)
const opposite: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '==': '!=' }

test('a comparison and its opposite share all draws between them', () => {
  fc.assert(
    fc.property(
      distribution,
      fc.constantFrom('<', '<=', '=='),
      fc.integer({ min: -30, max: 40 }),
      (of, operator, constant) => {
        const share = shareOfComparison(of, operator, constant) ?? Number.NaN
        const rest = shareOfComparison(of, opposite[operator] ?? '', constant) ?? Number.NaN
        expect(share + rest).toBeCloseTo(1, 9)
        expect(share).toBeGreaterThanOrEqual(0)
      },
    ),
  )
})

test('integers are counted: the share is what trying every value gives', () => {
  fc.assert(
    fc.property(
      bounds,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 7 }),
      ([from, width], divisor, constant) => {
        const lower = Math.abs(from)
        const values = Array.from({ length: width + 1 }, (_, index) => lower + index)
        const tried = values.filter((value) => value % divisor === constant).length / values.length
        const spread = calculated({ kind: 'integers', from: lower, to: lower + width }, '%', divisor)
        expect(shareOfComparison(spread, '==', constant)).toBeCloseTo(tried, 9)
      },
    ),
  )
})

test('scaling moves the bound with the draw', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 1000 }),
      (share, factor) => {
        const scaled = calculated(drawn('unit', []), '*', factor)
        expect(shareOfComparison(scaled, '<', share * factor)).toBeCloseTo(share, 9)
      },
    ),
  )
})

test.each([
  ['floor of a unit times ten is one of ten', floored(calculated(drawn('unit', []), '*', 10)), 0.1],
  [
    'floor of a half-open range with broken ends is unknown',
    floored({ kind: 'uniform', from: 0.5, to: 2 }),
    null,
  ],
  ['a clock alone tells nothing', drawn('clock-seconds', []), null],
  ['a clock modulo ten is one of ten', calculated(drawn('clock-integer', []), '%', 10), 0.1],
  ['bounds that are not constants', drawn('integers-inclusive', [1, undefined]), null],
  ['a percentage', calculated(drawn('integers-inclusive', [0, 9]), '/', 10), 0.1],
])('%s', (_name, of, share) => {
  const found = shareOfComparison(of, '==', 0)
  expect(found === null ? null : Number(found.toFixed(9))).toBe(share)
})

test('weights count', () => {
  expect(shareOfTruth({ kind: 'choices', values: [true, false], weights: [3, 7] })).toBeCloseTo(0.3, 9)
  expect(shareOfTruth({ kind: 'choices', values: [true, undefined] })).toBeNull()
})
