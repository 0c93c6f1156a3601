import { expect, test } from 'vitest'
import { createTallies } from './tallies.ts'

const AT = Date.UTC(2026, 2, 3)

/** Seconds in windows that failed by more than half, windows that are not there continuing those before them. */
function downSeconds(
  windows: ReadonlyMap<number, { requests: number; failed: number }>,
  end: number,
): number {
  const starts = [...windows.keys()]
  return starts.reduce((sum, start, at) => {
    const tally = windows.get(start)
    const isDown = tally !== undefined && tally.failed * 2 > tally.requests
    return sum + (isDown ? ((starts[at + 1] ?? end) - start) / 1000 : 0)
  }, 0)
}

test('puts alike windows together where there are too many, and keeps counts and downtime', () => {
  const bounded = createTallies(1000)
  const whole = createTallies(100_000)
  for (let window = 0; window < 20_000; window++) {
    const failed = window % 2000 >= 1990 || (window >= 5000 && window < 6000)
    for (const tallies of [bounded, whole]) tallies.add(AT + window * 10_000, failed, true)
  }
  const found = bounded.snapshot()
  expect(found.windows.size).toBeLessThanOrEqual(1000)
  expect([...found.windows.values()].reduce((sum, { requests }) => sum + requests, 0)).toBe(20_000)
  const end = AT + 200_000_000
  expect(downSeconds(found.windows, end)).toBe(downSeconds(whole.snapshot().windows, end))
})

test('stays bounded where every window differs from the one before', () => {
  const tallies = createTallies(1000)
  for (let window = 0; window < 10_000; window++) tallies.add(AT + window * 10_000, window % 2 === 0, true)
  expect(tallies.snapshot().windows.size).toBeLessThanOrEqual(1000)
  expect(tallies.snapshot().requests).toBe(10_000)
})
