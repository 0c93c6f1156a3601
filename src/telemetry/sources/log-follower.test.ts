import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../../test/small-program.ts'
import { followLogs } from './log-follower.ts'

type Seen = Record<string, string>

async function following(paths: readonly string[]) {
  const seen: Seen = {}
  const follower = await followLogs({
    paths,
    onChunk: (file, chunk) => {
      seen[file] = (seen[file] ?? '') + Buffer.from(chunk).toString()
    },
  })
  const sees = (file: string, text: string) =>
    vi.waitFor(() => expect(seen[file]).toBe(text), { timeout: 5_000 })
  return { seen, follower, sees }
}

describe('followLogs', () => {
  test('skips what was there, reads what comes, and what is left at the end', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    writeFileSync(log, 'old\n')
    const { seen, follower, sees } = await following([log])
    appendFileSync(log, 'one\n')
    await sees(log, 'one\n')
    appendFileSync(log, 'two')
    await follower.stop()
    expect(seen).toEqual({ [log]: 'one\ntwo' })
  })

  test('reads a file from its start that was empty, or was not there', async () => {
    using folder = temporaryFolder()
    const [empty, later] = [join(folder.path, 'empty.log'), join(folder.path, 'sub', 'later.log')]
    writeFileSync(empty, '')
    const { follower, seen } = await following([empty, later])
    writeFileSync(empty, 'a\n')
    mkdirSync(join(folder.path, 'sub'))
    writeFileSync(later, 'b\n')
    await follower.stop()
    expect(seen).toEqual({ [empty]: 'a\n', [later]: 'b\n' })
  })

  test('follows whatever log is in a folder, or comes there, and nothing else', async () => {
    using folder = temporaryFolder()
    const [there, later] = [join(folder.path, 'app.log'), join(folder.path, 'later.log')]
    writeFileSync(there, 'old\n')
    const { follower, seen, sees } = await following([join(folder.path, '*.log')])
    appendFileSync(there, 'one\n')
    await sees(there, 'one\n')
    writeFileSync(later, 'two\n')
    writeFileSync(join(folder.path, 'notes.txt'), 'three\n')
    await follower.stop()
    expect(seen).toEqual({ [there]: 'one\n', [later]: 'two\n' })
  })

  test('goes on after rotation by renaming, and loses nothing of the old file', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    writeFileSync(log, '')
    const { seen, follower, sees } = await following([log])
    appendFileSync(log, '1\n')
    await sees(log, '1\n')
    renameSync(log, `${log}.1`)
    appendFileSync(`${log}.1`, '2\n') // the program has not noticed yet
    await sees(log, '1\n2\n')
    writeFileSync(log, '3\n')
    await follower.stop()
    expect(seen).toEqual({ [log]: '1\n2\n3\n' })
  })

  test.each([
    ['shorter', 'n\n'],
    ['longer than before', 'a much longer line than the one before it\n'],
  ])('starts over when a file is emptied and is %s afterwards', async (_, text) => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    writeFileSync(log, '')
    const { seen, follower, sees } = await following([log])
    appendFileSync(log, 'first line\n')
    await sees(log, 'first line\n')
    truncateSync(log)
    appendFileSync(log, text)
    await follower.stop()
    expect(seen).toEqual({ [log]: `first line\n${text}` })
  })

  test('follows a folder that gains files, but neither archives nor what was rotated', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    writeFileSync(log, 'old\n')
    const { seen, follower, sees } = await following([folder.path])
    appendFileSync(log, '1\n')
    await sees(log, '1\n')
    renameSync(log, `${log}.1`)
    writeFileSync(log, '2\n')
    writeFileSync(join(folder.path, 'app.log.2.gz'), 'zipped')
    const worker = join(folder.path, 'workers', 'w1.log')
    mkdirSync(join(folder.path, 'workers'))
    writeFileSync(worker, 'w\n')
    await sees(log, '1\n2\n')
    await sees(worker, 'w\n')
    await follower.stop()
    expect(Object.keys(seen).toSorted()).toEqual([log, worker])
  })
})
