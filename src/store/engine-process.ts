import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { AppError } from '../errors.ts'
import type { EngineOrder, EngineReport } from './engine-main.ts'

/** The engine's process, listening. */
export type EngineProcess = {
  readonly pid: number
  readonly port: number
  /** How it ended, in words. */
  readonly ended: Promise<string>
  residentBytes(password: string): Promise<number | null>
  /** Lets it finish what it does; ends it for sure after a few seconds. */
  stop(): Promise<void>
  /** At once, as a crash would. */
  kill(): void
}

const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 7_000
const KEPT_STDERR = 2_000

/** `.ts` from the sources, `.js` when built. */
const program = fileURLToPath(import.meta.url).replace(/engine-process\.(ts|js)$/, 'engine-main.$1')

/** Starts it and waits until it listens. Throws `STORE_FAILED` with what it said. */
export async function startEngineProcess(order: EngineOrder): Promise<EngineProcess> {
  const child = spawn(process.execPath, ['--no-warnings', program], {
    cwd: '/',
    // Nothing of our environment. The engine's calls block a thread each; times are UTC.
    env: { UV_THREADPOOL_SIZE: '16', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT_STDERR)))
  child.stdin.on('error', () => {}) // it is gone: `ended` says so
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(words(signal ?? `exit code ${code}`, said)))
  })
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const report = await firstReport(child, ended)
  if (report.kind === 'failed') {
    child.kill('SIGKILL')
    await ended
    throw new AppError(
      'STORE_FAILED',
      `the telemetry engine did not start in ${order.directory}: ${report.reason}`,
      {
        hint: 'firebreak doctor checks the installation; the store can be moved aside to begin with an empty one',
      },
    )
  }
  return {
    pid: child.pid ?? -1,
    port: report.port,
    ended,
    residentBytes: (password) => residentBytes(report.port, password),
    stop: () => stop(child, ended),
    kill: () => void child.kill('SIGKILL'),
  }
}

function words(how: string, said: string): string {
  const last = said.trim()
  return last === '' ? how : `${how}: ${last}`
}

async function firstReport(child: ChildProcess, ended: Promise<string>): Promise<EngineReport> {
  const late = Promise.withResolvers<EngineReport>()
  const timer = setTimeout(
    () => late.resolve({ kind: 'failed', reason: `nothing heard in ${START_LIMIT_MS / 1000} s` }),
    START_LIMIT_MS,
  )
  const heard = new Promise<EngineReport>((resolve) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"kind":')) resolve(JSON.parse(line) as EngineReport)
    })
  })
  const gone = ended.then((reason): EngineReport => ({ kind: 'failed', reason }))
  const report = await Promise.race([heard, gone, late.promise])
  clearTimeout(timer)
  return report
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await ended
  clearTimeout(timer)
}

async function residentBytes(port: number, password: string): Promise<number | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/process`, {
      headers: { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': password },
      signal: AbortSignal.timeout(2_000),
    })
    return ((await answer.json()) as { residentBytes: number }).residentBytes
  } catch {
    return null
  }
}
