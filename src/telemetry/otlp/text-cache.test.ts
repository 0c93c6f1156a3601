import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTextCache } from './text-cache.ts'

test('a text is never taken for another, whatever came before', () => {
  const cache = createTextCache()
  // Few letters and equal ends: as many texts of one hash as can be.
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }).map((start) => `${start}.the.same.ending`),
  )
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const bytes = Buffer.from(texts.join(''))
      let start = 0
      for (const one of texts) {
        const end = start + Buffer.byteLength(one)
        expect(cache.text(bytes, start, end)).toBe(one)
        start = end
      }
    }),
    { numRuns: 500 },
  )
})
