import { createServer } from 'node:http'
import { mkdirSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { makeHistory } from '../git-history.ts'
import { randomCrash } from '../programs/random-crash.ts'
import { urlShortener } from '../programs/url-shortener.ts'
import { firebreak, freePort, incidentOf, leftRunning, start, temporaryFolder } from './firebreak.ts'

const LOG = '2026-03-02 09:00:00,000 INFO fine\n2026-03-02 09:00:01,000 ERROR broken pipe to nowhere\n'

type Case = {
  readonly name: string
  readonly prepare?: (folder: string) => void
  readonly args: readonly string[]
  readonly code: number
  readonly says: RegExp
}

const cases: readonly Case[] = [
  { name: 'no command at all', args: [], code: 2, says: /Usage: firebreak/ },
  { name: 'an unknown command', args: ['investigat'], code: 2, says: /unknown command.*investigat/s },
  {
    name: 'an unknown option',
    args: ['investigate', '--logs', 'x'],
    code: 2,
    says: /unknown option.*--logs/s,
  },
  { name: 'investigate without a log', args: ['investigate'], code: 2, says: /expected at least one --log/ },
  { name: 'run without a command', args: ['run', '--url', 'http://127.0.0.1:1/'], code: 2, says: /command/ },
  {
    name: 'a rate that is none',
    args: ['run', '--rate', 'fast', '--', 'true'],
    code: 2,
    says: /--rate: expected.*"fast"/,
  },
  {
    name: 'a URL that is none',
    args: ['run', '--url', 'nowhere', '--', 'true'],
    code: 2,
    says: /--url: expected.*"nowhere"/,
  },
  {
    name: 'an objective that is none',
    args: ['investigate', '--log', 'a.log', '--sla', '15 minutes'],
    code: 2,
    says: /15m\/year.*"15 minutes"/,
  },
  {
    name: 'a zone that is none',
    args: ['investigate', '--log', 'a.log', '--tz', 'Mars/Base'],
    code: 2,
    says: /--tz.*"Mars\/Base"/,
  },
  { name: 'no such file', args: ['investigate', '--log', 'gone.log'], code: 1, says: /gone\.log/ },
  {
    name: 'a folder without logs',
    prepare: (folder) => mkdirSync(join(folder, 'empty')),
    args: ['investigate', '--log', 'empty'],
    code: 1,
    says: /empty/,
  },
  {
    name: 'an empty log',
    prepare: (folder) => writeFileSync(join(folder, 'a.log'), ''),
    args: ['investigate', '--log', 'a.log'],
    code: 1,
    says: /a\.log.*empty|empty.*a\.log/,
  },
  {
    name: 'a binary',
    prepare: (folder) =>
      writeFileSync(
        join(folder, 'a.bin'),
        Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)),
      ),
    args: ['fingerprint', 'a.bin'],
    code: 1,
    says: /a\.bin/,
  },
  {
    name: 'a deploys file that is none',
    prepare: (folder) => writeFileSync(join(folder, 'd.jsonl'), '{"at": "yesterday"}\n'),
    args: ['investigate', '--log', 'a.log', '--deploys', 'd.jsonl'],
    code: 1,
    says: /d\.jsonl:1/,
  },
  {
    name: 'a requests file that is none',
    prepare: (folder) => writeFileSync(join(folder, 'r.jsonl'), '{"method": "GET"}\n'),
    args: ['run', '--requests', 'r.jsonl', '--', 'true'],
    code: 1,
    says: /r\.jsonl:1/,
  },
  {
    name: 'no such repository',
    args: ['investigate', '--log', 'a.log', '--repo', 'nowhere'],
    code: 1,
    says: /--repo.*nowhere/,
  },
  {
    name: 'a command that is not there',
    args: ['run', '--', './no-such-program'],
    code: 1,
    says: /no-such-program/,
  },
  {
    name: 'a command that exits at once',
    args: [
      'run',
      '--url',
      'http://127.0.0.1:9/',
      '--',
      process.execPath,
      '-e',
      'console.error("no config"); process.exit(7)',
    ],
    code: 1,
    says: /exit code 7[\s\S]*no config/,
  },
  {
    name: 'an output folder that is a file',
    prepare: (folder) => writeFileSync(join(folder, 'taken'), ''),
    args: ['investigate', '--log', 'a.log', '--out', 'taken'],
    code: 1,
    says: /--out.*taken/,
  },
  { name: 'a replay file that is not there', args: ['replay', 'gone.jsonl'], code: 1, says: /gone\.jsonl/ },
]

test.each(cases)('$name: a clear message and exit code $code', async ({ prepare, args, code, says }) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.log'), LOG)
  prepare?.(folder)
  const ended = await firebreak(args, { cwd: folder })
  expect(ended.stderr).toMatch(says)
  expect(ended.stderr).not.toMatch(/should not have happened|\n\s+at /)
  expect(ended.stdout).toBe('')
  expect(ended.code).toBe(code)
})

