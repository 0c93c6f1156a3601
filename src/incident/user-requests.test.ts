import { expect, test } from 'vitest'
import { detect } from '../detect/index.ts'
import { createRequestLedger, type LogDigest } from '../telemetry/index.ts'
import { assessImpact } from './assess-impact.ts'
import { proposeSeverity } from './severity.ts'

const T0 = Date.parse('2026-03-03T10:00:00Z')
const noLog: LogDigest = {
  lines: 0,
  bytes: 0,
  files: [],
  firstSeen: null,
  lastSeen: null,
  fingerprints: [],
  groups: null,
}

/** Half an hour of requests, one a second each; the failing route fails for 13 minutes of it. */
function impactOf(failing: string, healthy: readonly string[]) {
  const ledger = createRequestLedger()
  const down = T0 + 600_000
  for (let at = T0; at < T0 + 1_800_000; at += 1000) {
    const status = at >= down && at < down + 780_000 ? 500 : 200
    ledger.record({ at, route: failing, status, noAnswer: null, durationMs: 5, client: null }, 'access-log')
    for (const route of healthy)
      ledger.record({ at, route, status: 200, noAnswer: null, durationMs: 1, client: null }, 'access-log')
  }
  const seen = { logs: noLog, requests: ledger.summary(), process: null, deploys: [] }
  return assessImpact({ ...seen, detection: detect(seen) })
}

test('downtime is not hidden by health checks that stay green', () => {
  const impact = impactOf('GET /', ['GET /health', 'GET /readyz', 'HEAD /'])
  expect(impactOf('GET /', ['GET /health', 'GET /readyz']).downtimeMs).toBe(780_000)
  expect(impact.downtimeMs).toBe(0) // `HEAD /` is a user, and half of the users were served
  expect(impact.healthyRoutes.map(({ route }) => route)).toContain('GET /health')
})

test('severity is not diluted by health checks', () => {
  const impact = impactOf(
    'GET /',
    Array.from({ length: 9 }, (_, n) => `GET /s${n}x/health`),
  )
  expect(proposeSeverity(impact, 'P4').severity).toBe('P1')
  expect(impact.all).toEqual({ requests: 780, failed: 780 })
})

test('a health check that fails alone is judged among all requests', () => {
  const impact = impactOf('GET /health', ['GET /'])
  expect(impact).toMatchObject({ requests: 780, failed: 780 })
  expect(impact.all.requests).toBeGreaterThan(1500)
})
