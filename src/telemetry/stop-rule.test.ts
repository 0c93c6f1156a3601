import { describe, expect, test } from 'vitest'
import type { RouteStats } from './request.ts'
import { untilSure } from './stop-rule.ts'

const readyAt = 1_000_000
const stats = (route: string, requests: number, failed: number): RouteStats => ({
  route,
  requests,
  failed,
  answers: new Map(),
  windows: new Map(),
  firstFailureAt: failed > 0 ? readyAt + 1_000 : null,
  lastFailureAt: null,
  latency: null,
})

describe('untilSure', () => {
  test.each([
    { why: 'before anything was sent', routes: [], afterS: 60, stops: false },
    { why: 'clean, but too early', routes: [stats('a', 500, 0)], afterS: 10, stops: false },
    { why: 'clean, but too few', routes: [stats('a', 50, 0)], afterS: 60, stops: false },
    { why: 'clean, long enough', routes: [stats('a', 600, 0)], afterS: 31, stops: true },
    { why: 'fails always, 100 requests', routes: [stats('a', 100, 100)], afterS: 12, stops: true },
    { why: 'fails always, 99 requests', routes: [stats('a', 99, 99)], afterS: 12, stops: false },
    { why: 'fails always, but just began to', routes: [stats('a', 100, 100)], afterS: 8, stops: false },
    { why: 'fails half, 150 requests', routes: [stats('a', 150, 75)], afterS: 12, stops: false },
    { why: 'fails half, 200 requests', routes: [stats('a', 200, 98)], afterS: 12, stops: true },
    { why: 'fails rarely, few failures', routes: [stats('a', 300, 5)], afterS: 30, stops: false },
    { why: 'fails rarely, many requests', routes: [stats('a', 400, 5)], afterS: 30, stops: true },
    {
      why: 'a healthy route beside it is hardly asked',
      routes: [stats('a', 300, 150), stats('h', 10, 0)],
      afterS: 20,
      stops: false,
    },
    {
      why: 'a healthy route beside it is asked',
      routes: [stats('a', 300, 150), stats('h', 30, 0)],
      afterS: 20,
      stops: true,
    },
    {
      why: 'one of two failing routes is not settled',
      routes: [stats('a', 300, 300), stats('b', 60, 1)],
      afterS: 20,
      stops: false,
    },
    { why: 'patience ends', routes: [stats('a', 300, 300), stats('b', 60, 1)], afterS: 121, stops: true },
  ])('$why: $stops', ({ routes, afterS, stops }) => {
    expect(untilSure(routes, { now: readyAt + afterS * 1_000, readyAt }) !== null).toBe(stops)
  })
})
