import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWindowCounts } from './window-counts.ts'

function totals(entries: readonly (readonly [number, number, number])[], capacity: number) {
  const counts = createWindowCounts(() => true, capacity)
  for (const [kind, window, count] of entries) counts.add(kind, window, count)
  const sums = new Map<string, number>()
  counts.forEach((kind, start, count) => {
    const key = `${kind} ${start}`
    sums.set(key, (sums.get(key) ?? 0) + count)
  })
  return sums
}

test('adds up exactly, however little room there is', () => {
  const entry = fc.tuple(fc.nat(3), fc.nat(5), fc.integer({ min: 1, max: 3 }))
  fc.assert(
    fc.property(fc.array(entry, { minLength: 5000, maxLength: 9000 }), (entries) => {
      expect(totals(entries, 4096)).toEqual(totals(entries, 1_000_000))
    }),
    { numRuns: 5 },
  )
})

test('keeps precise kinds precise and loses no count of the others', () => {
  const counts = createWindowCounts((kind) => kind === 0, 4096)
  for (let window = 0; window < 30_000; window++) {
    counts.add(1, 170_000_000 + window, 1)
    if (window % 100 === 0) counts.add(0, 170_000_000 + window, 1)
  }
  const starts = { precise: new Set<number>(), other: 0 }
  counts.forEach((kind, start, count) => {
    if (kind === 0) starts.precise.add(start)
    else starts.other += count
  })
  expect(starts.precise.size).toBe(300)
  expect(starts.other).toBe(30_000)
})
