import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRequestLedger } from './request-ledger.ts'
import type { RequestOutcome } from '../request.ts'

const at = Date.UTC(2026, 2, 3, 9)
const ok: RequestOutcome = { at, route: 'GET /', status: 200, noAnswer: null, durationMs: 5, client: null }
const failing: RequestOutcome = { ...ok, status: 500 }

describe('createRequestLedger', () => {
  test('is empty before the first request', () => {
    expect(createRequestLedger().summary()).toMatchObject({
      requests: 0,
      failed: 0,
      origin: 'none',
      routes: [],
      firstAt: null,
      usersAffected: null,
    })
  })

  test('puts the route with most failures first and keeps answers, windows and failure times', () => {
    const ledger = createRequestLedger()
    for (let index = 0; index < 5; index += 1) {
      ledger.record({ ...ok, route: 'GET /health', at: at + index }, 'sent')
    }
    ledger.record({ ...failing, at: at + 12_000 }, 'sent')
    ledger.record(
      { ...failing, at: at + 1_000, status: null, noAnswer: 'timed-out', durationMs: 10_000 },
      'sent',
    )
    const summary = ledger.summary()
    expect(summary).toMatchObject({
      requests: 7,
      failed: 2,
      origin: 'sent',
      firstAt: at,
      lastAt: at + 12_000,
    })
    expect(summary.routes.map((route) => route.route)).toEqual(['GET /', 'GET /health'])
    expect(summary.routes[0]).toMatchObject({ firstFailureAt: at + 1_000, lastFailureAt: at + 12_000 })
    expect(summary.routes[0]?.answers).toEqual(
      new Map([
        ['500', 1],
        ['timed-out', 1],
      ]),
    )
    expect([...summary.windows]).toEqual([
      [at, { requests: 6, failed: 1 }],
      [at + 10_000, { requests: 1, failed: 1 }],
    ])
  })

  test('does not count what the access log says of a route that is sent, before or after the first sending', () => {
    const ledger = createRequestLedger()
    ledger.record({ ...failing, client: '127.0.0.1' }, 'access-log')
    ledger.record({ ...ok, at: at + 20_000 }, 'sent')
    ledger.record({ ...failing, client: '127.0.0.1' }, 'access-log')
    expect(ledger.summary()).toMatchObject({ requests: 1, failed: 0, origin: 'sent', usersAffected: null })
    expect([...ledger.summary().windows.keys()]).toEqual([at + 20_000])
  })

  test('counts the users with a failed request, as far as the log names clients', () => {
    const ledger = createRequestLedger()
    ledger.record(failing, 'access-log')
    expect(ledger.summary().usersAffected).toBeNull()
    for (const client of ['a', 'b', 'a']) ledger.record({ ...failing, client }, 'access-log')
    ledger.record({ ...ok, client: 'c' }, 'access-log')
    expect(ledger.summary().usersAffected).toBe(2)
  })

  test('estimates many users within 5 %', () => {
    const ledger = createRequestLedger()
    for (let user = 0; user < 60_000; user += 1) {
      ledger.record(
        { ...failing, client: `10.${user >> 16}.${(user >> 8) & 255}.${user & 255}` },
        'access-log',
      )
    }
    const users = ledger.summary().usersAffected ?? 0
    expect(Math.abs(users - 60_000) / 60_000).toBeLessThan(0.05)
  })

  test('folds routes past 500 and loses no request', () => {
    const ledger = createRequestLedger()
    for (let index = 0; index < 5_000; index += 1) {
      const group = String.fromCharCode(97 + (index % 26), 97 + ((index / 26) % 26))
      ledger.record({ ...ok, route: `GET /${group}/page${index}` }, 'access-log')
    }
    const { routes, requests } = ledger.summary()
    expect(routes.length).toBeLessThanOrEqual(601)
    expect(routes.reduce((sum, route) => sum + route.requests, 0)).toBe(5_000)
    expect(requests).toBe(5_000)
    expect(routes.some((route) => route.route === 'GET /…')).toBe(true)
  })

  test('latencies are at most 3 % off, and the greatest is exact', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1 }), (durations) => {
        const ledger = createRequestLedger()
        for (const durationMs of durations) ledger.record({ ...ok, durationMs }, 'sent')
        const latency = ledger.summary().routes[0]?.latency
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(durations.length / 2) - 1] ?? 0
        expect(Math.abs((latency?.p50 ?? 0) - exact) / exact).toBeLessThan(0.03)
        expect(latency?.max).toBe(Math.max(...durations))
      }),
    )
  })

  test('the sum over routes and over windows is the total, whatever comes', () => {
    const outcome = fc.record({
      at: fc.integer({ min: at, max: at + 100_000 }),
      route: fc.constantFrom('GET /', 'GET /a', 'POST /a'),
      status: fc.constantFrom(200, 404, 500),
      noAnswer: fc.constant(null),
      durationMs: fc.constantFrom(null, 3),
      client: fc.constantFrom(null, 'x', 'y'),
    })
    const origin = fc.constantFrom('sent' as const, 'access-log' as const)
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, origin)), (events) => {
        const ledger = createRequestLedger()
        for (const [event, from] of events) ledger.record(event, from)
        const { routes, windows, requests, failed } = ledger.summary()
        const sum = (parts: Iterable<{ requests: number; failed: number }>): number[] =>
          [...parts].reduce(
            (all, part) => [(all[0] ?? 0) + part.requests, (all[1] ?? 0) + part.failed],
            [0, 0],
          )
        expect(sum(routes)).toEqual([requests, failed])
        expect(sum(windows.values())).toEqual([requests, failed])
      }),
    )
  })
})
