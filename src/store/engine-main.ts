import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createEngineServer } from './engine-server.ts'
import { openSessions } from './engine-sessions.ts'

// The engine: a program of its own, so that its crash or its memory takes nothing else with it. It is told what to do
// on standard input, whose end is the end of its parent, and then its own: whatever way the parent went.

/** First line of standard input. */
export type EngineOrder = {
  readonly directory: string
  readonly password: string
  /** All of it: the engine's own limit lies below. */
  readonly memoryBytes: number
  readonly threads: number
}

/** First line of standard output. */
export type EngineReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** Node, the connections and what the allocator has not given back yet. */
const OWN_BYTES = 300 << 20
const SESSIONS = 8
const MEMORY_CHECK_MS = 1_000
const LONGEST_END_MS = 5_000

function connectionArgs({ memoryBytes, threads }: EngineOrder): readonly string[] {
  const engineBytes = Math.max(256 << 20, memoryBytes - OWN_BYTES)
  return [
    `--max_server_memory_usage=${engineBytes}`,
    `--mark_cache_size=${Math.round(engineBytes / 16)}`,
    `--index_mark_cache_size=${Math.round(engineBytes / 16)}`,
    `--background_pool_size=${threads}`,
    `--max_concurrent_queries=100`,
  ]
}

function sessionSettings({ memoryBytes, threads }: EngineOrder): readonly string[] {
  const engineBytes = Math.max(256 << 20, memoryBytes - OWN_BYTES)
  return [
    `max_threads = ${threads}`,
    'max_insert_threads = 1',
    `max_memory_usage = ${Math.round(engineBytes * 0.7)}`,
    'max_execution_time = 60',
    // A group commit becomes one part a table: no block is split on its way.
    'max_insert_block_size = 4000000',
    'min_insert_block_size_rows = 4000000',
    'min_insert_block_size_bytes = 268435456',
    // What a hostile sender's times spread over many days is bounded by rows, not refused with everybody else's.
    'throw_on_max_partitions_per_insert_block = 0',
    'insert_deduplicate = 1',
    'deduplicate_blocks_in_dependent_materialized_views = 1',
    'output_format_json_quote_64bit_integers = 1',
    "date_time_output_format = 'simple'",
  ]
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  const [first] = (await once(lines, 'line')) as [string]
  const order = JSON.parse(first) as EngineOrder // from the parent, which wrote it
  const data = join(order.directory, 'data')
  const incoming = join(order.directory, 'incoming')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const sessions = openSessions(data, {
    count: SESSIONS,
    args: connectionArgs(order),
    first: 'CREATE DATABASE IF NOT EXISTS firebreak ENGINE = Atomic',
    settings: sessionSettings(order),
  })
  rmSync(incoming, { recursive: true, force: true }) // only now: the directory is ours
  mkdirSync(incoming, { mode: 0o700 })
  writeFileSync(join(order.directory, 'engine.json'), JSON.stringify({ pid: process.pid }))
  const server = createEngineServer({ sessions, incoming, password: order.password })
  server.requestTimeout = 0
  server.keepAliveTimeout = 30_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  let isEnding = false
  async function end(): Promise<void> {
    if (isEnding) return
    isEnding = true
    // A long question must not keep the directory from who comes after us; nothing unfinished was acknowledged.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LONGEST_END_MS).unref()
    server.close()
    await sessions.close()
    process.exit(0)
  }
  process.on('SIGINT', () => {}) // Ctrl-C reaches the whole group; the parent decides
  process.on('SIGTERM', () => void end())
  lines.on('close', () => void end())
  watchMemory(order.memoryBytes)
  report({ kind: 'listening', port: (server.address() as AddressInfo).port })
}

/** The engine keeps to its limit, but not all of the process is the engine: far over it, a fresh start is cheaper. */
function watchMemory(limit: number): void {
  let over = 0
  setInterval(() => {
    over = process.memoryUsage.rss() > limit * 1.25 ? over + 1 : 0
    if (over < 5) return
    process.stderr.write(`the engine took ${process.memoryUsage.rss()} bytes of ${limit}\n`)
    process.kill(process.pid, 'SIGKILL')
  }, MEMORY_CHECK_MS).unref()
}

function report(line: EngineReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

main().catch((error: unknown) => {
  report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  process.exit(1)
})
