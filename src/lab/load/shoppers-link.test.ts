import { expect, test } from 'vitest'
import { createShoppersLink } from './shoppers-link.ts'
import type { SecondReport } from './shoppers-protocol.ts'

const second = (at: number, failed: number): SecondReport => ({
  kind: 'second',
  at,
  perSecond: 10,
  started: 10,
  inFlight: 1,
  behindMs: 0,
  missed: 0,
  routes: {
    'GET /': { requests: 10, failed, outcomes: { 200: 10 - failed, 503: failed }, latency: [[100, 10]] },
  },
})

test('reads reports in whatever pieces they come, and sums up the last ten seconds', () => {
  const link = createShoppersLink({ write: () => {} })
  const text = Array.from({ length: 12 }, (_, at) => `${JSON.stringify(second(at, at < 2 ? 10 : 1))}\n`).join(
    '',
  )
  for (let at = 0; at < text.length; at += 37) link.read(text.slice(at, at + 37))
  const figures = link.figures()
  expect(figures).toMatchObject({
    requests: 100,
    failed: 10,
    errorRate: 0.1,
    requestsPerSecond: 10,
    inFlight: 1,
  })
  expect(figures.routes).toMatchObject([{ route: 'GET /', outcomes: { 200: 90, 503: 10 } }])
  expect(link.latest()?.at).toBe(11)
})

test('has figures of zero before the first second', () => {
  const figures = createShoppersLink({ write: () => {} }).figures()
  expect(figures).toMatchObject({ requestsPerSecond: 0, errorRate: 0, p95Ms: 0, routes: [] })
})

test('tells one command a line', () => {
  const lines: string[] = []
  const link = createShoppersLink({ write: (line) => void lines.push(line) })
  link.setRate(5)
  link.hammer('/search?q=x', 3)
  expect(lines.join('')).toBe(
    '{"kind":"rate","perSecond":5}\n{"kind":"hammer","path":"/search?q=x","perSecond":3}\n',
  )
})
