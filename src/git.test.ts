import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallHistory } from '../test/small-history.ts'
import { findChangeRange, rankCommits } from './diagnose/index.ts'
import {
  blameLines,
  createGit,
  listFiles,
  logPatches,
  readBlobs,
  renamedSince,
  resolveCommit,
} from './git.ts'

const git = createGit({ environment: process.env })

test('runs nothing that a hostile repository configures', async () => {
  using history = smallHistory([
    [
      'Start',
      { 'a.py': 'def a():\n    return 1\n', '.gitattributes': '* diff=evil filter=evil merge=evil\n' },
    ],
    ['Change', { 'a.py': 'def a():\n    return 2\n' }],
  ])
  const { repository } = history
  const marker = join(repository, 'ran')
  const evil = join(repository, 'evil.sh')
  writeFileSync(evil, `#!/bin/sh\necho "$0 $@" >> ${marker}\ncat\n`, { mode: 0o755 })
  for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman']) {
    writeFileSync(join(repository, '.git/hooks', hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 })
  }
  const settings = `core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy core.alternateRefsCommand
    diff.external diff.evil.command diff.evil.textconv filter.evil.clean filter.evil.smudge filter.evil.process gpg.program
    pager.log pager.blame pager.diff interactive.diffFilter credential.helper uploadpack.packObjectsHook merge.evil.driver`
  for (const name of settings.split(/\s+/)) configure(repository, name, evil)
  configure(repository, 'log.showSignature', 'true')
  configure(repository, 'filter.evil.required', 'true')
  configure(repository, 'core.hooksPath', join(repository, '.git/hooks'))
  configure(repository, 'alias.log', `!${evil}`)
  writeFileSync(join(repository, 'a.py'), 'def a():\n    return 3\n')
  const range = await findChangeRange({ git }, { repository, deploys: [], onsetAt: null })
  if (range === null) throw new Error('expected a range')
  const frames = [{ file: '/srv/a.py', line: 2, function: 'a', inApp: true }]
  const chain = [{ type: 'ValueError', message: 'two', frames }]
  const symptoms = {
    exceptions: [{ chain, count: 1, isNew: true }],
    messages: [],
    findingKinds: [],
    onsetAt: null,
  }
  const ranked = await rankCommits({ git }, { repository, range, symptoms })
  expect(ranked[0]?.subject).toBe('Change')
  expect(range.notes.join()).toContain('not committed: a.py')
  expect(existsSync(marker)).toBe(false)
})

test('does not write to the repository, not even its index', async () => {
  using history = smallHistory([['Start', { 'a.py': 'x = 1\n' }]])
  const index = join(history.repository, '.git/index')
  const before = readFileSync(index)
  writeFileSync(join(history.repository, 'a.py'), 'x = 1\n') // the same text, another time: a refresh would write
  await findChangeRange({ git }, { repository: history.repository, deploys: [], onsetAt: null })
  expect(readFileSync(index).equals(before)).toBe(true)
})

test('names of people do not come out of it', async () => {
  using history = smallHistory([
    ['Start', { 'a.py': 'x = 1\n' }],
    ['Change', { 'a.py': 'x = 2\n' }],
  ])
  const { repository, last } = history
  const log = await logPatches(git, { repository, revisions: [last], maxCommits: 9, maxBytes: 1e6 })
  const blame = await blameLines(git, { repository, range: last, file: 'a.py', lines: [[1, 1]] })
  expect(blame).toEqual([{ line: 1, sha: last, file: 'a.py', originalLine: 1 }])
  expect(`${log}${JSON.stringify(blame)}`).not.toMatch(/The Team|team@example/)
})

test.each(['', '--all', '-n1', 'HEAD~5', 'no-such', 'HEAD:a.py', 'a b', '0'.repeat(40)])(
  'resolves %j to no commit',
  async (name) => {
    using history = smallHistory([['Start', { 'a.py': 'x = 1\n' }]])
    expect(await resolveCommit(git, history.repository, name)).toBe(null)
  },
)

test('resolves full and short ids, branches and HEAD', async () => {
  using history = smallHistory([['Start', { 'a.py': 'x = 1\n' }]])
  for (const name of ['HEAD', 'main', history.last, history.last.slice(0, 8)]) {
    expect(await resolveCommit(git, history.repository, name)).toBe(history.last)
  }
})

test('reads many blobs in one process, and leaves out what is missing', async () => {
  using history = smallHistory([['Start', { 'a.py': 'x = 1\n', 'empty.txt': '', 'ä b.txt': 'ä\n' }]])
  const texts = await readBlobs(git, history.repository, [
    'HEAD:a.py',
    'HEAD:none',
    'HEAD:empty.txt',
    'HEAD:ä b.txt',
  ])
  expect([...texts]).toEqual([
    ['HEAD:a.py', 'x = 1\n'],
    ['HEAD:empty.txt', ''],
    ['HEAD:ä b.txt', 'ä\n'],
  ])
  expect(await listFiles(git, history.repository, 'HEAD')).toEqual(['a.py', 'empty.txt', 'ä b.txt'])
})

test('follows a file that a later commit renamed', async () => {
  const text = 'one = 1\ntwo = 2\nthree = 3\nfour = 4\n'
  using history = smallHistory([
    ['Start', { 'src/a.py': text, 'gone.py': 'x = 1\n' }],
    ['Move', { 'src/a.py': null, 'gone.py': null, 'src/new name.py': `${text}five = 5\n` }],
  ])
  const since = (path: string) => renamedSince(git, history.repository, { commit: 'HEAD~1', path })
  expect(await since('src/a.py')).toBe('src/new name.py')
  expect(await since('gone.py')).toBe(null)
})

test('cuts output at the limit that is asked for', async () => {
  using history = smallHistory([['Start', { 'a.py': 'x = 1\n'.repeat(100_000) }]])
  const { bytes, truncated } = await git.run(history.repository, ['show', 'HEAD:a.py'], { maxBytes: 1000 })
  expect([bytes.length, truncated]).toEqual([1000, true])
})

test('says which command failed, where and why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-repository-'))
  try {
    await expect(git.run(folder, ['log'])).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
    await expect(git.run(join(folder, 'none'), ['log'])).rejects.toMatchObject({ code: 'GIT_FAILED' })
    const nowhere = createGit({ environment: { PATH: folder } })
    await expect(nowhere.run(folder, ['log'])).rejects.toMatchObject({
      code: 'GIT_FAILED',
      hint: expect.stringContaining('install') as string,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function configure(repository: string, name: string, value: string): void {
  execFileSync('git', ['-C', repository, 'config', name, value])
}
