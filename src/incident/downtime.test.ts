import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRequestLedger, type Tally } from '../telemetry/index.ts'
import { WINDOW_MS } from '../time.ts'
import { downSpans, downtimeMs, partialOutageMs } from './downtime.ts'

const T0 = Date.parse('2026-03-03T10:00:00Z')

/** `[requests, failed]` per window; null is a window that does not occur at all. */
function windows(...tallies: readonly (readonly [number, number] | null)[]): ReadonlyMap<number, Tally> {
  const entries = tallies.flatMap((tally, index) =>
    tally === null ? [] : [[T0 + index * WINDOW_MS, { requests: tally[0], failed: tally[1] }] as const],
  )
  return new Map(entries)
}

describe('downtimeMs', () => {
  test.each([
    ['nothing seen', windows(), 0],
    ['no failures', windows([10, 0], [10, 0]), 0],
    ['exactly half failed', windows([10, 5], [10, 5]), 0],
    ['over half failed', windows([10, 6], [10, 0]), 10],
    ['silence after failure goes on', windows([10, 10], null, null, [10, 0]), 30],
    ['silence after failure, then failure', windows([10, 10], null, [10, 10], [10, 0]), 30],
    ['silence after success is no outage', windows([10, 0], null, null, [10, 0]), 0],
    ['an empty window is silence too', windows([10, 10], [0, 0], [10, 0]), 20],
    ['the first success ends it', windows([1, 1], null, [2, 1], null, [1, 1]), 30],
    ['nothing is claimed after the last request', windows([10, 0], [10, 10]), 10],
  ])('of %s', (_, given, seconds) => {
    expect(downtimeMs(given)).toBe(seconds * 1000)
  })

  test('does not depend on the order of windows', () => {
    const given = windows([10, 10], null, [10, 10], [10, 0])
    expect(downtimeMs(new Map([...given].toReversed()))).toBe(downtimeMs(given))
  })

  test('equals a naive walk over every window', () => {
    const tally = fc.option(
      fc.nat({ max: 20 }).chain((requests) => fc.tuple(fc.constant(requests), fc.nat({ max: requests }))),
      { nil: null },
    )
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 40 }), (tallies) => {
        expect(downtimeMs(windows(...tallies))).toBe(naive(tallies) * WINDOW_MS)
      }),
    )
  })

  test('reads 13 minutes as 780 s, whatever the phase of the clock and the pace of requests', () => {
    const outage = fc.record({
      phaseMs: fc.nat({ max: 9999 }),
      paceMs: fc.constantFrom(100, 250, 500, 1000, 2000, 2500, 5000, 10_000, 30_000, 60_000),
    })
    fc.assert(
      fc.property(outage, ({ phaseMs, paceMs }) => {
        const ledger = createRequestLedger()
        const down = T0 + 600_000 + phaseMs
        for (let at = down - 600_000; at < down + 1_500_000; at += paceMs) {
          const status = at >= down && at < down + 780_000 ? 500 : 200
          ledger.record(
            { at, route: 'GET /', status, noAnswer: null, durationMs: null, client: null },
            'access-log',
          )
        }
        const { windows: seen, routes } = ledger.summary()
        const edges = {
          firstFailureAt: routes[0]?.firstFailureAt ?? null,
          lastFailureAt: routes[0]?.lastFailureAt ?? null,
        }
        expect(downtimeMs(seen, edges)).toBe(780_000)
      }),
    )
  })

  test('keeps to the clock where the edges belong to other failures', () => {
    const given = windows([10, 1], [10, 0], [10, 0], [10, 10], [10, 10], [10, 0], [10, 0], [10, 1])
    expect(downtimeMs(given, { firstFailureAt: T0 + 5000, lastFailureAt: T0 + 75_000 })).toBe(20_000)
  })
})

test('downSpans tells outages apart', () => {
  expect(downSpans(windows([4, 4], [4, 0], [4, 4], null, [4, 1]))).toEqual([
    { from: T0, to: T0 + 10_000 },
    { from: T0 + 20_000, to: T0 + 40_000 },
  ])
})

test.each([
  ['half of the requests for a minute', windows([10, 5], [10, 5], [10, 5], [10, 5], [10, 5], [10, 5]), 30],
  ['silence after an outage', windows([10, 10], null, [10, 0]), 20],
  ['silence after a good window', windows([10, 1], null, [10, 0]), 1],
])('partialOutageMs weighs %s', (_, given, seconds) => {
  expect(partialOutageMs(given)).toBe(seconds * 1000)
})

/** DESIGN's sentence, word by word, window by window. */
function naive(tallies: readonly (readonly [number, number] | null)[]): number {
  const last = tallies.findLastIndex((tally) => tally !== null && tally[0] > 0)
  let down = 0
  let isDown = false
  tallies.slice(0, last + 1).forEach((tally) => {
    if (tally !== null && tally[0] > 0) isDown = tally[1] > tally[0] / 2
    if (isDown) down += 1
  })
  return down
}
