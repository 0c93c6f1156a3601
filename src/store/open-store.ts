import { randomUUID } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { createAppender } from './append.ts'
import type { Appender } from './append.ts'
import { createAsk } from './ask.ts'
import type { Ask } from './ask.ts'
import { connectServer, superviseEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { findDetection, findDetections } from './find-detections.ts'
import { findLogs } from './find-logs.ts'
import { findMetricNames, findMetricSeries } from './find-metrics.ts'
import { findRequests, findServices } from './find-requests.ts'
import { findSeldom, SELDOM_TABLES } from './find-seldom.ts'
import { findSpans, findTrace } from './find-spans.ts'
import { insertBlocks } from './insert-blocks.ts'
import { keepTimes } from './keep-times.ts'
import { LANE_TIMING } from './lane.ts'
import type { LaneTiming } from './lane.ts'
import { applyRetention, migrate } from './migrate.ts'
import { replay } from './replay.ts'
import { DEFAULT_RETENTION } from './schema.ts'
import type { Retention } from './schema.ts'
import type { StoreStats, TelemetryStore } from './telemetry-store.ts'

export type StoreOptions = {
  /** Where the embedded engine keeps its data; one process has it at a time. */
  readonly directory?: string | undefined
  /** A ClickHouse server or cluster instead: `http://user:password@host:8123/database`. */
  readonly url?: string | undefined
  readonly retention?: Retention | undefined
  /** All memory of the embedded engine. */
  readonly memoryBytes?: number | undefined
  /** Rows that may wait for the store, encoded. */
  readonly queueBytes?: number | undefined
  readonly timing?: LaneTiming | undefined
  readonly now: () => EpochMs
  readonly onNote?: ((note: string) => void) | undefined
}

const DEFAULT_MEMORY_BYTES = 1_536 << 20
const DEFAULT_QUEUE_BYTES = 64 << 20
const DAY_MS = 86_400_000

/**
 * Opens the telemetry store and brings its tables up to date. Throws `STORE_LOCKED` where another process has the
 * directory, `STORE_FAILED` where it does not start, `STORE_UNREACHABLE` for a server that does not answer.
 */
export async function openTelemetryStore(options: StoreOptions): Promise<TelemetryStore> {
  const onNote = options.onNote ?? (() => {})
  const retention = options.retention ?? DEFAULT_RETENTION
  const engine = await openEngine(options, onNote)
  try {
    await prepare(engine, retention, onNote)
  } catch (error) {
    await engine.close()
    throw error
  }
  const insert = insertBlocks(engine, { now: options.now, bootId: randomUUID() })
  const appender = createAppender({
    insert,
    limitBytes: options.queueBytes ?? DEFAULT_QUEUE_BYTES,
    timing: options.timing ?? LANE_TIMING,
    now: options.now,
  })
  return storeOf(
    { engine, appender, ask: createAsk(engine), directory: options.directory ?? null },
    {
      retention,
      now: options.now,
    },
  )
}

async function openEngine(options: StoreOptions, onNote: (note: string) => void): Promise<Engine> {
  if (options.url !== undefined) return connectServer(options.url)
  return superviseEngine({
    directory: options.directory ?? 'firebreak-telemetry',
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    onNote,
  })
}

async function prepare(engine: Engine, retention: Retention, onNote: (note: string) => void): Promise<void> {
  const client = await engine.whenUp(0)
  if (client === null) return
  const { from, to } = await migrate(client, retention)
  if (from > 0 && from < to) onNote(`the telemetry store was brought from schema ${from} to ${to}`)
}

type Parts = {
  readonly engine: Engine
  readonly appender: Appender
  readonly ask: Ask
  readonly directory: string | null
}

function storeOf(parts: Parts, start: { retention: Retention; now: () => EpochMs }): TelemetryStore {
  const { engine, appender, ask } = parts
  let { retention } = start
  let movedTimes = 0
  let isClosed = false
  const closed = { kind: 'try-later', afterMs: 5_000, reason: 'the store is closing' } as const

  function inRange(batch: TelemetryBatch): TelemetryBatch {
    const now = start.now()
    const keep = Math.max(retention.logs, retention.traces, retention.metrics, retention.requests)
    const kept = keepTimes(batch, { from: now - keep, to: now + DAY_MS, now })
    movedTimes += kept.moved
    return kept.batch
  }

  return {
    append: async (batches) => (isClosed ? closed : appender.append(batches.map(inRange))),
    saveDetectionEvents: async (events) => (isClosed ? closed : appender.saveDetectionEvents(events)),
    ...questions(ask),
    async setRetention(next) {
      retention = next
      const client = await engine.whenUp(10_000)
      if (client !== null) await applyRetention(client, next)
    },
    stats: async () => ({ ...(await statsOf(parts)), movedTimes }),
    isReady: () =>
      !isClosed &&
      engine.state() === 'up' &&
      !appender.isFull() &&
      appender.queue().bytes <= appender.queue().limitBytes,
    async close() {
      isClosed = true
      await appender.idle()
      await engine.close()
    },
  }
}

type Questions = Omit<
  TelemetryStore,
  'append' | 'saveDetectionEvents' | 'setRetention' | 'stats' | 'isReady' | 'close'
>

function questions(ask: Ask): Questions {
  return {
    services: (window) => findServices(ask, window),
    logs: (query) => findLogs(ask, query),
    spans: (query) => findSpans(ask, query),
    trace: (traceId) => findTrace(ask, traceId),
    metricNames: (query) => findMetricNames(ask, query),
    metricSeries: (query) => findMetricSeries(ask, query),
    requests: (query) => findRequests(ask, query),
    detections: (query) => findDetections(ask, query),
    detection: (id) => findDetection(ask, id),
    changes: (query) => findSeldom(ask, SELDOM_TABLES.changes, query),
    reports: (query) => findSeldom(ask, SELDOM_TABLES.reports, query),
    probes: (query) => findSeldom(ask, SELDOM_TABLES.probes, query),
    alerts: (query) => findSeldom(ask, SELDOM_TABLES.alerts, query),
    databases: (query) => findSeldom(ask, SELDOM_TABLES.databases, query),
    replay: (query) => replay(ask, query),
  }
}

async function statsOf({ engine, appender, ask, directory }: Parts): Promise<Omit<StoreStats, 'movedTimes'>> {
  const [residentBytes, tables, freeBytes] = await Promise.all([
    engine.residentBytes(),
    tableSizes(ask).catch(() => []), // while the engine is away, the rest is still worth telling
    directory === null ? null : freeBytesOf(directory),
  ])
  return {
    engine: { state: engine.state(), restarts: engine.restarts(), residentBytes },
    queue: appender.queue(),
    tables,
    diskBytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    freeBytes,
  }
}

async function tableSizes(ask: Ask): Promise<StoreStats['tables']> {
  const rows = await ask<{ table: string; rows: string; bytes: string; parts: string }>(
    'SELECT table, toString(sum(rows)) AS rows, toString(sum(bytes_on_disk)) AS bytes, toString(count()) AS parts FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table',
    {},
  )
  return rows.map(({ table, rows, bytes, parts }) => ({
    table,
    rows: Number(rows),
    bytes: Number(bytes),
    parts: Number(parts),
  }))
}

async function freeBytesOf(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    return null
  }
}
