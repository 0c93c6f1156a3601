import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SmallHistory } from '../../test/small-history.ts'
import { smallHistory } from '../../test/small-history.ts'
import { createGit } from '../git.ts'
import type { Deploy } from '../telemetry/index.ts'
import type { ChangeRange } from './commit-candidate.ts'
import { findChangeRange } from './change-range.ts'
import { rankCommits } from './rank-commits.ts'

const git = createGit({ environment: process.env })
const HOUR = 3_600_000

function fiveCommits(): SmallHistory {
  return smallHistory(
    ['A', 'B', 'C', 'D', 'E'].map((name, index) => [name, { 'a.py': `x = ${index}\n` }] as const),
  )
}

function deploy(at: number, commit: string, previousCommit: string | null = null): Deploy {
  return { at, service: null, version: null, commit, previousCommit }
}

async function rangeOf(
  history: SmallHistory,
  deploys: readonly Deploy[] = [],
  onsetAt: number | null = null,
): Promise<ChangeRange> {
  const range = await findChangeRange({ git }, { repository: history.repository, deploys, onsetAt })
  if (range === null) throw new Error('expected a range')
  return range
}

function tag(history: SmallHistory, name: string, subject: string): void {
  execFileSync('git', ['-C', history.repository, 'tag', name, history.sha(subject)])
}

test('takes the last deploy at or before the onset, and the commit before it', async () => {
  using history = fiveCommits()
  const at = (subject: string): string => history.sha(subject)
  const deploys = [deploy(3 * HOUR, at('E')), deploy(HOUR, at('B')), deploy(2 * HOUR, at('D'))]
  expect(await rangeOf(history, deploys, 2 * HOUR)).toMatchObject({
    goodCommit: at('B'),
    badCommit: at('D'),
    deployedAt: 2 * HOUR,
    commits: 2,
  })
  expect(await rangeOf(history, deploys)).toMatchObject({
    goodCommit: at('D'),
    badCommit: at('E'),
    commits: 1,
  })
  const told = [deploy(2 * HOUR, at('D'), at('A'))]
  expect(await rangeOf(history, told, 5 * HOUR)).toMatchObject({ goodCommit: at('A'), commits: 3 })
})

test('looks past a deploy of the same commit, and past one that is not here', async () => {
  using history = fiveCommits()
  const same = [deploy(1, history.sha('B')), deploy(2, history.sha('E')), deploy(3, history.sha('E'))]
  expect(await rangeOf(history, same)).toMatchObject({ goodCommit: history.sha('B'), commits: 3 })
  const unknown = [deploy(1, history.sha('B')), deploy(2, 'f'.repeat(40)), deploy(3, history.sha('E'))]
  const range = await rangeOf(history, unknown)
  expect(range.goodCommit).toBe(history.sha('B'))
  expect(range.notes.join()).toContain('fffffff')
})

test('falls back, and says so, where the deploys tell nothing', async () => {
  using history = fiveCommits()
  const missing = await rangeOf(history, [deploy(1, 'f'.repeat(40))])
  expect(missing).toMatchObject({
    goodCommit: null,
    badCommit: history.last,
    commits: 5,
    how: 'last 5 commits',
  })
  expect(missing.notes.join()).toContain('is not in this repository')
  const late = await rangeOf(history, [deploy(9 * HOUR, history.last)], HOUR)
  expect(late.notes.join()).toContain('no deploy is as old as the onset')
  const back = await rangeOf(history, [deploy(1, history.sha('E')), deploy(2, history.sha('C'))])
  expect(back.notes.join()).toContain('went back to older code')
  expect(back.badCommit).toBe(history.sha('C'))
})

test('takes the two newest tags, and what lies on top of them', async () => {
  using history = fiveCommits()
  tag(history, 'v1.0', 'B')
  tag(history, 'v1.1', 'E')
  expect(await rangeOf(history)).toMatchObject({
    how: 'tags v1.0..v1.1',
    goodCommit: history.sha('B'),
    commits: 3,
  })
  execFileSync('git', ['-C', history.repository, 'tag', '-d', 'v1.1'])
  tag(history, 'v1.1', 'D')
  expect(await rangeOf(history)).toMatchObject({ goodCommit: history.sha('B'), badCommit: history.sha('E') })
})

test('what was there from the beginning is no change: the first commit is no candidate', async () => {
  using history = smallHistory([['Only', { 'a.py': 'raise ValueError("no")\n' }]])
  const range = await rangeOf(history)
  expect(range).toMatchObject({ goodCommit: null, badCommit: history.last, commits: 1 })
  const symptoms = { exceptions: [], messages: [], findingKinds: [], onsetAt: null }
  const ranked = await rankCommits({ git }, { repository: history.repository, range, symptoms })
  expect(ranked).toEqual([])
})

