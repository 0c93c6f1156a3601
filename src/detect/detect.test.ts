import { describe, expect, test } from 'vitest'
import {
  createRequestLedger,
  type Fingerprint,
  type LogDigest,
  type ProcessRecord,
  type RequestOutcome,
  type RequestSummary,
} from '../telemetry/index.ts'
import { windowStart, type EpochMs } from '../time.ts'
import { detect, type DetectInput } from './detect.ts'

const T0 = Date.parse('2026-05-04T08:00:00Z')
const MINUTE = 60_000

function every(from: EpochMs, stepMs: number, count: number): readonly EpochMs[] {
  return Array.from({ length: count }, (_, index) => from + index * stepMs)
}

function requests(
  outcomes: readonly Partial<RequestOutcome>[],
  origin: 'sent' | 'access-log' = 'access-log',
): RequestSummary {
  const ledger = createRequestLedger()
  const plain = { at: T0, route: 'GET /', status: 200, noAnswer: null, durationMs: null, client: null }
  for (const outcome of outcomes) ledger.record({ ...plain, ...outcome }, origin)
  return ledger.summary()
}

function line(id: string, severityText: Fingerprint['severityText'], times: readonly EpochMs[]): Fingerprint {
  const windows = new Map<EpochMs, number>()
  for (const at of times) windows.set(windowStart(at), (windows.get(windowStart(at)) ?? 0) + 1)
  return {
    id,
    template: `${id} happened`,
    severityText,
    count: times.length,
    firstSeen: times[0] ?? null,
    lastSeen: times.at(-1) ?? null,
    exception: null,
    order: 0,
    windows,
    examples: [],
  }
}

function raised(id: string, times: readonly EpochMs[], inApp = true): Fingerprint {
  const frames = [{ file: 'a.py', line: 1, function: 'f', inApp }]
  return { ...line(id, 'ERROR', times), exception: [{ type: 'ValueError', message: 'no', frames }] }
}

function logs(fingerprints: readonly Fingerprint[], from = T0, to = T0 + 30 * MINUTE): LogDigest {
  const lines = fingerprints.reduce((sum, one) => sum + one.count, 0)
  return {
    lines,
    bytes: 0,
    files: [],
    firstSeen: from,
    lastSeen: to,
    fingerprints: fingerprints.map((one, order) => ({ ...one, order })),
    groups: null,
  }
}

const nothing: DetectInput = { logs: logs([]), requests: requests([]), process: null, deploys: [] }
const running: ProcessRecord = {
  command: ['node', 'app.js'],
  startedAt: T0,
  readyAt: T0 + 500,
  exitedAt: null,
  exitCode: null,
  signal: null,
  memory: [],
}

