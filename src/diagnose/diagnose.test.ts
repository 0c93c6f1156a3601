import { describe, expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import type { Git } from '../git.ts'
import { diagnose } from './diagnose.ts'
import { incident } from './evidence-builder.ts'

const app = [
  'from flask import Flask',
  'import random',
  'app = Flask(__name__)',
  '@app.route("/")',
  'def home():',
  '    if random.choice([True, False]):',
  '        raise Exception("App crashed")',
  '    return "fine"',
  '',
].join('\n')

const noGit: Git = {
  run: () => Promise.reject(new AppError('GIT_FAILED', 'git did not start')),
}

function depsWith(files: Readonly<Record<string, string>>, git: Git = noGit) {
  return {
    readFile: async (path: string) => files[path] ?? null,
    listFiles: async () => new Set(Object.keys(files)),
    git,
  }
}

const failing = incident({
  logs: [{ exception: 'Exception: App crashed', at: 0, frame: '/srv/shop/app.py', frameLine: 7, count: 900 }],
  traffic: [{ route: 'GET /', failing: () => 0.5 }, { route: 'GET /health' }],
}).evidence

describe('diagnose', () => {
  test('explains the failing line of the repository, and offers to take the guard out', async () => {
    const diagnosis = await diagnose(depsWith({ 'app.py': app }), { ...failing, repository: '/repository' })
    expect(diagnosis.inconclusive).toBe(false)
    expect(diagnosis.factors[0]).toMatchObject({
      cause: 'nondeterministic-failure',
      location: { file: 'app.py', line: 7, function: 'home' },
    })
    expect(diagnosis.fixes[0]?.patch).toMatch(/^-\s+if random\.choice/m)
  })

  test('goes on when git fails, and says so', async () => {
    const diagnosis = await diagnose(depsWith({ 'app.py': app }), { ...failing, repository: '/repository' })
    expect(diagnosis.problems.join()).toMatch(/git history could not be used: git did not start/)
    expect(diagnosis.candidates).toEqual([])
  })

  test('goes on when the source cannot be read', async () => {
    const deps = { ...depsWith({}), listFiles: () => Promise.reject(new Error('disk is gone')) }
    const diagnosis = await diagnose(deps, { ...failing, repository: '/repository' })
    expect(diagnosis.problems.join()).toMatch(/source could not be used: disk is gone/)
    expect(diagnosis.inconclusive).toBe(true)
    expect(diagnosis.nextSteps.length).toBeGreaterThan(0)
  })

  test('asks for the source when none was given', async () => {
    const diagnosis = await diagnose(depsWith({}), failing)
    expect(diagnosis.problems).toEqual([])
    expect(diagnosis.nextSteps.join()).toMatch(/--repo/)
  })
})