test('tags of the same second stand in the order of the history, whatever they are called', async () => {
  using history = smallHistory(
    ['A', 'B', 'C'].map((name, index) => [name, { 'a.py': `x = ${index}\n` }] as const),
    0,
  )
  tag(history, 'v9', 'A')
  tag(history, 'v1', 'B')
  tag(history, 'v5', 'C')
  expect(await rangeOf(history)).toMatchObject({
    how: 'tags v1..v5',
    goodCommit: history.sha('B'),
    badCommit: history.sha('C'),
  })
})

test('a tag does not say when its release went live; a deploy does', async () => {
  using history = fiveCommits()
  tag(history, 'v1.0', 'B')
  tag(history, 'v1.1', 'E')
  expect((await rangeOf(history)).deployedAt).toBe(null)
  const told = await rangeOf(history, [deploy(7 * HOUR, history.sha('E'))])
  expect(told).toMatchObject({ how: 'tags v1.0..v1.1', deployedAt: 7 * HOUR })
})

test('the commit that brought the first source is no candidate either, where only a licence came before', async () => {
  using history = smallHistory([
    ['Initial commit', { LICENSE: 'MIT\n' }],
    ['Import the program', { 'a.py': 'def a():\n    raise ValueError("no such order")\n' }],
    ['Ask for orders', { 'b.py': 'import a\na.a()\n' }],
  ])
  const range = await rangeOf(history)
  const frames = [{ file: '/srv/a.py', line: 2, function: 'a', inApp: true }]
  const chain = [{ type: 'ValueError', message: 'no such order', frames }]
  const exceptions = [{ chain, count: 1, isNew: true }]
  const symptoms = { exceptions, messages: [], findingKinds: [], onsetAt: null }
  const ranked = await rankCommits({ git }, { repository: history.repository, range, symptoms })
  expect(ranked.map(({ subject }) => subject)).toEqual(['Ask for orders'])
})

test('a detached head, and changes that are not committed, are said', async () => {
  using history = fiveCommits()
  execFileSync('git', ['-C', history.repository, 'checkout', '-q', '--detach', history.sha('C')])
  expect((await rangeOf(history)).badCommit).toBe(history.sha('C'))
  writeFileSync(join(history.repository, 'a.py'), 'x = 99\n')
  expect((await rangeOf(history)).notes.join()).toContain('not committed: a.py')
})

test('of a shallow clone the first commit is no candidate', async () => {
  using history = fiveCommits()
  const clone = mkdtempSync(join(tmpdir(), 'shallow-'))
  try {
    execFileSync('git', ['clone', '-q', '--depth', '3', `file://${history.repository}`, clone])
    const range = await findChangeRange({ git }, { repository: clone, deploys: [], onsetAt: null })
    if (range === null) throw new Error('expected a range')
    expect(range.notes.join()).toContain('shallow clone')
    const symptoms = { exceptions: [], messages: [], findingKinds: [], onsetAt: null }
    const ranked = await rankCommits({ git }, { repository: clone, range, symptoms })
    expect(ranked.map(({ subject }) => subject).sort()).toEqual(['D', 'E'])
  } finally {
    rmSync(clone, { recursive: true })
  }
})

test('a merge is a candidate only with what it changed itself', async () => {
  using history = fiveCommits()
  const run = (...args: readonly string[]): void =>
    void execFileSync('git', ['-C', history.repository, '-c', 'user.name=x', '-c', 'user.email=x', ...args])
  run('checkout', '-q', '-b', 'side', history.sha('C'))
  writeFileSync(join(history.repository, 'b.py'), 'def b():\n    return 1 / 0\n')
  run('add', 'b.py')
  run('commit', '-q', '-m', 'Add b')
  run('checkout', '-q', 'main')
  run('merge', '-q', '--no-ff', '-m', 'Merge side', 'side')
  const range = await rangeOf(history, [deploy(1, history.sha('C')), deploy(2, 'main')])
  const frames = [{ file: '/srv/b.py', line: 2, function: 'b', inApp: true }]
  const chain = [{ type: 'ZeroDivisionError', message: 'division by zero', frames }]
  const symptoms = {
    exceptions: [{ chain, count: 1, isNew: true }],
    messages: [],
    findingKinds: [],
    onsetAt: null,
  }
  const ranked = await rankCommits({ git }, { repository: history.repository, range, symptoms })
  expect(ranked[0]?.subject).toBe('Add b')
  expect(ranked.at(-1)?.subject).toBe('Merge side')
})

test('no history is no range; a repository without commits is an error with a hint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'empty-'))
  try {
    expect(await findChangeRange({ git }, { repository: folder, deploys: [], onsetAt: null })).toBe(null)
    execFileSync('git', ['-C', folder, 'init', '-q'])
    const asked = findChangeRange({ git }, { repository: folder, deploys: [], onsetAt: null })
    await expect(asked).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
