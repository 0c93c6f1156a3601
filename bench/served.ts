import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { superviseEngine } from '../src/store/engine.ts'

const MAIN = resolve(import.meta.dirname, '..', 'src', 'main.ts')

/** A `firebreak serve` of one's own that listens. */
export type Served = {
  readonly pid: number
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts it and waits until it listens. Throws what it said when it ended before. */
export async function startServe({ config, data }: { config: string; data: string }): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', config, '--data', data], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolveEnd) => child.once('exit', () => resolveEnd()))
  let said = ''
  await new Promise<void>((ready, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000)
      if (said.includes('listens on')) ready()
    })
    child.once('exit', () => failed(new Error(`the server ended: ${said}`)))
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return { pid: child.pid ?? -1, kill: () => end('SIGKILL'), stop: () => end('SIGINT') }
}

/** The engine that belongs to a server. Throws while there is none. */
export function engineOf(pid: number): number {
  const found = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return stat.replace(/^.*\)\s/s, '').split(' ')[1] === String(pid)
    } catch {
      return false // it ended while we looked
    }
  })
  // A made-up id would be worse than none: -1 is everybody.
  if (found === undefined) throw new Error(`process ${pid} has no engine at the moment`)
  return Number(found)
}

/** Rows of each trace id among the log records, read from the directory of a server that has ended. */
export async function countStored(data: string): Promise<ReadonlyMap<string, number>> {
  const engine = await superviseEngine({
    directory: join(data, 'telemetry'),
    memoryBytes: 1_536 << 20,
    onNote: console.error,
  })
  try {
    const client = await engine.whenUp(10_000)
    const answer = await client?.query({
      query: 'SELECT TraceId AS id, toString(count()) AS rows FROM otel_logs GROUP BY TraceId',
      format: 'JSONEachRow',
    })
    const rows = (await answer?.json<{ id: string; rows: string }>()) ?? []
    return new Map(rows.map(({ id, rows: count }) => [id, Number(count)]))
  } finally {
    await engine.close()
  }
}
