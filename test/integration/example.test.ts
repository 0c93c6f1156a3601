import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firebreak, incidentOf, leftRunning, readOut, temporaryFolder } from './firebreak.ts'

test('the example ends by itself with a proven fix, and leaves nothing but its review', async () => {
  const folder = temporaryFolder()
  const temporary = temporaryFolder()
  const env = { TMPDIR: temporary }
  const ended = await firebreak(['example', '--out', join(folder, 'out'), '--json'], { cwd: folder, env })
  const incident = incidentOf(ended)
  expect(ended.code).toBe(0)
  expect(incident.proof).toMatchObject({ proven: true, after: { failed: 0 } })
  expect(incident.inconclusive).toBe(false)
  expect(readdirSync(join(folder, 'out')).toSorted()).toEqual([
    'fix.patch',
    'incident.json',
    'replay.jsonl',
    'review.html',
    'review.md',
  ])
  expect(readOut(join(folder, 'out'), 'review.md')).toContain('## Root cause')
  expect(ended.stderr).toContain(join(folder, 'out'))
  expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([])
  expect(leftRunning(temporary)).toEqual([])
})
