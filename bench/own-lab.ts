import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const main = new URL('../src/main.ts', import.meta.url).pathname
const run = promisify(execFile)

/** What of `lab status --json` the benchmarks look at. */
export type Status = {
  readonly requestsPerSecond: number
  readonly errorRate: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly cpuCores: number
  readonly dbConnections: { readonly used: number; readonly limit: number }
}

/** A folder for a lab of one's own; the database's account has to be able to enter it. */
export function labFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-lab-'))
  chmodSync(folder, 0o755)
  return folder
}

/** One verb of `firebreak lab`; what it prints. */
export async function lab(folder: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, 'lab', ...words, '--data', folder])
  return stdout
}

export async function labStatus(folder: string): Promise<Status> {
  return JSON.parse(await lab(folder, 'status', '--json')) as Status
}

/** `firebreak lab up` in the foreground; settles when it is healthy. */
export async function labUp(folder: string, options: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'lab', 'up', '--data', folder, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`lab up ended with ${code}`)))
  })
  return child
}

/** As Ctrl-C does; settles when everything is gone. */
export async function labDown(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGINT')
  await ended
}

/** One look, for a table. */
export function rowOf(status: Status): Readonly<Record<string, string>> {
  return {
    'requests/s': status.requestsPerSecond.toFixed(0),
    errors: `${(status.errorRate * 100).toFixed(2)} %`,
    p50: `${status.p50Ms.toFixed(0)} ms`,
    p95: `${status.p95Ms.toFixed(0)} ms`,
    connections: `${status.dbConnections.used} of ${status.dbConnections.limit}`,
    cores: status.cpuCores.toFixed(2),
  }
}
