import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/small-program.ts'
import { createGit } from '../git.ts'
import { copyWorkTree } from './work-copy.ts'

const git = createGit({ environment: process.env })

/** A repository with these files, committed; git ignores `*.db`, `.env`, `node_modules`, `venv`, `target`, `logs`. */
function repository(folder: string, files: Readonly<Record<string, string>>): string {
  const root = join(realpathSync(folder), 'repo')
  write(root, { '.gitignore': '*.db\n.env\nnode_modules\nvenv\ntarget\nlogs\n', ...files })
  const run = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], { cwd: root })
  run('init', '-q')
  run('add', '-A')
  run('commit', '-qm', 'all')
  return root
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

async function copied(root: string, followLogs: readonly string[] = []) {
  const into = join(dirname(root), 'copy')
  mkdirSync(into)
  const result = await copyWorkTree(
    { git, signal: new AbortController().signal },
    { repository: root, into, followLogs },
  )
  const read = (name: string): string => readFileSync(join(into, name), 'utf8')
  return { into, result, read }
}

describe('copyWorkTree', () => {
  test('copies what git tracks as it is now, untracked files and ignored data, with modes and times', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'app.py': 'old', 'gone.py': 'x', 'bin/run': '#!' })
    write(root, {
      'app.py': 'edited',
      'new.py': 'new',
      'data/shop.db': 'rows',
      '.env': 'A=1',
      'ünï cödé.txt': 'u',
    })
    execFileSync('rm', [join(root, 'gone.py')])
    execFileSync('chmod', ['755', join(root, 'bin/run')])
    utimesSync(join(root, 'app.py'), 1_000, 1_000)
    const { into, result, read } = await copied(root)
    expect(result).toMatchObject({
      ok: true,
      leftOut: [],
      untracked: new Set(['new.py', 'ünï cödé.txt', 'data/shop.db', '.env']),
    })
    expect(['app.py', 'new.py', 'data/shop.db', '.env', 'ünï cödé.txt'].map(read)).toEqual([
      'edited',
      'new',
      'rows',
      'A=1',
      'u',
    ])
    expect(existsSync(join(into, 'gone.py'))).toBe(false)
    expect(existsSync(join(into, '.git'))).toBe(false)
    expect(statSync(join(into, 'bin/run')).mode & 0o111).toBe(0o111)
    expect(statSync(join(into, 'app.py')).mtimeMs).toBe(1_000_000)
    writeFileSync(join(into, 'data/shop.db'), 'changed')
    expect(readFileSync(join(root, 'data/shop.db'), 'utf8')).toBe('rows')
  })

  test('links dependencies; packages of the repository itself lead into the copy', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'packages/mine/index.js': 'm' })
    write(root, {
      'node_modules/express/index.js': 'e',
      'node_modules/@scope/lib/index.js': 's',
      'venv/pyvenv.cfg': '',
      'other-env/pyvenv.cfg': '',
      'other-env/lib/x.py': 'p',
    })
    symlinkSync('../packages/mine', join(root, 'node_modules/mine'))
    symlinkSync('../../packages/mine', join(root, 'node_modules/@scope/mine'))
    const { into, read } = await copied(root)
    expect(read('node_modules/express/index.js')).toBe('e')
    expect(readlinkSync(join(into, 'node_modules/express'))).toBe(join(root, 'node_modules/express'))
    expect(readlinkSync(join(into, 'node_modules/@scope/lib'))).toBe(join(root, 'node_modules/@scope/lib'))
    for (const own of ['node_modules/mine', 'node_modules/@scope/mine']) {
      expect(realpathSync(join(into, own))).toBe(join(into, 'packages/mine'))
    }
    for (const env of ['venv', 'other-env']) expect(readlinkSync(join(into, env))).toBe(join(root, env))
  })

  test('followed logs start empty', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'tracked.log': 'old', 'src/app.log.js': 'code' })
    write(root, { 'logs/app.log': 'old', 'logs/upload.bin': 'data' })
    const { read, into } = await copied(root, [
      join(root, 'tracked.log'),
      join(root, 'logs'),
      join(root, 'var/later.log'),
    ])
    expect(read('tracked.log')).toBe('')
    expect(existsSync(join(into, 'logs/app.log')) && read('logs/app.log')).toBeFalsy()
    expect(read('logs/upload.bin')).toBe('data')
    expect(existsSync(join(into, 'var'))).toBe(true)
  })

  test('refuses over 200 MB of data, and says what it is', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'app.py': 'x' })
    write(root, { 'big.db': '' })
    truncateSync(join(root, 'big.db'), 201 * 1024 * 1024)
    const { result, into } = await copied(root)
    expect(result).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/201 MB of data.*big\.db, 201 MB/),
    })
    expect(existsSync(join(into, 'app.py'))).toBe(false)
  })

  test('leaves built files out when they are too large', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'main.rs': 'x' })
    write(root, { 'target/debug/app': '', 'shop.db': 'rows' })
    truncateSync(join(root, 'target/debug/app'), 201 * 1024 * 1024)
    const { result, into, read } = await copied(root)
    expect(result).toMatchObject({ ok: true, leftOut: ['target'] })
    expect(existsSync(join(into, 'target'))).toBe(false)
    expect(read('shop.db')).toBe('rows')
  })

  test('keeps symbolic links, and copies no sockets', async () => {
    using folder = temporaryFolder()
    const root = repository(folder.path, { 'a/file': 'x' })
    symlinkSync('file', join(root, 'a/link'))
    symlinkSync(join(root, 'a'), join(root, 'absolute'))
    const socket = createServer().listen(join(root, 'socket'))
    await once(socket, 'listening')
    const { into } = await copied(root)
    expect(readlinkSync(join(into, 'a/link'))).toBe('file')
    expect(realpathSync(join(into, 'absolute'))).toBe(join(into, 'a'))
    expect(() => lstatSync(join(into, 'socket'))).toThrow(/ENOENT/)
    socket.close()
  })
})
