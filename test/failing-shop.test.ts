import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { makeExampleRepository } from '../examples/failing-shop.ts'
import { temporaryFolder } from './small-program.ts'

test('the example has ten commits and two releases, the same ones every time, and the last at the given time', async () => {
  using first = temporaryFolder()
  using second = temporaryFolder()
  const releasedAt = new Date('2026-05-06T07:08:09Z')
  const history = async (folder: string): Promise<string> => {
    await makeExampleRepository(folder, releasedAt)
    return execFileSync('git', ['log', '--format=%H %cI %s%d'], { cwd: folder, encoding: 'utf8' })
  }
  const log = await history(first.path)
  expect(log.trim().split('\n')).toHaveLength(10)
  expect(log).toMatch(/^\w+ 2026-05-06T07:08:09(?:Z|\+00:00) Release 1\.4\.0 .*tag: v1\.4\.0/)
  expect(log).toMatch(/Release 1\.3\.0 \(tag: v1\.3\.0\)/)
  expect(await history(second.path)).toBe(log)
})
