import { describe, expect, test } from 'vitest'
import { type IncidentPlan, MINUTE, T0, incident, sessions } from '../evidence-builder.ts'
import type { FindingKind } from '../finding.ts'
import { collectFromChanges } from './changes.ts'
import type { Collector } from './collector.ts'
import { collectFromDatabase } from './database.ts'
import { collectFromLogs } from './logs.ts'
import { collectFromProcess } from './process.ts'
import { collectFromRequests } from './requests.ts'
import { collectFromSource } from './source.ts'

async function kindsOf(collect: Collector, plan: IncidentPlan): Promise<readonly FindingKind[]> {
  return (await collect(incident(plan))).map((finding) => finding.kind)
}

const from =
  (start: number, share = 1) =>
  (minute: number) =>
    minute >= start ? share : 0

describe('every collector', () => {
  const plan: IncidentPlan = {
    logs: [{ exception: 'KeyError: 1' }],
    traffic: [{ route: 'GET /', failing: from(10, 0.5) }],
    process: { exitedAt: T0 + MINUTE, exitCode: 1, memoryMb: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
    deployAt: 9,
    commits: [{ kinds: [['commit-touches-trace', 3]], probability: 0.9 }],
    guard: { kind: 'nondeterministic', predictedShare: 0.5 },
    probes: [{ connections: { used: 99, limit: 100 } }],
  }
  const all = {
    collectFromLogs,
    collectFromRequests,
    collectFromProcess,
    collectFromSource,
    collectFromChanges,
    collectFromDatabase,
  }
  test.each(Object.entries(all))(
    '%s finds something, with a source, a sentence and a strength',
    async (_, collect) => {
      const findings = await collect(incident(plan))
      expect(findings.length).toBeGreaterThan(0)
      for (const finding of findings) {
        expect(finding.summary).not.toMatch(/undefined|null|NaN|\[object/)
        expect(finding.source).not.toBe('')
        expect(finding.strength).toBeGreaterThan(0)
        expect(finding.strength).toBeLessThanOrEqual(1)
      }
    },
  )

  test.each(Object.entries(all))('%s finds nothing in nothing', async (_, collect) => {
    expect(await collect(incident({}))).toEqual([])
  })
})

describe('requests', () => {
  test.each<[string, IncidentPlan, readonly FindingKind[]]>([
    [
      'half of them fail from the first on',
      { traffic: [{ route: 'GET /', failing: from(0, 0.5) }], process: {} },
      ['route-fails-partly', 'failures-from-start'],
    ],
    [
      'all fail from the first on',
      { traffic: [{ route: 'GET /', failing: from(0) }], process: {} },
      ['route-fails-always', 'failures-from-start'],
    ],
    [
      'it works for a while after the start',
      { traffic: [{ route: 'GET /', failing: from(4) }], process: {} },
      ['route-fails-always', 'failures-grow'],
    ],
    [
      'it works for a while after the release',
      { traffic: [{ route: 'GET /', failing: from(12) }], deployAt: 5 },
      ['route-fails-always', 'failures-grow'],
    ],
    [
      'it fails at once after the release',
      { traffic: [{ route: 'GET /', failing: from(12) }], deployAt: 11.9 },
      ['route-fails-always', 'failures-from-start'],
    ],
    [
      'it jumps, and nobody knows of a release',
      { traffic: [{ route: 'GET /', failing: from(12) }] },
      ['route-fails-always'],
    ],
    [
      'another route stays healthy',
      { traffic: [{ route: 'GET /', failing: from(12) }, { route: 'GET /health' }] },
      ['route-fails-always', 'healthy-route'],
    ],
    ['none fails', { traffic: [{ route: 'GET /' }] }, ['no-failed-requests']],
  ])('%s', async (_, plan, kinds) => {
    expect(await kindsOf(collectFromRequests, plan)).toEqual(kinds)
  })
})

describe('process', () => {
  test.each<[string, IncidentPlan['process'], readonly FindingKind[]]>([
    ['SIGKILL', { exitedAt: T0, signal: 'SIGKILL' }, ['process-killed']],
    [
      'exit code 137, which is SIGKILL inside a container',
      { exitedAt: T0, exitCode: 137 },
      ['process-killed'],
    ],
    ['exit code 1', { exitedAt: T0, exitCode: 1 }, ['process-exited']],
    ['a heap abort', { exitedAt: T0, signal: 'SIGABRT' }, ['process-exited']],
    ['still running', {}, []],
    ['memory that rises', { memoryMb: [50, 60, 70, 80, 95, 110, 130, 150, 170, 200] }, ['memory-grows']],
    [
      'memory that rises at start only',
      { memoryMb: [20, 60, 100, 100, 101, 100, 101, 100, 100, 101] },
      ['memory-steady'],
    ],
  ])('%s', async (_, process, kinds) => {
    expect(await kindsOf(collectFromProcess, process === undefined ? {} : { process })).toEqual(kinds)
  })
})

describe('database', () => {
  test.each<[string, NonNullable<IncidentPlan['probes']>[number], readonly FindingKind[]]>([
    ['at the limit', { connections: { used: 95, limit: 100 } }, ['database-connections-high']],
    [
      'at the limit of ordinary roles',
      { connections: { used: 7, limit: 10, reserved: 3 } },
      ['database-connections-high'],
    ],
    ['quiet', { connections: { used: 5, limit: 100 } }, ['database-connections-normal', 'database-quiet']],
    [
      'refused',
      { connections: null, refused: { reason: 'sorry', tooManyConnections: true } },
      ['database-probe-refused'],
    ],
    [
      'gone',
      { connections: null, refused: { reason: 'shutting down', tooManyConnections: false } },
      ['database-unreachable-error'],
    ],
    [
      'idle in transactions',
      { connections: null, sessions: sessions(3, { state: 'idle-in-transaction', seconds: 30 }) },
      ['sessions-idle-in-transaction'],
    ],
    [
      'short transactions',
      { connections: null, sessions: sessions(3, { state: 'idle-in-transaction', seconds: 1 }) },
      ['database-quiet'],
    ],
    [
      'long statements',
      { connections: null, sessions: sessions(2, { state: 'active', seconds: 30 }) },
      ['statements-long-running'],
    ],
    [
      'waiting statements',
      { connections: null, sessions: sessions(2, { state: 'active', seconds: 30, blockedBy: ['9'] }) },
      ['sessions-blocked'],
    ],
  ])('%s', async (_, probe, kinds) => {
    expect(await kindsOf(collectFromDatabase, { probes: [probe] })).toEqual(kinds)
  })

  test('connections that rise look by look and never fall', async () => {
    const rising = [5, 12, 20, 30].map((used) => ({ connections: { used, limit: 100 } }))
    expect(await kindsOf(collectFromDatabase, { probes: rising })).toContain('database-connections-grow')
    const breathing = [5, 30, 6, 29].map((used) => ({ connections: { used, limit: 100 } }))
    expect(await kindsOf(collectFromDatabase, { probes: breathing })).not.toContain(
      'database-connections-grow',
    )
  })
})
