import { createClient } from '@clickhouse/client'
import type { ClickHouseClient } from '@clickhouse/client'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { startEngineProcess } from './engine-process.ts'
import type { EngineOrder } from './engine-main.ts'
import type { EngineProcess } from './engine-process.ts'

export type EngineState = 'starting' | 'up' | 'away'

/** The database behind the store: a child of ours, or a server by URL. */
export type Engine = {
  /** Null while it is away. */
  client(): ClickHouseClient | null
  state(): EngineState
  /** How often it had to be started again. */
  restarts(): number
  /** Waits until it is up, at most so long; null where it is not then. */
  whenUp(limitMs: number): Promise<ClickHouseClient | null>
  /** Of the child; null for a server, and while it is away. */
  residentBytes(): Promise<number | null>
  close(): Promise<void>
}

export type EngineOptions = {
  readonly directory: string
  readonly memoryBytes: number
  readonly onNote: (note: string) => void
}

const THREADS = 2
/** Made by the engine when it opens a directory for the first time. */
const DATABASE = 'firebreak'
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** After so long without trouble the next crash counts as the first. */
const CALM_MS = 60_000
const POLL_MS = 20
const HEALTH_MS = 30_000
/** Long questions may take all connections for a minute: that is no reason. */
const MISSED_LIMIT = 4
/** An engine whose parent was killed needs a moment to let go of the directory. */
const LOCK_PATIENCE_MS = 6_000
const REQUEST_TIMEOUT_MS = 60_000

/** Starts the engine as a child and keeps it running. Throws `STORE_LOCKED`, `STORE_FAILED`. */
export async function superviseEngine(options: EngineOptions): Promise<Engine> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const engine = new SupervisedEngine(options)
  await engine.begin()
  return engine
}

/** The engine's process, its client, and the loop that starts it again. */
class SupervisedEngine implements Engine {
  readonly #order: EngineOrder
  readonly #onNote: (note: string) => void
  #running: { child: EngineProcess; client: ClickHouseClient } | null = null
  #restarts = 0
  #isClosing = false
  #health: NodeJS.Timeout | null = null
  #missed = 0
  #supervision: Promise<void> = Promise.resolve()

  constructor({ directory, memoryBytes, onNote }: EngineOptions) {
    this.#order = { directory, password: randomBytes(24).toString('hex'), memoryBytes, threads: THREADS }
    this.#onNote = onNote
  }

  async begin(): Promise<void> {
    const child = await firstStart(() => this.#start(), this.#order.directory)
    this.#supervision = this.#supervise(child)
    this.#health = setInterval(() => void this.#checkHealth(), HEALTH_MS)
    this.#health.unref()
  }

  client(): ClickHouseClient | null {
    return this.#running?.client ?? null
  }

  state(): EngineState {
    return this.#running === null ? 'away' : 'up'
  }

  restarts(): number {
    return this.#restarts
  }

  async whenUp(limitMs: number): Promise<ClickHouseClient | null> {
    for (let waitedMs = 0; this.#running === null && waitedMs < limitMs; waitedMs += POLL_MS) {
      if (this.#isClosing) return null
      await pause(POLL_MS)
    }
    return this.client()
  }

  async residentBytes(): Promise<number | null> {
    return this.#running === null ? null : this.#running.child.residentBytes(this.#order.password)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#health !== null) clearInterval(this.#health)
    await this.#running?.child.stop()
    await this.#supervision
  }

  async #start(): Promise<EngineProcess> {
    const child = await startEngineProcess(this.#order)
    this.#running = { child, client: clientOf(`http://127.0.0.1:${child.port}`, this.#order.password) }
    return child
  }

  /** Ends when we are closing; a failed start is a crash like any other. */
  async #supervise(first: EngineProcess): Promise<void> {
    let child: EngineProcess | null = first
    let pauseMs = FIRST_PAUSE_MS
    for (;;) {
      const began = performance.now()
      const ended = await child?.ended
      await this.#letGo()
      if (this.#isClosing) return
      if (performance.now() - began > CALM_MS) pauseMs = FIRST_PAUSE_MS
      if (ended !== undefined) {
        this.#restarts++
        this.#onNote(`the telemetry engine ended (${ended}); it is started again, senders are told to wait`)
      }
      await pause(pauseMs)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      if (this.#isClosing) return
      child = await this.#start().catch((error: unknown) => {
        this.#onNote(`the telemetry engine does not start: ${String(error)}`)
        return null
      })
      if (this.#isClosing) await child?.stop()
    }
  }

  /** An engine that runs and answers nothing, not even the simplest question for minutes, is ended, and so restarted. */
  async #checkHealth(): Promise<void> {
    const running = this.#running
    if (running === null) return
    try {
      await running.client.command({
        query: 'SELECT 1 FORMAT Null',
        abort_signal: AbortSignal.timeout(HEALTH_MS),
      })
      this.#missed = 0
    } catch {
      if (this.#running !== running) return
      this.#missed++
      if (this.#missed < MISSED_LIMIT) return
      this.#missed = 0
      this.#onNote(
        `the telemetry engine has not answered for ${(HEALTH_MS * MISSED_LIMIT) / 1000} s and is ended`,
      )
      running.child.kill()
    }
  }

  async #letGo(): Promise<void> {
    const client = this.#running?.client
    this.#running = null
    await client?.close().catch(() => {})
  }
}

async function firstStart(start: () => Promise<EngineProcess>, directory: string): Promise<EngineProcess> {
  const began = performance.now()
  for (;;) {
    try {
      return await start()
    } catch (cause) {
      const holder = holderOf(directory)
      if (holder === null || !/Failed to create connection|already running/i.test(String(cause))) throw cause
      if (performance.now() - began >= LOCK_PATIENCE_MS) {
        throw new AppError('STORE_LOCKED', `the store in ${directory} is in use by process ${holder}`, {
          hint: 'one Firebreak has one data directory: end the other one, or give this one --data DIR of its own',
          cause,
        })
      }
      await pause(250)
    }
  }
}

/** The living process that noted itself in the directory; the engine's own lock decides, this only names it. */
function holderOf(directory: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(join(directory, 'engine.json'), 'utf8')) as { pid: number }
    process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}

/** A server or cluster by URL: `http://user:password@host:8123/database`. Nothing is started. */
export function connectServer(url: string): Engine {
  const client = createClient({ url, request_timeout: REQUEST_TIMEOUT_MS, max_open_connections: 8 })
  return {
    client: () => client,
    state: () => 'up',
    restarts: () => 0,
    whenUp: async () => client,
    residentBytes: async () => null,
    close: () => client.close(),
  }
}

function clientOf(url: string, password: string): ClickHouseClient {
  return createClient({
    url,
    username: 'default',
    password,
    database: DATABASE,
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 16,
    log: { level: 127 }, // off: what fails is told to the caller
  })
}
