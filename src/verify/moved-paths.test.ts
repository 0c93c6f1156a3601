import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/small-program.ts'
import { moveInvocation, moveLink, usesFolder } from './moved-paths.ts'

// base/repo/app.py, base/repo/conf/x.yml, base/other.yml; the copy is /copy.
const base = temporaryFolder()
const repo = join(base.path, 'repo')
mkdirSync(join(repo, 'conf'), { recursive: true })
for (const file of ['repo/app.py', 'repo/conf/x.yml', 'other.yml']) writeFileSync(join(base.path, file), '')
afterAll(() => base[Symbol.dispose]())

const move = { from: repo, to: '/copy' }
const moved = (command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
  moveInvocation({ command, cwd, env }, move, ['/link/to/repo'])

describe('moveInvocation', () => {
  test.each([
    ['the folder itself', repo, '/copy'],
    ['a file', `${repo}/app.py`, '/copy/app.py'],
    ['a flag', `--config=${repo}/conf/x.yml`, '--config=/copy/conf/x.yml'],
    ['a list', `${repo}/bin:/usr/bin:${repo}/lib`, '/copy/bin:/usr/bin:/copy/lib'],
    ['a file URL', `file://${repo}/a%20b`, 'file:///copy/a%20b'],
    ['an SQLite URL', `sqlite:///${repo}/app.db`, 'sqlite:////copy/app.db'],
    ['JSON', `{"path":"${repo}/x"}`, '{"path":"/copy/x"}'],
    ['another spelling', '/link/to/repo/app.py', '/copy/app.py'],
    ['a folder with a longer name', `${repo}-old/app.py`, `${repo}-old/app.py`],
    ['a path that ends like it', `/mnt${repo}/app.py`, `/mnt${repo}/app.py`],
    ['a relative path that stays inside', 'conf/x.yml', 'conf/x.yml'],
    ['a module', 'app:app', 'app:app'],
    ['a path that leads out', '../other.yml', () => join(base.path, 'other.yml')],
    ['a flag that leads out', '--conf=../other.yml', () => `--conf=${join(base.path, 'other.yml')}`],
    ['a path that leads out to nothing', '../missing.yml', '../missing.yml'],
    ['a URL', 'http://127.0.0.1:8000/repo', 'http://127.0.0.1:8000/repo'],
  ])('%s, from inside', (_, word, expected) => {
    const result = typeof expected === 'string' ? expected : expected()
    expect(moved([word], repo).command).toEqual([result])
    expect(moved(['x'], repo, { VALUE: word }).env).toEqual({ VALUE: result })
  })

  test.each([
    ['repo/app.py', '/copy/app.py'],
    ['--app=repo/app.py', '--app=/copy/app.py'],
    ['./repo', '/copy'],
    ['other.yml', 'other.yml'],
    ['repo/missing.py', 'repo/missing.py'],
  ])('%s, from outside', (word, expected) => {
    expect(moved([word], base.path)).toMatchObject({ command: [expected], cwd: base.path })
  })

  test('a working directory inside moves along', () => {
    expect(moved(['python3', 'x.py'], join(repo, 'conf')).cwd).toBe('/copy/conf')
  })

  test('nothing that does not name the folder is touched', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.dictionary(fc.string(), fc.string()), (command, env) => {
        expect(moved(command, '/nowhere', env)).toEqual({ command, env: { ...env }, cwd: '/nowhere' })
      }),
    )
  })
})

describe('usesFolder', () => {
  test.each([
    [{ command: ['python3', 'app.py'], cwd: repo, env: {} }, true],
    [{ command: ['python3', `${repo}/app.py`], cwd: '/', env: {} }, true],
    [{ command: ['flask', 'run'], cwd: '/', env: { FLASK_APP: `${repo}/app.py` } }, true],
    [{ command: ['nginx'], cwd: '/', env: { PWD: repo, PATH: `${repo}/bin:/bin` } }, false],
  ])('%o: %s', (given, expected) => {
    expect(usesFolder(given, moveInvocation(given, move))).toBe(expected)
  })
})

describe('moveLink', () => {
  const at = (path: string) => join(repo, path)
  const keep = 'keep-dependencies'
  test.each([
    { what: 'inside, relative', link: { at: at('a/link'), target: '../b' }, leads: '../b' },
    { what: 'inside, absolute', link: { at: at('link'), target: at('b') }, leads: '/copy/b' },
    {
      what: 'outside',
      link: { at: at('link'), target: '../other.yml' },
      leads: join(base.path, 'other.yml'),
    },
  ])('$what', ({ link, leads }) => {
    expect(moveLink(link, move)).toBe(leads)
  })

  test.each([
    { what: 'a package of the repository', target: '../packages/p', leads: '/copy/packages/p' },
    { what: 'an installed package', target: '.pnpm/q/q', leads: at('node_modules/.pnpm/q/q') },
  ])('$what, among dependencies', ({ target, leads }) => {
    expect(moveLink({ at: at('node_modules/p'), target }, move, keep)).toBe(leads)
  })
})