describe('detect', () => {
  test.each<[string, Partial<DetectInput>]>([
    ['nothing was seen', {}],
    ['all requests succeed', { requests: requests(every(T0, 1000, 600).map((at) => ({ at }))) }],
    [
      'clients make mistakes',
      { requests: requests(every(T0, 1000, 600).map((at) => ({ at, status: 404 }))) },
    ],
    [
      'one request in a thousand has always failed',
      {
        requests: requests(
          every(T0, 100, 20_000).map((at, index) => ({ at, status: index % 1000 === 7 ? 500 : 200 })),
        ),
      },
    ],
    [
      'an error line has always been there',
      {
        logs: logs(
          [line('old', 'ERROR', every(T0, 5 * MINUTE, 48)), line('chat', 'INFO', every(T0, 1000, 14_400))],
          T0,
          T0 + 240 * MINUTE,
        ),
      },
    ],
    ['only warnings are logged', { logs: logs([line('warn', 'WARN', every(T0, 1000, 100))]) }],
    ['the program ends well', { process: { ...running, exitedAt: T0 + 9000, exitCode: 0 } }],
    ['somebody asks the program to end', { process: { ...running, exitedAt: T0 + 9000, signal: 'SIGTERM' } }],
  ])('finds nothing where %s', (_, seen) => {
    expect(detect({ ...nothing, ...seen })).toBeNull()
  })

  test('dates the onset at the first failing request of the outage, not at earlier noise', () => {
    const down = T0 + 20 * MINUTE + 3456
    const outcomes = every(T0, 250, 4 * 60 * 30).map((at, index) => ({
      at,
      status: at >= down ? (index % 3 === 0 ? 200 : 500) : index % 1000 === 5 ? 500 : 200,
    }))
    const found = detect({ ...nothing, requests: requests(outcomes) })
    expect(found?.signal).toBe('failed-requests')
    // Where noise came first, only the window of the first failure is known.
    expect(Math.abs((found?.onsetAt ?? 0) - down)).toBeLessThanOrEqual(10_000)
    expect(found?.endedAt).toBeNull()
    expect(found?.summary).toContain('before, 0.1')
  })

  test('dates a clean outage to the millisecond, and its end', () => {
    const down = T0 + 10 * MINUTE + 3100
    const up = down + 5 * MINUTE
    const outcomes = every(T0, 500, 2 * 60 * 30).map((at) => ({
      at,
      status: at >= down && at < up ? 503 : 200,
    }))
    const found = detect({ ...nothing, requests: requests(outcomes) })
    const first = outcomes.find((outcome) => outcome.status === 503)?.at
    const last = outcomes.findLast((outcome) => outcome.status === 503)?.at
    expect(found).toMatchObject({ onsetAt: first, endedAt: last })
    expect((found?.detectedAt ?? 0) - (first ?? 0)).toBeLessThan(10_000)
  })

  test('sees a failure that was there from the first request on', () => {
    const found = detect({
      ...nothing,
      requests: requests(
        every(T0, 100, 200).map((at, index) => ({ at, status: index % 2 === 0 ? 500 : 200 })),
        'sent',
      ),
    })
    expect(found).toMatchObject({ signal: 'failed-requests', onsetAt: T0, endedAt: null })
  })

  test('takes a single failure seriously where it sends the requests itself', () => {
    const outcomes = every(T0, 100, 2000).map((at, index) => ({ at, status: index === 1700 ? 500 : 200 }))
    expect(detect({ ...nothing, requests: requests(outcomes, 'sent') })?.onsetAt).toBe(T0 + 170_000)
    expect(detect({ ...nothing, requests: requests(outcomes) })).toBeNull()
  })

  test('finds the one route that fails among healthy traffic', () => {
    const healthy = every(T0, 100, 12_000).map((at) => ({ at, route: 'GET /health' }))
    const failing = every(T0, 5000, 240).map((at) => ({
      at,
      route: 'POST /pay',
      status: at > T0 + 10 * MINUTE ? 500 : 200,
    }))
    expect(detect({ ...nothing, requests: requests([...healthy, ...failing]) })?.summary).toContain(
      'to POST /pay failed (100.0 %)',
    )
  })

  test.each<['new-error' | 'error-burst' | 'errors', LogDigest]>([
    [
      'new-error',
      logs([
        line('boom', 'ERROR', every(T0 + 20 * MINUTE, 3000, 100)),
        line('chat', 'INFO', every(T0, 1000, 1800)),
      ]),
    ],
    [
      'error-burst',
      logs([line('old', 'ERROR', [...every(T0, 2 * MINUTE, 10), ...every(T0 + 20 * MINUTE, 1000, 500)])]),
    ],
    ['errors', logs([line('steady', 'ERROR', every(T0, 500, 100))], T0, T0 + 50_000)],
    ['new-error', logs([raised('once', [T0 + 25 * MINUTE]), line('chat', 'INFO', every(T0, 1000, 1800))])],
  ])('says %s of a log without requests', (signal, digest) => {
    expect(detect({ ...nothing, logs: digest })?.signal).toBe(signal)
  })

  test('works on a log without any times', () => {
    const timeless = { ...line('boom', 'ERROR', []), count: 3 }
    const found = detect({ ...nothing, logs: { ...logs([timeless]), firstSeen: null, lastSeen: null } })
    expect(found).toMatchObject({
      signal: 'errors',
      onsetAt: null,
      detectedAt: null,
      failingFingerprints: ['boom'],
    })
  })

  test('blames the end of the program for the requests that fail after it', () => {
    const died = T0 + 60_000
    const outcomes = every(T0, 100, 900).map((at) =>
      at < died ? { at } : { at, status: null, noAnswer: 'refused' as const },
    )
    const found = detect({
      ...nothing,
      requests: requests(outcomes, 'sent'),
      process: { ...running, exitedAt: died, exitCode: null, signal: 'SIGKILL' },
    })
    expect(found).toMatchObject({ signal: 'process-ended', onsetAt: died })
    expect(found?.summary).toContain('SIGKILL')
  })

  test('names exceptions of the application first, accompanying lines last, and the usual noise not at all', () => {
    const down = T0 + 15 * MINUTE
    const times = every(down, 1000, 300)
    const found = detect({
      ...nothing,
      requests: requests([
        ...every(T0, 1000, 900).map((at) => ({ at })),
        ...times.map((at) => ({ at, status: 500 })),
      ]),
      logs: logs([
        line('noise', 'ERROR', every(T0, 20_000, 80)),
        line('chat', 'INFO', every(T0, 1000, 1200)),
        line('access-500', 'INFO', times),
        line('wrapped', 'ERROR', times),
        raised('library', times, false),
        raised('own', times),
      ]),
    })
    expect(found?.failingFingerprints).toEqual(['own', 'library', 'wrapped', 'access-500'])
    expect(found?.newFingerprints).toEqual(['own', 'library', 'wrapped', 'access-500'])
  })

  test('counts as new what the last release brought, before it was felt', () => {
    const down = T0 + 20 * MINUTE
    const deploy = { at: T0 + 15 * MINUTE, service: null, version: 'v2', commit: null, previousCommit: null }
    const seen = {
      ...nothing,
      requests: requests(every(T0, 1000, 1800).map((at) => ({ at, status: at >= down ? 500 : 200 }))),
      logs: logs([
        line('hint', 'WARN', every(T0 + 16 * MINUTE, 1000, 100)),
        raised('boom', every(down, 1000, 600)),
      ]),
    }
    expect(detect({ ...seen, deploys: [deploy] })?.newFingerprints).toEqual(['boom', 'hint'])
    expect(detect(seen)?.newFingerprints).toEqual(['boom'])
  })
})
