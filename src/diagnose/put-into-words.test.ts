import { expect, test } from 'vitest'
import { incident, type IncidentPlan } from './evidence-builder.ts'
import { weighEvidence } from './weigh-evidence.ts'

test.each([
  ['OSError: [Errno 28] No space left on device', 'A file system is full'],
  ['HTTPError: HTTP Error 429: Too Many Requests', 'A service that the program needs refuses calls'],
])('the mechanism of %s is said, not that a line was logged', async (exception, mechanism) => {
  const plan = {
    logs: [{ exception, frame: 'app.py', count: 90 }],
    traffic: [{ route: 'GET /', failing: () => 1 }],
  }
  const { factors } = await weighEvidence(incident(plan))
  expect(factors[0]?.chain[2]).toContain(mechanism)
  expect(factors[0]?.chain[2]).not.toContain('was logged')
})

const failFast = {
  logs: [{ line: 'report failed: The operation was aborted due to timeout', severity: 'ERROR', count: 90 }],
  traffic: [{ route: 'GET /', failing: () => 1 }],
  origin: 'sent',
  commits: [{ kinds: [['commit-changed-limit', 2.6]], probability: 0.8, subject: 'Fail fast' }],
} as const satisfies IncidentPlan

const brokenCall = {
  logs: [{ exception: "KeyError: 'count'", frame: 'app.py', count: 90 }],
  traffic: [{ route: 'GET /', failing: () => 1 }],
  origin: 'sent',
  commits: [{ kinds: [['commit-changed-call', 2.6]], probability: 0.9, subject: 'Call it quantity' }],
} as const satisfies IncidentPlan

test.each([
  ['wrong-configuration', failFast],
  ['bad-release', brokenCall],
])('the mechanism of %s says what the commit did, and the trigger which commit', async (cause, plan) => {
  const { factors } = await weighEvidence(incident(plan))
  const [first] = factors
  expect(first?.cause).toBe(cause)
  expect(first?.chain[0]).toContain(first?.commit?.subject)
  expect(first?.chain[2]).toMatch(/^a commit a reason of kind/)
  expect(first?.chain[2]).not.toContain(first?.commit?.sha.slice(0, 7))
})

test('a lock that a commit brought has its mechanism without the commit', async () => {
  const plan = {
    logs: [{ exception: 'OperationalError: database is locked', frame: 'app.py', count: 90 }],
    traffic: [{ route: 'GET /', failing: () => 0.6 }],
    origin: 'sent',
    commits: [{ kinds: [['commit-touches-trace', 2]], probability: 0.4, subject: 'Archive first' }],
  } as const satisfies IncidentPlan
  const { factors } = await weighEvidence(incident(plan))
  expect(factors[0]).toMatchObject({ cause: 'lock-contention', commit: { subject: 'Archive first' } })
  expect(factors[0]?.chain[2]).toBe('Transactions wait for locks that others hold')
})

test('two names for what one commit did are no doubt about it', async () => {
  const plan = {
    logs: [
      { exception: "TypeError: Cannot read properties of undefined (reading 'x')", frame: 'a.js', count: 90 },
    ],
    traffic: [{ route: 'GET /', failing: () => 0.6 }],
    origin: 'sent',
    commits: [{ kinds: [['commit-changed-call', 2]], probability: 0.9 }],
  } as const satisfies IncidentPlan
  const { factors, inconclusive } = await weighEvidence(incident(plan))
  expect(
    factors
      .slice(0, 2)
      .map(({ cause }) => cause)
      .toSorted(),
  ).toEqual(['bad-release', 'unhandled-input'])
  expect(factors[0]?.commit?.sha).toBe(factors[1]?.commit?.sha)
  expect(inconclusive).toBe(false)
})
