import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createShapeTable } from './shape-table.ts'

test('finds what was added, and nothing else', () => {
  const lanes = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }))
  fc.assert(
    fc.property(fc.array(lanes), (pairs) => {
      const table = createShapeTable()
      const known = new Map<string, number>()
      for (const [lane1, lane2] of pairs) {
        const expected = known.get(`${lane1} ${lane2}`) ?? -1
        expect(table.find(lane1, lane2)).toBe(expected)
        if (expected < 0) known.set(`${lane1} ${lane2}`, table.add(lane1, lane2))
      }
      expect(table.size).toBe(known.size)
    }),
  )
})

test('grows', () => {
  const table = createShapeTable()
  // Two lanes that tell nothing of each other, as those of a shape.
  const lanes = (at: number) => [Math.imul(at, 0x85_eb_ca_6b), Math.imul(at, 0xc2_b2_ae_35)] as const
  for (let at = 0; at < 100_000; at++) table.add(...lanes(at))
  for (let at = 0; at < 100_000; at += 997) expect(table.find(...lanes(at))).toBe(at)
})
