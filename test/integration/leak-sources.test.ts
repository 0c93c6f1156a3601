import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leakLanguages, makeLeakRepository } from '../leak-repositories.ts'
import { firebreak, incidentOf, temporaryFolder } from './firebreak.ts'

/** Other seeds than the unit tests and the benchmark's first ones, so that nothing is tried on what it was tuned to. */
const SEEDS = [101, 102]

test('leaks in five languages lead to their commit, from files alone', async () => {
  const folder = temporaryFolder()
  const missed: string[] = []
  let cases = 0
  for (const language of leakLanguages) {
    for (const seed of SEEDS) {
      cases += 1
      const name = `${language.name}-${seed}`
      const made = makeLeakRepository(join(folder, name), language, seed)
      const log = join(folder, `${name}.log`)
      const deploys = join(folder, `${name}.jsonl`)
      const at = new Date(made.deployedAt).toISOString()
      writeFileSync(log, made.log)
      writeFileSync(deploys, `${JSON.stringify({ at, commit: made.bad, previousCommit: made.good })}\n`)
      const out = join(folder, `${name}-out`)
      const inputs = ['--log', log, '--repo', made.repository, '--deploys', deploys]
      const ended = await firebreak(['investigate', ...inputs, '--out', out, '--json'], { cwd: folder })
      const [first] = incidentOf(ended).factors
      if (first?.cause !== 'connection-leak' || first.commit?.sha !== made.culprit)
        missed.push(`${name} (${made.how}): ${first?.cause} ${first?.commit?.subject}`)
    }
  }
  expect(cases).toBe(10)
  // At least 8 of 10; shown whole, so that a failure says which.
  expect(missed.length > 2 ? missed : []).toEqual([])
})
