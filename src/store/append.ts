import type { DetectionEvent } from '../detect/index.ts'
import type {
  ExponentialHistogramPoint,
  GaugePoint,
  HistogramPoint,
  LogRecord,
  MetricPoint,
  Span,
  SummaryPoint,
  SumPoint,
  Taken,
  TelemetryBatch,
} from '../telemetry/index.ts'
import { createLane } from './lane.ts'
import type { InsertBlock, Lane, LaneTiming } from './lane.ts'
import {
  exponentialHistogramsBlock,
  gaugesBlock,
  histogramsBlock,
  summariesBlock,
  sumsBlock,
} from './metric-blocks.ts'
import { logsBlock, spansBlock } from './otel-blocks.ts'
import {
  alertsBlock,
  changesBlock,
  databasesBlock,
  detectionsBlock,
  probesBlock,
  reportsBlock,
  requestsBlock,
} from './own-blocks.ts'

export type AppendOptions = {
  readonly insert: InsertBlock
  /** Encoded rows that may wait in all; more are told to come later. */
  readonly limitBytes: number
  readonly timing: LaneTiming
  readonly now: () => number
}

/** The ways into all tables, and the bound that they share. */
export type Appender = {
  append(batches: readonly TelemetryBatch[]): Promise<Taken>
  saveDetectionEvents(events: readonly DetectionEvent[]): Promise<Taken>
  /** The disk was full when rows were last to be kept, moments ago. Who asks again later learns whether it still is. */
  isFull(): boolean
  queue(): { readonly bytes: number; readonly limitBytes: number }
  /** Resolves when all that was taken is kept or refused. */
  idle(): Promise<void>
}

const SHORTEST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** Longer than senders are told to wait; and over by itself, for where nobody sends nobody would find out. */
const FULL_FOR_MS = 2 * LONGEST_WAIT_MS

/** Rows of all kinds into their tables; never more than `limitBytes` of them in memory, and one batch beyond. */
export function createAppender({ insert, limitBytes, timing, now }: AppendOptions): Appender {
  const lanes = createLanes(insert, { timing, now })
  const all: readonly Lane<never>[] = Object.values(lanes)
  let fullAt = Number.NEGATIVE_INFINITY
  const bytes = (): number => all.reduce((sum, lane) => sum + lane.bytes(), 0)

  async function taken(add: () => readonly Promise<void>[]): Promise<Taken> {
    const waiting = bytes()
    if (waiting > limitBytes) {
      const reason = `${waiting} bytes wait for the store already, ${limitBytes} at most`
      return { kind: 'try-later', afterMs: SHORTEST_WAIT_MS * 2, reason }
    }
    const results = await Promise.allSettled(add())
    const refused = results.find((result) => result.status === 'rejected')
    if (refused !== undefined) {
      if (isOfSpace(refused.reason)) fullAt = now()
      return refusal(refused.reason)
    }
    if (results.length > 0) fullAt = Number.NEGATIVE_INFINITY
    return { kind: 'stored' }
  }

  return {
    append: (batches) => taken(() => batches.flatMap((batch) => addBatch(lanes, batch))),
    saveDetectionEvents: (events) => taken(() => [lanes.detections.add(events)]),
    isFull: () => now() - fullAt < FULL_FOR_MS,
    queue: () => ({ bytes: bytes(), limitBytes }),
    idle: async () => void (await Promise.all(all.map((lane) => lane.idle()))),
  }
}

/** Why and for how long: an engine that is away comes back in seconds, a full disk does not. */
function refusal(cause: unknown): Taken {
  const reason = reasonOf(cause)
  return { kind: 'try-later', afterMs: isOfSpace(cause) ? LONGEST_WAIT_MS : SHORTEST_WAIT_MS * 4, reason }
}

function isOfSpace(cause: unknown): boolean {
  return /NOT_ENOUGH_SPACE|No space left/i.test(reasonOf(cause))
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Sent by the clock, every few seconds: nobody waits for these within the second. */
const UNHURRIED = 5

function createLanes(insert: InsertBlock, clock: { timing: LaneTiming; now: () => number }) {
  const { timing, now } = clock
  const unhurried = {
    // A sender of several kinds of points is back only when the slowest of their tables has answered.
    timing: { ...timing, apartMs: timing.apartMs * UNHURRIED, backMs: timing.backMs * 3 },
    now,
  }
  // Many requests at once are a tail that catches up with a long file, reads only so far ahead, and waits for them.
  const catchingUp = { timing: { ...unhurried.timing, fullBytes: timing.fullBytes / 4 }, now }
  return {
    logs: createLane<LogRecord>(logsBlock, insert, clock),
    spans: createLane<Span>(spansBlock, insert, clock),
    gauge: createLane<GaugePoint>(gaugesBlock, insert, unhurried),
    sum: createLane<SumPoint>(sumsBlock, insert, unhurried),
    histogram: createLane<HistogramPoint>(histogramsBlock, insert, unhurried),
    'exponential-histogram': createLane<ExponentialHistogramPoint>(
      exponentialHistogramsBlock,
      insert,
      unhurried,
    ),
    summary: createLane<SummaryPoint>(summariesBlock, insert, unhurried),
    requests: createLane(requestsBlock, insert, catchingUp),
    changes: createLane(changesBlock, insert, clock),
    reports: createLane(reportsBlock, insert, clock),
    probes: createLane(probesBlock, insert, unhurried),
    databases: createLane(databasesBlock, insert, unhurried),
    alerts: createLane(alertsBlock, insert, clock),
    detections: createLane(detectionsBlock, insert, clock),
  }
}

type Lanes = ReturnType<typeof createLanes>

function addBatch(lanes: Lanes, batch: TelemetryBatch): readonly Promise<void>[] {
  if (batch.items.length === 0) return []
  switch (batch.kind) {
    case 'logs':
      return [lanes.logs.add(batch.items)]
    case 'spans':
      return [lanes.spans.add(batch.items)]
    case 'metrics':
      return addPoints(lanes, batch.items)
    case 'requests':
      return batch.items.map(({ service, outcomes }) =>
        lanes.requests.add(outcomes.map((outcome) => ({ service, outcome }))),
      )
    case 'changes':
      return [lanes.changes.add(batch.items)]
    case 'reports':
      return [lanes.reports.add(batch.items)]
    case 'probes':
      return [lanes.probes.add(batch.items)]
    case 'databases':
      return [lanes.databases.add(batch.items)]
    default:
      return [lanes.alerts.add(batch.items)]
  }
}

/** Each kind of point has a table of its own. */
function addPoints(lanes: Lanes, points: readonly MetricPoint[]): readonly Promise<void>[] {
  const byKind = Map.groupBy(points, ({ kind }) => kind)
  return [...byKind].map(([kind, items]) =>
    // `groupBy` keeps no relation between the key and the type of its items.
    (lanes[kind] as Lane<MetricPoint>).add(items),
  )
}
