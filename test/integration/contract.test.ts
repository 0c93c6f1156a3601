import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { PYTHON } from '../needs.ts'
import { randomCrash } from '../programs/random-crash.ts'
import { firebreak, freePort, incidentOf, leftRunning, readOut, temporaryFolder } from './firebreak.ts'

const BROKEN = '2026-03-02 09:00:00,000 INFO fine\n2026-03-02 09:00:01,000 ERROR cannot open the till\n'
const FINE = '2026-03-02 09:00:00,000 INFO fine\n2026-03-02 09:00:01,000 INFO fine again\n'

const HEADINGS = [
  'Impact',
  'Timeline',
  'Detection',
  'Root cause',
  'Five whys',
  'Resolution',
  'Prevention',
  'Action items',
]

const SERVER = `
const { createServer } = require('node:http')
createServer((request, response) => response.end('fine')).listen(Number(process.env.PORT), '127.0.0.1')
`

/** Exactly one object on standard output, and nothing else there. */
function onlyObject(stdout: string): Record<string, unknown> {
  expect(stdout.endsWith('}\n')).toBe(true)
  expect(stdout.trim().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Record<string, unknown>
}

test('every command prints one object with --json, and says by its exit code whether something is wrong', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  writeFileSync(join(folder, 'broken.log'), BROKEN)
  writeFileSync(join(folder, 'fine.log'), FINE)
  writeFileSync(join(folder, 'server.cjs'), SERVER)
  const cases: readonly (readonly [code: number, args: readonly string[]])[] = [
    [3, ['investigate', '--log', 'broken.log', '--out', 'a', '--json']],
    [0, ['investigate', '--log', 'fine.log', '--out', 'b', '--json']],
    [0, ['fingerprint', 'broken.log', '--json']],
    [
      0,
      ['run', '--url', `http://127.0.0.1:${port}/`, '--for', '2s', '--out', 'c', '--json', '--'].concat([
        process.execPath,
        'server.cjs',
      ]),
    ],
  ]
  for (const [code, args] of cases) {
    const ended = await firebreak(args, { cwd: folder, env: { PORT: String(port) } })
    expect({ args, code: ended.code }).toEqual({ args, code })
    expect(onlyObject(ended.stdout)['schema']).toBe(1)
  }
  expect(leftRunning(folder)).toEqual([])
})

test('the output folder holds the review with all its headings, with and without an incident', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'broken.log'), BROKEN)
  writeFileSync(join(folder, 'fine.log'), FINE)
  for (const name of ['broken', 'fine']) {
    const out = join(folder, name)
    const ended = await firebreak(['investigate', '--log', `${name}.log`, '--out', out, '--json'], {
      cwd: folder,
    })
    const headings = readOut(out, 'review.md').match(/^## .+$/gm) ?? []
    expect(headings.map((heading) => heading.slice(3))).toEqual(expect.arrayContaining(HEADINGS))
    expect(JSON.parse(readOut(out, 'incident.json'))).toEqual(incidentOf(ended))
    expect(readdirSync(out).toSorted()).toEqual(['incident.json', 'review.html', 'review.md'])
  }
})

/** Asks until there is an answer: the program says nowhere when it listens. */
async function answers(url: string): Promise<void> {
  const isThere = async (): Promise<boolean> => (await fetch(url).catch(() => null))?.ok ?? false
  while (!(await isThere())) await new Promise((resolve) => setImmediate(resolve))
}

test('the replay of the failing requests fails before the patch and passes after it', async () => {
  const folder = temporaryFolder()
  const repository = join(folder, 'app')
  makeHistory(repository, randomCrash, Date.UTC(2026, 2, 2, 9))
  const port = await freePort()
  const out = join(folder, 'out')
  const urls = ['/', '/health'].flatMap((path) => ['--url', `http://127.0.0.1:${port}${path}`])
  const env = { PORT: String(port) }
  const options = [...urls, '--log', 'app.log', '--rate', '50/s', '--no-prove', '--out', out]
  const found = await firebreak(['run', ...options, '--', PYTHON, 'app.py'], { cwd: repository, env })
  expect(found.code).toBe(3)

  const replayed = async () => {
    const program = spawn(PYTHON, ['app.py'], {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => program.once('close', resolve))
    onTestFinished(() => void program.kill('SIGKILL'))
    await answers(`http://127.0.0.1:${port}/health`)
    const result = await firebreak(['replay', join(out, 'replay.jsonl'), '--json'], { cwd: folder })
    program.kill('SIGKILL')
    await ended
    return result
  }
  const before = await replayed()
  expect(before.code).toBe(3)
  expect(onlyObject(before.stdout)).toMatchObject({ schema: 1, stillFailing: [{ route: 'GET /' }] })
  execFileSync('git', ['-C', repository, 'apply', join(out, 'fix.patch')])
  const after = await replayed()
  expect(after.code).toBe(0)
  expect(onlyObject(after.stdout)).toMatchObject({ stillFailing: [] })
})