test('a log without times is read all the same', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'a.log'),
    'starting\nERROR: cannot open orders.db\nERROR: cannot open orders.db\n',
  )
  const ended = await firebreak(['investigate', '--log', 'a.log', '--json'], { cwd: folder })
  const incident = incidentOf(ended)
  expect(incident.fingerprints[0]).toMatchObject({ count: 2, firstSeen: null, severityText: 'ERROR' })
  expect([0, 3]).toContain(ended.code)
})

test('a repository without commits is said to be one, and its source is read', async () => {
  const folder = temporaryFolder()
  execFileSync('git', ['init', '-q', join(folder, 'fresh')])
  writeFileSync(join(folder, 'a.log'), LOG)
  const ended = await firebreak(['investigate', '--log', 'a.log', '--repo', 'fresh', '--json'], {
    cwd: folder,
  })
  expect(ended.stderr).toMatch(/no commits/)
  expect(incidentOf(ended).factors.every(({ commit }) => commit === null)).toBe(true)
})

test('a shallow clone is said to be one', async () => {
  const folder = temporaryFolder()
  makeHistory(join(folder, 'full'), urlShortener, Date.UTC(2026, 2, 2))
  execFileSync('git', [
    'clone',
    '-q',
    '--depth',
    '2',
    `file://${join(folder, 'full')}`,
    join(folder, 'shallow'),
  ])
  writeFileSync(join(folder, 'a.log'), LOG)
  const ended = await firebreak(['investigate', '--log', 'a.log', '--repo', 'shallow', '--json'], {
    cwd: folder,
  })
  expect(ended.stderr).toMatch(/shallow clone/)
  incidentOf(ended)
})

test('a port in use is said before anything is started', async () => {
  const folder = temporaryFolder()
  const other = createServer((_, response) => response.end('someone else')).listen(0, '127.0.0.1')
  await new Promise((listening) => other.once('listening', listening))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const marker = `marker-${port}`
  const ended = await firebreak(
    [
      'run',
      '--url',
      `http://127.0.0.1:${port}/`,
      '--',
      process.execPath,
      '-e',
      `setTimeout(() => {}, 60000, '${marker}')`,
    ],
    { cwd: folder },
  )
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(new RegExp(`${port}`))
  expect(leftRunning(marker)).toEqual([])
})

const SERVER = (port: number, marker: string): string =>
  `'${marker}'; require('node:http').createServer((q, a) => { a.statusCode = q.url === '/bad' ? 500 : 200; a.end() }).listen(${port}, '127.0.0.1')`

test.each(['started', 'it answers', 'requests'])(
  'Ctrl-C after "%s" ends with a review and no process',
  async (moment) => {
    const folder = temporaryFolder()
    const port = await freePort()
    const marker = `marker-${port}`
    const base = `http://127.0.0.1:${port}`
    const started = start(
      [
        'run',
        '--url',
        `${base}/bad`,
        '--url',
        `${base}/`,
        '--for',
        '60s',
        '--json',
        '--',
        process.execPath,
        '-e',
        SERVER(port, marker),
      ],
      { cwd: folder },
    )
    await started.said(moment)
    started.kill('SIGINT')
    const ended = await started.ended
    expect([0, 3]).toContain(ended.code)
    incidentOf(ended)
    expect(leftRunning(marker)).toEqual([])
  },
)

test('Ctrl-C before the program listens ends without a process', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const marker = `marker-${port}`
  const sleeper = `'${marker}'; process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
  const started = start(
    ['run', '--url', `http://127.0.0.1:${port}/`, '--', process.execPath, '-e', sleeper],
    { cwd: folder },
  )
  await started.said('started')
  started.kill('SIGINT')
  const ended = await started.ended
  expect([0, 1, 3]).toContain(ended.code)
  expect(leftRunning(marker)).toEqual([])
})

test('kill -9 of Firebreak takes the watched program with it', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const marker = `marker-${port}`
  const started = start(
    [
      'run',
      '--url',
      `http://127.0.0.1:${port}/`,
      '--for',
      '60s',
      '--',
      process.execPath,
      '-e',
      SERVER(port, marker),
    ],
    { cwd: folder },
  )
  await started.said('it answers')
  started.kill('SIGKILL')
  await started.ended
  await expect
    .poll(
      () => leftRunning(`createServer((q, a) => { a.statusCode`).filter((line) => line.includes(marker)),
      { timeout: 10_000 },
    )
    .toEqual([])
})

test('Ctrl-C while the fix is tried leaves nothing behind', async () => {
  const folder = temporaryFolder()
  const repository = join(folder, 'app')
  makeHistory(repository, randomCrash, Date.UTC(2026, 2, 2))
  const port = await freePort()
  const started = start(
    [
      'run',
      '--url',
      `http://127.0.0.1:${port}/`,
      '--rate',
      '100/s',
      '--json',
      '--',
      '/usr/bin/python3',
      'app.py',
    ],
    { cwd: repository, env: { PORT: String(port) } },
  )
  await started.said('trying the fix')
  started.kill('SIGINT')
  const ended = await started.ended
  expect(ended.code).toBe(3)
  expect(incidentOf(ended).proof).toBeNull()
  expect(leftRunning(repository)).toEqual([])
})
