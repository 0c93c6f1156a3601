import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import { temporaryFolder } from '../../../test/small-program.ts'
import { createGit } from '../../git.ts'
import type { Git } from '../../git.ts'
import { startWatchedRepository } from './watched-repository.ts'

const NOW = Date.UTC(2026, 2, 3, 9)
const WAIT = { timeout: 10_000, interval: 50 }

function repository() {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const path = join(folder.path, 'shop')
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  git('init', '-q', '-b', 'main', path)
  const commit = (subject: string): string => {
    writeFileSync(join(path, 'file'), subject)
    git('-C', path, 'add', '.')
    git('-C', path, 'commit', '-q', '-m', subject)
    return git('-C', path, 'rev-parse', 'HEAD')
  }
  const tag = (name: string): string => git('-C', path, 'tag', '-a', '-m', name, name)
  return { path, commit, tag, stateFile: join(folder.path, 'state.json') }
}

const realGit = createGit({ environment: process.env })

function watching(path: string, stateFile: string | null, git = realGit) {
  const intake = fakeIntake()
  const deps = { intake, now: () => NOW, random: () => 0, signal: new AbortController().signal }
  const options = { path, service: 'checkout', everyMs: 100, stateFile }
  const source = startWatchedRepository({ ...deps, git }, options)
  onTestFinished(() => source.stop())
  const told = (): readonly string[] =>
    intake.items('changes').map(({ kind, summary }) => `${kind} ${summary}`)
  const tells = (...wanted: readonly string[]) => vi.waitFor(() => expect(told()).toEqual(wanted), WAIT)
  const works = () => vi.waitFor(() => expect(source.state().kind).toBe('working'), WAIT)
  return { intake, source, tells, works }
}

test('tells of commits and tags that come, oldest first, and not of those that were there', async () => {
  const { path, commit, tag } = repository()
  const first = commit('first')
  tag('v1')
  const { intake, tells, works } = watching(path, null)
  await works()
  const second = commit('second')
  const third = commit('third')
  tag('v2')
  await tells('other shop: second', 'other shop: third', 'deploy shop: tag v2')
  const [one, two, release] = intake.items('changes')
  expect(one).toMatchObject({
    at: NOW,
    service: 'checkout',
    from: first,
    commit: second,
    source: 'git',
    who: null,
  })
  expect(two).toMatchObject({ from: second, to: third, id: `git:shop:${third}` })
  expect(release).toMatchObject({ to: 'v2', commit: third })
})

test('a commit and its tag that come in the middle of a look are told in their order', async () => {
  const { path, commit, tag } = repository()
  commit('first')
  let comes: (() => void) | null = null
  const git: Git = {
    async run(...asked) {
      const answer = await realGit.run(...asked)
      comes?.()
      comes = null
      return answer
    },
  }
  const { intake, tells, works } = watching(path, null, git)
  await works()
  comes = () => {
    commit('second')
    tag('v1')
  }
  await tells('other shop: second', 'deploy shop: tag v1')
  const [one, release] = intake.items('changes')
  expect(release?.commit).toBe(one?.commit)
})

test('remembers over a restart what it has told', async () => {
  const { path, commit, tag, stateFile } = repository()
  commit('first')
  const before = watching(path, stateFile)
  await before.works()
  commit('second')
  await before.tells('other shop: second')
  await before.source.stop()
  commit('third')
  tag('v1')
  const after = watching(path, stateFile)
  await after.tells('other shop: third', 'deploy shop: tag v1')
  expect(after.source.state()).toMatchObject({ taken: 2, reason: '' })
})

test('says what is wrong where there is no repository', async () => {
  using folder = temporaryFolder()
  const { source } = watching(join(folder.path, 'nothing'), null)
  await vi.waitFor(() => expect(source.state().kind).toBe('failing'), WAIT)
  expect(source.state().reason).toMatch(/nothing/)
})
