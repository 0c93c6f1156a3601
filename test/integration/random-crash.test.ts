import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { PYTHON } from '../needs.ts'
import { RAISE_LINE, randomCrash } from '../programs/random-crash.ts'
import { firebreak, freePort, incidentOf, leftRunning, temporaryFolder } from './firebreak.ts'

test('a program that fails by chance is named so, with the line, and its fix is proven', async () => {
  const folder = temporaryFolder()
  const repository = join(folder, 'buggy-app')
  makeHistory(repository, randomCrash, Date.UTC(2026, 2, 2, 9))
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const out = join(folder, 'out')
  // No --log: the program writes app.log where it runs, and that is enough.
  const ended = await firebreak(
    [
      'run',
      '--url',
      `${base}/`,
      '--url',
      `${base}/health`,
      '--rate',
      '50/s',
      '--out',
      out,
      '--json',
      '--',
      PYTHON,
      'app.py',
    ],
    { cwd: repository, env: { PORT: String(port) } },
  )
  const incident = incidentOf(ended)
  expect(ended.code).toBe(3)
  expect(incident.factors[0]).toMatchObject({
    cause: 'nondeterministic-failure',
    location: { file: 'app.py', line: RAISE_LINE, function: 'home' },
  })
  expect(incident.inconclusive).toBe(false)
  expect(incident.impact.routes.map(({ route }) => route)).toEqual(['GET /'])
  expect(incident.impact.healthyRoutes.map(({ route }) => route)).toEqual(['GET /health'])
  expect(incident.impact.errorRate).toBeGreaterThan(0.35)
  expect(incident.impact.errorRate).toBeLessThan(0.65)
  const kinds = incident.factors[0]?.findings.map(({ kind }) => kind)
  expect(kinds).toContain('failure-rate-matches-guard')
  expect(incident.proof).toMatchObject({ patch: 'fix.patch', proven: true, after: { failed: 0 } })
  expect(incident.proof?.after.requests).toBeGreaterThanOrEqual(200)
  expect(readFileSync(join(out, 'fix.patch'), 'utf8')).toMatch(/^-\s+if random\.choice/m)
  expect(readFileSync(join(out, 'review.md'), 'utf8')).toContain('random.choice([True, False])')
  expect(leftRunning(repository)).toEqual([])
})
