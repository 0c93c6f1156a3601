import { expect, test } from 'vitest'
import type { RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import { routeWindows } from './route-windows.ts'
import { spanWindows, sumTallies } from './span-windows.ts'

const T0 = Date.parse('2026-01-01T00:00:00Z')

function windowsOf(
  ...tallies: readonly (readonly [requests: number, failed: number] | null)[]
): ReadonlyMap<number, Tally> {
  return new Map(
    tallies.flatMap((tally, index) =>
      tally ? [[T0 + index * 10_000, { requests: tally[0], failed: tally[1] }] as const] : [],
    ),
  )
}

function seen(all: ReadonlyMap<number, Tally>, own: ReadonlyMap<number, Tally>, total: Tally) {
  const route: RouteStats = {
    route: 'GET /',
    ...total,
    windows: own,
    answers: new Map(),
    firstFailureAt: null,
    lastFailureAt: null,
    latency: null,
  }
  const requests: RequestSummary = {
    ...sumTallies(all.values()),
    origin: 'access-log',
    routes: [route],
    windows: all,
    firstAt: T0,
    lastAt: T0,
    usersAffected: null,
  }
  return [route, requests] as const
}

test('windows that are complete stay as they are', () => {
  const own = windowsOf([10, 1], [10, 0])
  expect(routeWindows(...seen(windowsOf([20, 1], [20, 0]), own, { requests: 20, failed: 1 }))).toBe(own)
})

test('missing windows are filled in proportion to the traffic, and nothing is lost', () => {
  const all = windowsOf([30, 0], [10, 4], [10, 0], [10, 0])
  const filled = routeWindows(...seen(all, windowsOf(null, [5, 4]), { requests: 30, failed: 4 }))
  expect([...filled.values()].map((tally) => tally.requests)).toEqual([15, 5, 5, 5])
  expect(sumTallies(filled.values())).toEqual({ requests: 30, failed: 4 })
})

test('spanWindows takes successes before the first and after the last failure out of the edges', () => {
  const windows = windowsOf([10, 0], [10, 4], [10, 10], [10, 5], [10, 0])
  const inside = spanWindows(windows, { from: T0 + 16_000, to: T0 + 34_900 })
  expect([...inside.values()]).toEqual([
    { requests: 4, failed: 4 },
    { requests: 10, failed: 10 },
    { requests: 5, failed: 5 },
  ])
})
