import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLatencyBuckets } from './latency-buckets.ts'

test('a quantile is at most three percent off', () => {
  const buckets = createLatencyBuckets()
  for (let ms = 1; ms <= 1_000; ms += 1) buckets.add(ms)
  for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
    expect(Math.abs(buckets.quantile(share) / (share * 1_000) - 1)).toBeLessThan(0.05)
  }
  expect(createLatencyBuckets().quantile(0.5)).toBe(0)
})

test('counts of parts add up to the counts of all', () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }))
  fc.assert(
    fc.property(durations, durations, (one, other) => {
      const [all, first, second] = [createLatencyBuckets(), createLatencyBuckets(), createLatencyBuckets()]
      for (const ms of [...one, ...other]) all.add(ms)
      for (const ms of one) first.add(ms)
      for (const ms of other) second.add(ms)
      first.addCounts(second.counts())
      expect(first.counts()).toEqual(all.counts())
      expect(first.count).toBe(one.length + other.length)
    }),
  )
})
