import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { freePort, smallProgram, temporaryFolder } from '../../test/small-program.ts'
import { requestForUrl } from './requests/recorded-request.ts'
import { createRequestLedger } from './requests/request-ledger.ts'
import { watchProgram } from './watch-program.ts'
import type { WatchDeps, WatchPlan } from './watch-program.ts'

/** Every program of these tests writes its pid here first, and one for each child. */
const PIDS = `const fs = require('node:fs'); fs.appendFileSync('pids', process.pid + '\\n')`
const FAMILY = `${PIDS}
  const { spawn } = require('node:child_process')
  const deaf = "require('node:fs').appendFileSync('pids', process.pid + '\\\\n'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
  spawn(process.execPath, ['-e', deaf], { stdio: 'inherit' })
  spawn(process.execPath, ['-e', deaf], { stdio: 'inherit', detached: true })`

function watched(folder: string, port: number, plan: Partial<WatchPlan> & Pick<WatchPlan, 'command'>) {
  const ledger = createRequestLedger()
  const output: Record<string, string> = {}
  const progress: string[] = []
  const abort = new AbortController()
  const deps: WatchDeps = {
    now: Date.now,
    ledger,
    digester: {
      write: (source, chunk) => {
        output[source] = (output[source] ?? '') + Buffer.from(chunk).toString()
      },
      end: (source) => {
        output[source] += '<end>'
      },
    },
    onProgress: (line) => {
      progress.push(line)
    },
    signal: abort.signal,
  }
  const url = `http://127.0.0.1:${port}`
  const observation = watchProgram(deps, {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port) },
    requests: [requestForUrl(`${url}/`), requestForUrl(`${url}/health`)],
    ratePerSecond: 100,
    forMs: 500,
    followLogs: [],
    stopGraceMs: 300,
    ...plan,
  }).finally(() => expect(runningIn(folder)).toEqual([]))
  return { observation, ledger, output, progress, abort }
}

