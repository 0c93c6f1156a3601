import { describe, expect, test } from 'vitest'
import type { CauseId } from '../contract/causes.ts'
import { type IncidentPlan, incident, sessions } from './evidence-builder.ts'
import { weighEvidence } from './weigh-evidence.ts'

const always =
  (from = 10) =>
  (minute: number) =>
    minute >= from ? 1 : 0
const partly =
  (share: number, from = 0) =>
  (minute: number) =>
    minute >= from ? share : 0
const growing =
  (from = 10) =>
  (minute: number) =>
    Math.min(1, Math.max(0, (minute - from) / 6))
const pool = {
  exception: 'TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out',
}

async function firstOf(plan: IncidentPlan): Promise<string> {
  const { factors, inconclusive } = await weighEvidence(incident(plan))
  return inconclusive ? 'inconclusive' : (factors[0]?.cause ?? 'nothing')
}

describe('causes that look alike are told apart', () => {
  const pairs: readonly (readonly [string, CauseId, IncidentPlan])[] = [
    [
      'a full pool with idle sessions is a leak',
      'connection-leak',
      {
        logs: [pool],
        traffic: [{ route: 'GET /', failing: growing() }],
        deployAt: 5,
        probes: [{ sessions: sessions(15, { state: 'idle', seconds: 90 }) }],
      },
    ],
    [
      'a full pool with long statements is a slow query',
      'slow-query',
      {
        logs: [pool],
        traffic: [{ route: 'GET /', failing: partly(0.6, 10), durationMs: 9000 }],
        probes: [{ sessions: sessions(15, { state: 'active', seconds: 20 }) }],
      },
    ],
    [
      'a call that times out since its time-out was cut is configuration, not a slow dependency',
      'wrong-configuration',
      {
        logs: [
          { line: 'report failed: The operation was aborted due to timeout', severity: 'ERROR', count: 100 },
        ],
        traffic: [{ route: 'GET /', failing: always(0) }],
        origin: 'sent',
        commits: [{ kinds: [['commit-changed-limit', 2.6]], probability: 0.7, subject: 'Fail fast' }],
      },
    ],
    [
      'a full pool with waiting sessions is lock contention',
      'lock-contention',
      {
        logs: [pool],
        traffic: [{ route: 'GET /', failing: partly(0.6, 10) }],
        probes: [
          {
            sessions: [
              ...sessions(14, { state: 'active', blockedBy: ['9'], waitingFor: 'lock', seconds: 20 }),
              ...sessions(1, { id: '9', state: 'active', seconds: 90 }),
            ],
          },
        ],
      },
    ],
    [
      'a full pool since its limit was cut is a small pool',
      'pool-too-small',
      {
        logs: [pool],
        traffic: [{ route: 'GET /', failing: partly(0.4, 10) }],
        deployAt: 9.9,
        commits: [{ kinds: [['commit-changed-limit', 2.6]], probability: 0.8 }],
      },
    ],
    [
      'a full server is exhaustion',
      'connections-exhausted',
      {
        logs: [{ exception: 'Error: sorry, too many clients already' }],
        traffic: [{ route: 'GET /', failing: partly(0.4, 10) }],
      },
    ],
    [
      'the same after a commit that stopped releasing is a leak',
      'connection-leak',
      {
        logs: [{ exception: 'Error: sorry, too many clients already' }],
        traffic: [{ route: 'GET /', failing: growing() }],
        deployAt: 5,
        commits: [{ kinds: [['commit-stopped-releasing', 6.5]], probability: 0.8 }],
      },
    ],
    [
      'a refused connection is a service that is down',
      'dependency-down',
      { logs: [{ exception: 'Error: connect ECONNREFUSED 10.0.0.7:8080' }] },
    ],
    [
      'a name without an address is name resolution',
      'name-resolution',
      { logs: [{ exception: 'Error: connect failed: getaddrinfo ENOTFOUND pay' }] },
    ],
    [
      'a refused handshake is the certificate',
      'certificate-expired',
      { logs: [{ exception: 'Error: connect failed: certificate has expired' }] },
    ],
    [
      'a late answer is a slow service',
      'dependency-slow',
      { logs: [{ exception: 'Error: connect ETIMEDOUT 10.0.0.7:8080' }] },
    ],
    [
      'a killed process with memory at its limit is memory',
      'out-of-memory',
      {
        logs: [{ line: 'Memory cgroup out of memory: Killed process 812 (python3)', severity: '', count: 1 }],
        process: { exitedAt: Date.UTC(2026, 2, 3, 9, 5), signal: 'SIGKILL' },
      },
    ],
    [
      'a process that exits with 1 and an import error is the release',
      'bad-release',
      {
        logs: [{ exception: "ModuleNotFoundError: No module named 'redis'" }],
        process: { exitedAt: Date.UTC(2026, 2, 3, 9, 1), exitCode: 1 },
      },
    ],
    [
      'a process that exits for want of a setting is configuration',
      'missing-configuration',
      {
        logs: [{ exception: 'Error: environment variable PAYMENT_URL is not set' }],
        process: { exitedAt: Date.UTC(2026, 2, 3, 9, 1), exitCode: 1 },
      },
    ],
    [
      'chance with the wrong share and a message about time-outs is still chance',
      'nondeterministic-failure',
      {
        logs: [{ exception: 'TimeoutError: upstream timed out' }],
        traffic: [{ route: 'GET /', failing: partly(0.5) }],
        guard: { kind: 'nondeterministic', text: 'random.random() < 0.5', predictedShare: 0.5 },
      },
    ],
    [
      'a certificate that expired after a release is not the release',
      'certificate-expired',
      {
        logs: [{ exception: 'Error: certificate has expired' }],
        traffic: [{ route: 'GET /', failing: always() }],
        deployAt: 5,
        commits: [{ kinds: [['commit-touches-trace', 3]], probability: 0.5 }],
      },
    ],
    [
      'a dependency that went down after a release is not the release',
      'dependency-down',
      {
        logs: [{ exception: 'Error: connect ECONNREFUSED 10.0.0.7:8080' }],
        traffic: [{ route: 'GET /', failing: always() }],
        deployAt: 5,
        commits: [{ kinds: [['commit-touches-trace', 1]], probability: 0.3 }],
      },
    ],
  ]
  test.each(pairs)('%s', async (_, cause, plan) => {
    expect(await firstOf(plan)).toBe(cause)
  })
})

