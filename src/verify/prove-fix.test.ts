import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort, smallProgram, temporaryFolder } from '../../test/small-program.ts'
import { createGit } from '../git.ts'
import { requestForUrl } from '../telemetry/index.ts'
import { proveFix } from './prove-fix.ts'
import type { ProofInput } from './prove-fix.ts'

const FAILS = `fs.writeFileSync('state.db', 'used'); response.statusCode = request.url === '/' ? 500 : 200; response.end('x')`
const FAMILY = `const fs = require('node:fs'); fs.appendFileSync(process.env.PIDS, process.pid + '\\n')`

/** A repository with a program that fails at `/`, and a diff that changes its handler. */
function failing(folder: string, fixed: (code: string) => string) {
  const repository = join(folder, 'repo')
  mkdirSync(repository)
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], {
      cwd: repository,
      encoding: 'utf8',
    })
  git('init', '-q')
  writeFileSync(join(repository, '.gitignore'), '*.db\n')
  const command = smallProgram(repository, FAILS, FAMILY)
  git('add', '-A')
  git('commit', '-qm', 'fails')
  const file = join(repository, 'server.cjs')
  const code = readFileSync(file, 'utf8')
  writeFileSync(file, fixed(code))
  const patch = git('diff')
  writeFileSync(file, code)
  writeFileSync(join(repository, 'state.db'), 'original')
  return { repository, command, patch }
}

async function prove(folder: string, program: ReturnType<typeof failing>, changes: Partial<ProofInput> = {}) {
  const port = await freePort()
  const pids = join(folder, 'pids')
  const url = `http://127.0.0.1:${port}`
  const progress: string[] = []
  const deps = {
    now: Date.now,
    git: createGit({ environment: process.env }),
    signal: new AbortController().signal,
    onProgress: (line: string) => {
      progress.push(line)
    },
  }
  const proof = await proveFix(deps, {
    ...program,
    cwd: program.repository,
    env: { PATH: process.env['PATH'], PORT: String(port), PIDS: pids },
    requests: [requestForUrl(`${url}/`), requestForUrl(`${url}/health`)],
    ratePerSecond: 100,
    followLogs: [],
    before: { requests: 20, failed: 20 },
    failingRoutes: ['GET /'],
    requestCount: 40,
    readinessTimeoutMs: 5_000,
    ...changes,
  })
  return { proof, progress }
}

const mended = (code: string): string => code.replace("=== '/' ? 500", "=== '/' ? 200")

// Copies are made in a folder of our own, so that nobody else's are taken for ours.
const copies = temporaryFolder()
beforeAll(() => void vi.stubEnv('TMPDIR', copies.path))
afterAll(() => {
  vi.unstubAllEnvs()
  copies[Symbol.dispose]()
})

// They wait most of the time, each for programs of its own.
describe.concurrent('proveFix', () => {
  test('a fix that removes the failure is proven, and the original is untouched', async () => {
    using folder = temporaryFolder()
    const program = failing(folder.path, mended)
    const { proof } = await prove(folder.path, program)
    expect(proof).toMatchObject({
      kind: 'tried',
      proven: true,
      before: { requests: 20, failed: 20 },
      after: { failed: 0 },
    })
    expect(proof.kind === 'tried' && proof.after.requests).toBeGreaterThanOrEqual(40)
    expect(readFileSync(join(program.repository, 'server.cjs'), 'utf8')).toContain('? 500')
    expect(readFileSync(join(program.repository, 'state.db'), 'utf8')).toBe('original')
  })

  test.each([
    { what: 'changes nothing', fixed: (code: string) => `${code}\n// \n`, says: /still fail/ },
    {
      what: 'breaks another route',
      fixed: (code: string) => mended(code).replace(': 200; response', ': 500; response'),
      says: /GET \/health fails now/,
    },
  ])('a fix that $what is not', async ({ fixed, says }) => {
    using folder = temporaryFolder()
    const { proof } = await prove(folder.path, failing(folder.path, fixed))
    expect(proof).toMatchObject({ kind: 'tried', proven: false, note: expect.stringMatching(says) })
  })

  const cases: {
    why: string
    changes: Partial<ProofInput>
    says: RegExp
    fixed?: (code: string) => string
  }[] = [
    {
      why: 'the patch does not apply',
      changes: { patch: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n' },
      says: /does not apply/,
    },
    { why: 'no request failed', changes: { failingRoutes: ['GET /other'] }, says: /nothing to compare/ },
    {
      why: 'the program is elsewhere',
      changes: { command: ['sleep', '10'], cwd: '/' },
      says: /does not run from the repository/,
    },
  ]
  test.each(cases)('is not tried when $why', async ({ changes, says }) => {
    using folder = temporaryFolder()
    const { proof } = await prove(folder.path, failing(folder.path, mended), changes)
    expect(proof).toMatchObject({ kind: 'not-tried', reason: expect.stringMatching(says) })
  })

  test('a patch with which the program does not start was tried, and is none', async () => {
    using folder = temporaryFolder()
    const broken = (code: string): string => `throw new Error('bad patch')\n${code}`
    const { proof } = await prove(folder.path, failing(folder.path, broken), {})
    expect(proof).toMatchObject({ kind: 'tried', proven: false, after: { requests: 0, failed: 0 } })
    expect(proof).toMatchObject({ note: expect.stringMatching(/does not start.*bad patch/s) })
  })

  test('a writing request is sent where the copy holds all state, and not where a database is elsewhere', async () => {
    using folder = temporaryFolder()
    const program = failing(folder.path, mended)
    const port = await freePort()
    const requests = [{ ...requestForUrl(`http://127.0.0.1:${port}/`), method: 'POST', body: 'x' }]
    const env = { PATH: process.env['PATH'], PORT: String(port), PIDS: join(folder.path, 'pids') }
    const changes = { requests, failingRoutes: ['POST /'] }
    const sent = await prove(folder.path, program, { ...changes, env })
    expect(sent.proof).toMatchObject({ kind: 'tried', proven: true })
    const kept = await prove(folder.path, program, {
      ...changes,
      env: { ...env, DATABASE_URL: 'postgres://u@db/x' },
    })
    expect(kept.proof).toMatchObject({
      kind: 'not-tried',
      reason: expect.stringMatching(/write, and DATABASE_URL/),
    })
  })

  test('leaves no process', async () => {
    using folder = temporaryFolder()
    await prove(folder.path, failing(folder.path, mended))
    const pids = readFileSync(join(folder.path, 'pids'), 'utf8').trim().split('\n').map(Number)
    expect(pids).toHaveLength(1)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })

  test.each(['a clone', 'a shallow clone'])(
    'the program can still ask git for its version in %s',
    async (what) => {
      using folder = temporaryFolder()
      const version = `require('node:child_process').execFileSync('git', ['describe', '--always', '--tags', '--dirty'])\n`
      const program = failing(folder.path, (code) => version + mended(code))
      if (what === 'a shallow clone') {
        execFileSync(
          'git',
          [
            '-c',
            'user.name=t',
            '-c',
            'user.email=t@t.invalid',
            'commit',
            '-q',
            '--allow-empty',
            '-m',
            'more',
          ],
          {
            cwd: program.repository,
          },
        )
        const clone = join(folder.path, 'clone')
        execFileSync('git', ['clone', '-q', '--depth=1', `file://${program.repository}`, clone])
        program.repository = clone
      }
      expect((await prove(folder.path, program)).proof).toMatchObject({ kind: 'tried', proven: true })
    },
  )
})

test('no copy is left of any of these', () => {
  expect(readdirSync(copies.path)).toEqual([])
})
