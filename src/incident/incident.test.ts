import { describe, expect, test } from 'vitest'
import { detect } from '../detect/index.ts'
import { parseObjective } from '../duration.ts'
import { createRequestLedger, type Deploy, type LogDigest } from '../telemetry/index.ts'
import { assessImpact } from './assess-impact.ts'
import { formatDuration } from './format-duration.ts'
import { proposeSeverity, severityFallback } from './severity.ts'
import { accountSla } from './sla.ts'
import { buildTimeline } from './timeline.ts'

const T0 = Date.parse('2026-03-03T10:00:00Z')
const emptyLog: LogDigest = {
  lines: 0,
  bytes: 0,
  files: [],
  firstSeen: null,
  lastSeen: null,
  fingerprints: [],
  groups: null,
}

/** An hour of requests, one a second, alternating between a healthy route and one that fails for 13 minutes. */
function outage() {
  const ledger = createRequestLedger()
  const down = T0 + 1_200_000
  for (let at = T0; at < T0 + 3_600_000; at += 1000) {
    const isShop = (at / 1000) % 2 === 0
    const status = isShop && at >= down && at < down + 780_000 ? 500 : 200
    ledger.record(
      { at, route: isShop ? 'GET /shop' : 'GET /health', status, noAnswer: null, durationMs: 5, client: 'a' },
      'access-log',
    )
  }
  const seen = { logs: emptyLog, requests: ledger.summary(), process: null, deploys: [] as readonly Deploy[] }
  return { ...seen, detection: detect(seen), down }
}

describe('assessImpact', () => {
  test('counts the time of the incident and the routes that failed, not the good hour around them', () => {
    const impact = assessImpact(outage())
    expect(impact).toMatchObject({ requests: 390, failed: 390, errorRate: 1, usersAffected: 1 })
    expect(impact.routes.map((route) => route.route)).toEqual(['GET /shop'])
    expect(impact.healthyRoutes.map((route) => route.route)).toEqual(['GET /health'])
    expect(impact.all).toEqual({ requests: 390, failed: 390 }) // health checks are no users
  })

  test('has document 2’s areas, made from figures', () => {
    const { areas } = assessImpact(outage())
    expect(areas.map(({ area }) => area)).toEqual(['User Experience', 'Logs', 'Reliability', 'Monitoring'])
    expect(areas[0]?.impact).toContain('Every request to GET /shop failed (390 of 390)')
    expect(areas[3]?.impact).toContain('GET /health answered all')
  })

  test('says that requests are unknown where only a log speaks', () => {
    const fingerprint = {
      id: 'x',
      template: 'boom',
      severityText: 'ERROR' as const,
      count: 7,
      firstSeen: T0,
      lastSeen: T0 + 60_000,
      exception: null,
      order: 0,
      windows: new Map([[T0, 7]]),
      examples: [],
    }
    const logs = { ...emptyLog, lines: 7, firstSeen: T0, lastSeen: T0 + 60_000, fingerprints: [fingerprint] }
    const seen = { logs, requests: createRequestLedger().summary(), process: null, deploys: [] }
    const impact = assessImpact({ ...seen, detection: detect(seen) })
    expect(impact).toMatchObject({ requests: 0, failed: 0, errorRate: 0, errorOccurrences: 7, downtimeMs: 0 })
    expect(impact.areas[0]?.impact).toMatch(/^Unknown: no requests were seen/)
  })

  test('is empty where nothing is wrong', () => {
    const seen = { logs: emptyLog, requests: createRequestLedger().summary(), process: null }
    expect(assessImpact({ ...seen, detection: null })).toMatchObject({
      requests: 0,
      failed: 0,
      downtimeMs: 0,
    })
  })
})

test('judges severity on all requests, not only on those to failing routes', () => {
  const all = { requests: 1000, failed: 30 }
  expect(proposeSeverity({ requests: 30, failed: 30, all }, 'P4').severity).toBe('P3')
  expect(proposeSeverity({ requests: 0, failed: 0 }, 'P3')).toEqual({
    severity: 'P3',
    reason: 'no requests were seen',
  })
})

test.each([
  [0.201, 'P1'],
  [0.2, 'P2'],
  [0.05, 'P3'],
  [0.01, 'P4'],
] as const)('a share of %d is %s', (share, severity) => {
  expect(proposeSeverity({ requests: 1000, failed: share * 1000 }, 'P4').severity).toBe(severity)
})

test('falls back to P1 for a dead program, P3 for errors in a log, P4 for nothing', () => {
  const { detection } = outage()
  expect(detection && severityFallback({ ...detection, signal: 'process-ended' })).toBe('P1')
  expect(severityFallback(detection)).toBe('P3')
  expect(severityFallback(null)).toBe('P4')
})

test.each([
  ['15m/year', 780_000, { allowedMs: 900_000, usedMs: 780_000, share: 780 / 900 }],
  ['99.9%/month', 0, { allowedMs: 2_592_000, usedMs: 0, share: 0 }],
  ['15m/year', 1_800_000, { share: 2 }],
])('accounts %s', (text, usedMs, expected) => {
  expect(accountSla(parseObjective(text), usedMs)).toMatchObject(expected)
})

test('the timeline is sorted and made of facts', () => {
  const seen = outage()
  const deploys = [
    { at: seen.down - 5000, service: 'shop', version: 'v2', commit: 'abcdef1234567', previousCommit: null },
    { at: T0 - 1_000_000, service: 'shop', version: 'v1', commit: null, previousCommit: null },
    { at: T0 - 2_000_000, service: 'shop', version: 'v0', commit: null, previousCommit: null },
  ]
  const milestones = [{ at: T0 + 7_200_000, kind: 'diagnosed', summary: 'found' }]
  const timeline = buildTimeline({ ...seen, deploys, milestones })
  expect(timeline.map((event) => event.kind)).toEqual([
    'deploy',
    'deploy',
    'first-failure',
    'detected',
    'recovered',
    'diagnosed',
  ])
  expect(timeline.map((event) => event.at)).toEqual(
    timeline.map((event) => event.at).toSorted((a, b) => a - b),
  )
  expect(timeline[1]?.summary).toBe('Release v2 of shop went live (commit abcdef1234)')
})

test.each([
  [400, '0.4 s'],
  [9999, '10 s'],
  [95_000, '95 s'],
  [780_000, '13 min'],
  [799_600, '13 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('formatDuration(%d) is %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text)
})