function runningIn(folder: string): readonly number[] {
  let text = ''
  try {
    text = readFileSync(join(folder, 'pids'), 'utf8')
  } catch {
    return []
  }
  return text.split('\n').filter(Boolean).map(Number).filter(isRunning)
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

const HALF_FAILS = `response.statusCode = request.url === '/' && (globalThis.n = (globalThis.n ?? 0) + 1) % 2 ? 500 : 200; response.end('x')`

// They wait most of the time, each for a program of its own.
describe.concurrent('watchProgram', () => {
  test('sends, counts, reads output and logs, and leaves nothing behind', async () => {
    using folder = temporaryFolder()
    const port = await freePort()
    const log = join(folder.path, 'app.log')
    const handler = `fs.appendFileSync('app.log', request.url + '\\n'); console.error('asked'); ${HALF_FAILS}`
    const command = smallProgram(folder.path, handler, `${FAMILY}; console.log('hello')`)
    const run = watched(folder.path, port, { command, followLogs: [log] })
    const seen = await run.observation
    const summary = run.ledger.summary()
    expect(seen).toMatchObject({
      stoppedBecause: 'time',
      sent: summary.requests,
      process: { exitedAt: null },
    })
    expect(seen.process.readyAt).not.toBeNull()
    const [root, health] = summary.routes
    expect(root?.route).toBe('GET /')
    expect((root?.failed ?? 0) / (root?.requests ?? 1)).toBeCloseTo(0.5, 1)
    expect(health).toMatchObject({ route: 'GET /health', failed: 0 })
    expect(seen.failing).toMatchObject([
      { url: `http://127.0.0.1:${port}/`, observed: { failed: root?.failed } },
    ])
    expect(run.output['stdout']).toBe('hello\n<end>')
    expect(run.output['stderr']).toMatch(/^(?:asked\n)+<end>$/)
    expect(run.output[log]).toMatch(/^(?:\/(?:health)?\n)+<end>$/)
  })

  test('finds the address of a program by itself', async () => {
    using folder = temporaryFolder()
    const port = await freePort()
    const command = smallProgram(folder.path, HALF_FAILS, PIDS)
    const run = watched(folder.path, port, { command, requests: [], forMs: 1_500 })
    const seen = await run.observation
    expect(seen.requests.map((request) => request.url)).toEqual([`http://127.0.0.1:${port}/`])
    expect(run.ledger.summary().requests).toBeGreaterThan(20)
  })

  test('a program that ends after it was ready is an observation, with the refusals that follow', async () => {
    using folder = temporaryFolder()
    const port = await freePort()
    const handler = `response.end('x'); if (++globalThis.n === 20) setTimeout(() => process.exit(9), 20)`
    const command = smallProgram(folder.path, handler, `${PIDS}; globalThis.n = 0`)
    const run = watched(folder.path, port, { command, forMs: 60_000 })
    const seen = await run.observation
    expect(seen).toMatchObject({ stoppedBecause: 'process-ended', process: { exitCode: 9 } })
    expect(run.ledger.summary().routes[0]?.answers.get('refused')).toBeGreaterThan(10)
  })

  test('a program without a port is watched until it ends', async () => {
    using folder = temporaryFolder()
    writeFileSync(
      join(folder.path, 'job.cjs'),
      `${PIDS}; setTimeout(() => { throw new Error('job failed') }, 3300)`,
    )
    const run = watched(folder.path, 1, { command: [process.execPath, 'job.cjs'], requests: [], forMs: null })
    expect(await run.observation).toMatchObject({
      stoppedBecause: 'process-ended',
      sent: 0,
      process: { exitCode: 1 },
    })
    expect(run.output['stderr']).toContain('job failed')
  })

  test.each([
    {
      what: 'a missing program',
      command: ['no-such-program'],
      code: 'COMMAND_NOT_FOUND',
      says: /no-such-program/,
    },
    {
      what: 'one that exits at once',
      command: [process.execPath, '-e', "console.error('no config'); process.exit(4)"],
      code: 'COMMAND_EXITED',
      says: /exit code 4.*no config/s,
    },
    {
      what: 'one that never listens',
      command: [process.execPath, '-e', `${PIDS}; console.log('thinking'); setInterval(() => {}, 1000)`],
      code: 'NEVER_LISTENED',
      says: /within 0\.4 s, got none from .*nothing listens there.*thinking/s,
    },
  ])('says what is wrong with $what', async ({ command, code, says }) => {
    using folder = temporaryFolder()
    const run = watched(folder.path, await freePort(), { command, readinessTimeoutMs: 400 })
    await expect(run.observation).rejects.toMatchObject({ code, message: says })
  })

  test('refuses to start where something answers already', async () => {
    using folder = temporaryFolder()
    const port = await freePort()
    const other = createServer((_, response) => response.end())
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    const run = watched(folder.path, port, { command: smallProgram(folder.path, HALF_FAILS, PIDS) })
    await expect(run.observation).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    other.close()
  })

  describe('Ctrl-C', () => {
    const INTERRUPTED = { stoppedBecause: 'interrupted', stopReason: 'stopped by hand' }

    test('before the start', async () => {
      using folder = temporaryFolder()
      const run = watched(folder.path, await freePort(), {
        command: smallProgram(folder.path, HALF_FAILS, PIDS),
      })
      run.abort.abort()
      expect(await run.observation).toMatchObject({ ...INTERRUPTED, sent: 0 })
    })

    test('while it gets ready', async () => {
      using folder = temporaryFolder()
      const command = [process.execPath, '-e', `${FAMILY}; setInterval(() => {}, 1000); console.log('up')`]
      const run = watched(folder.path, await freePort(), { command })
      await vi.waitFor(() => expect(run.output['stdout']).toContain('up'), { timeout: 5_000 })
      run.abort.abort()
      expect(await run.observation).toMatchObject({ ...INTERRUPTED, process: { readyAt: null } })
    })

    test('while an answer is waited for', async () => {
      using folder = temporaryFolder()
      const command = smallProgram(folder.path, `console.log('asked')`, PIDS)
      const run = watched(folder.path, await freePort(), { command })
      await vi.waitFor(() => expect(run.output['stdout']).toContain('asked'), { timeout: 5_000 })
      run.abort.abort()
      expect(await run.observation).toMatchObject({ ...INTERRUPTED, process: { readyAt: null } })
    })

    test('while requests are sent, and with what was seen so far', async () => {
      using folder = temporaryFolder()
      const command = smallProgram(folder.path, HALF_FAILS, FAMILY)
      const run = watched(folder.path, await freePort(), { command, forMs: null })
      await vi.waitFor(() => expect(run.ledger.summary().failed).toBeGreaterThan(5), { timeout: 5_000 })
      run.abort.abort()
      const seen = await run.observation
      expect(seen).toMatchObject(INTERRUPTED)
      expect(seen.failing).toHaveLength(1)
    })

    test('while the last answers are waited for', async () => {
      using folder = temporaryFolder()
      const handler = `if (globalThis.n++ === 0) response.end(); else console.log('asked')`
      const command = smallProgram(folder.path, handler, `${PIDS}; globalThis.n = 0`)
      const run = watched(folder.path, await freePort(), { command, forMs: 300 })
      await vi.waitFor(() => expect(run.progress.join()).toContain('watched for'), { timeout: 5_000 })
      await pause(10)
      const began = performance.now()
      run.abort.abort()
      await run.observation
      expect(performance.now() - began).toBeLessThan(4_000) // not the 10 s of a request's time-out
    })
  })
})