describe('nothing is named', () => {
  const open: readonly (readonly [string, IncidentPlan])[] = [
    [
      'two equal causes at once',
      {
        logs: [
          { exception: 'OSError: [Errno 28] No space left on device' },
          { exception: 'Error: certificate has expired' },
        ],
      },
    ],
    [
      'an error whose words tell nothing',
      {
        logs: [{ exception: 'AcmeError: operation failed' }],
        traffic: [{ route: 'GET /', failing: partly(0.3, 10) }],
      },
    ],
    ['failures without any log', { traffic: [{ route: 'GET /', failing: partly(0.3, 10) }] }],
    ['a plain line in another language', { logs: [{ line: 'Vorgang fehlgeschlagen' }] }],
  ]
  test.each(open)('for %s: inconclusive, with what to look at next', async (_, plan) => {
    const { inconclusive, nextSteps } = await weighEvidence(incident(plan))
    expect(inconclusive).toBe(true)
    expect(nextSteps.length).toBeGreaterThan(0)
  })

  const fine: readonly (readonly [string, IncidentPlan])[] = [
    ['a healthy service', { traffic: [{ route: 'GET /' }] }],
    [
      'a healthy service with an old grumble',
      { traffic: [{ route: 'GET /' }], logs: [{ line: 'slow query: 1200 ms', severity: 'WARN', old: true }] },
    ],
    ['silence', {}],
  ]
  test.each(fine)('for %s: no factor, and not inconclusive', async (_, plan) => {
    const { factors, inconclusive } = await weighEvidence(incident(plan))
    expect(factors).toEqual([])
    expect(inconclusive).toBe(false)
  })
})

describe('what is said', () => {
  test('a leak names the commit that stopped releasing above one that changed a time-out, and where', async () => {
    const plan: IncidentPlan = {
      logs: [pool],
      traffic: [{ route: 'GET /', failing: growing() }],
      deployAt: 5,
      commits: [
        {
          kinds: [
            ['commit-changed-limit', 2.6],
            ['commit-touches-trace', 2],
          ],
          probability: 0.45,
          subject: 'Wait less',
        },
        { kinds: [['commit-stopped-releasing', 6.5]], probability: 0.4, subject: 'Tidy the queries' },
      ],
    }
    const [first] = (await weighEvidence(incident(plan))).factors
    expect(first?.cause).toBe('connection-leak')
    expect(first?.commit?.subject).toBe('Tidy the queries')
    expect(first?.location).toMatchObject({ file: 'app/db.py', line: 11 })
    expect(first?.chain[0]).toContain('Tidy the queries')
  })

  test('the predicted share stands beside the observed one', async () => {
    const plan: IncidentPlan = {
      logs: [{ exception: 'Exception: boom', at: 0 }],
      traffic: [{ route: 'GET /', failing: partly(0.5) }, { route: 'GET /health' }],
      guard: { kind: 'nondeterministic', text: 'random.choice([True, False])', predictedShare: 0.5 },
    }
    const [first] = (await weighEvidence(incident(plan))).factors
    expect(first?.summary).toMatch(
      /900 of 1800 requests to GET \/ failed \(50\.0 %\), 50\.0 % were predicted/,
    )
    expect(first?.location).toEqual({ file: 'app/service.py', line: 42, function: 'handle' })
  })

  test('next steps say what would tell a leak from a small pool', async () => {
    const { nextSteps } = await weighEvidence(incident({ logs: [pool] }))
    expect(nextSteps.join('\n')).toMatch(/--db/)
    expect(nextSteps.join('\n')).toMatch(/speaks? for connection-leak|speaks? for pool-too-small/)
  })

  test('old errors weigh next to nothing', async () => {
    const noise = [{ line: 'certificate has expired for legacy.example.com', old: true, count: 300 }] as const
    const plan: IncidentPlan = {
      logs: [{ exception: 'Error: connect ECONNREFUSED 10.0.0.7:8080' }, ...noise],
      traffic: [{ route: 'GET /', failing: always() }],
    }
    expect(await firstOf(plan)).toBe('dependency-down')
  })
})
