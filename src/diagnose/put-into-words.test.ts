import { expect, test } from 'vitest'
import { incident } from './evidence-builder.ts'
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
