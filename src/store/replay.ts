import type { MetricPoint, SignalKind, TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Ask } from './ask.ts'
import { fromNanoseconds, toNanoseconds } from './ask.ts'
import { fromJson } from './json-text.ts'
import { LOG_COLUMNS, resourceOf, SPAN_COLUMNS, toLogRecord, toSpan } from './stored-rows.ts'
import type { LogRow, SpanRow } from './stored-rows.ts'
import type { ReplayQuery } from './telemetry-store.ts'

type Timed = { readonly ns: string }
type Source = {
  readonly kind: SignalKind
  readonly table: string
  readonly time: string
  readonly columns: string
  readonly tie: string
  /** One row as an item of the batch. */
  readonly toItem: (row: never) => unknown
}

const POINT_COLUMNS = `toString(toUnixTimestamp64Nano(toDateTime64(TimeUnix, 9))) AS ns, toString(toUnixTimestamp64Nano(toDateTime64(StartTimeUnix, 9))) AS start,
  ServiceName, ResourceAttributes, ScopeName, ScopeVersion, ScopeAttributes, MetricName, MetricDescription, MetricUnit, Attributes, Flags, Value`

type PointRow = Timed & {
  readonly start: string
  readonly ServiceName: string
  readonly ResourceAttributes: Readonly<Record<string, string>>
  readonly ScopeName: string
  readonly ScopeVersion: string
  readonly ScopeAttributes: Readonly<Record<string, string>>
  readonly MetricName: string
  readonly MetricDescription: string
  readonly MetricUnit: string
  readonly Attributes: Readonly<Record<string, string>>
  readonly Flags: number
  readonly Value: number
  readonly AggregationTemporality?: number
  readonly IsMonotonic?: boolean
}

function toPoint(row: PointRow): MetricPoint {
  const point = {
    metric: {
      resource: resourceOf(row.ServiceName, row.ResourceAttributes),
      scope: {
        name: row.ScopeName,
        version: row.ScopeVersion,
        attributes: new Map(Object.entries(row.ScopeAttributes)),
      },
      name: row.MetricName,
      description: row.MetricDescription,
      unit: row.MetricUnit,
    },
    attributes: new Map(Object.entries(row.Attributes)),
    startedAt: fromNanoseconds(row.start),
    at: fromNanoseconds(row.ns),
    flags: row.Flags,
    value: row.Value,
  }
  if (row.AggregationTemporality === undefined) return { ...point, kind: 'gauge' }
  const temporality = row.AggregationTemporality === 1 ? 'delta' : 'cumulative'
  return { ...point, kind: 'sum', temporality, isMonotonic: row.IsMonotonic === true }
}

type RequestRow = Timed & {
  readonly ServiceName: string
  readonly Route: string
  readonly Status: number
  readonly NoAnswer: string
  readonly DurationMs: number | null
  readonly Client: string
}

function toLogged(row: RequestRow) {
  const outcome = {
    at: fromNanoseconds(row.ns),
    route: row.Route,
    status: row.Status === 0 ? null : row.Status,
    noAnswer: row.NoAnswer === '' ? null : row.NoAnswer,
    durationMs: row.DurationMs,
    client: row.Client === '' ? null : row.Client,
  }
  return { service: row.ServiceName, outcomes: [outcome] }
}

const AT = 'toString(toUnixTimestamp64Nano(At)) AS ns'
const whole = (kind: SignalKind, tie: string): Source => ({
  kind,
  table: `firebreak_${kind}`,
  time: 'At',
  columns: `${AT}, Json`,
  tie,
  toItem: ({ Json }: { Json: string }) => fromJson(Json),
})

const SOURCES: readonly Source[] = [
  {
    kind: 'logs',
    table: 'otel_logs',
    time: 'Timestamp',
    columns: LOG_COLUMNS,
    tie: 'ServiceName, SpanId, Body',
    toItem: (row: LogRow) => toLogRecord(row),
  },
  {
    kind: 'spans',
    table: 'otel_traces',
    time: 'Timestamp',
    columns: SPAN_COLUMNS,
    tie: 'TraceId, SpanId',
    toItem: (row: SpanRow) => toSpan(row),
  },
  {
    kind: 'metrics',
    table: 'otel_metrics_gauge',
    time: 'TimeUnix',
    columns: POINT_COLUMNS,
    tie: 'MetricName, cityHash64(Attributes)',
    toItem: (row: PointRow) => toPoint(row),
  },
  {
    kind: 'metrics',
    table: 'otel_metrics_sum',
    time: 'TimeUnix',
    columns: `${POINT_COLUMNS}, AggregationTemporality, IsMonotonic`,
    tie: 'MetricName, cityHash64(Attributes)',
    toItem: (row: PointRow) => toPoint(row),
  },
  {
    kind: 'requests',
    table: 'firebreak_requests',
    time: 'At',
    columns: `${AT}, ServiceName, Route, Status, NoAnswer, if(isNaN(DurationMs), NULL, DurationMs) AS DurationMs, Client`,
    tie: 'ServiceName, Route, Client',
    toItem: (row: RequestRow) => toLogged(row),
  },
  whole('changes', 'Id'),
  whole('reports', 'Id'),
  whole('probes', 'Probe'),
  whole('databases', 'Target'),
  whole('alerts', 'Key, Status'),
]

/** Rows of one source that are held at a time. */
const PAGE_ROWS = 5_000
const FIRST_LOOK_NS = 10_000_000_000n
/** A batch holds items of one second at most, so that clocks driven by it tick. */
const BATCH_MS = 1_000

/**
 * What is stored, in order of time. Each source is read page by page; what is told next is what all of them have read
 * beyond.
 */
export async function* replay(
  ask: Ask,
  { window, kinds, signal }: ReplayQuery,
): AsyncGenerator<TelemetryBatch> {
  const sources = SOURCES.filter(({ kind }) => kinds.includes(kind))
  const streams = sources.map((source) => secondsOf(source, rowsOf(ask, source, window)))
  const heads = await Promise.all(streams.map((stream) => stream.next()))
  for (;;) {
    if (signal?.aborted === true) return
    const times = heads.map((head) => (head.done === true ? Number.POSITIVE_INFINITY : head.value.second))
    const first = Math.min(...times)
    const index = times.indexOf(first)
    const head = heads[index]
    if (head === undefined || head.done === true) return
    yield head.value.batch
    const next = await streams[index]?.next()
    if (next !== undefined) heads[index] = next
  }
}

async function* secondsOf(
  source: Source,
  rows: AsyncIterable<Timed>,
): AsyncGenerator<{ second: EpochMs; batch: TelemetryBatch }, undefined> {
  let items: unknown[] = []
  let second = Number.NEGATIVE_INFINITY
  // The source's own rows make items of its own kind.
  const batch = (): TelemetryBatch => ({ kind: source.kind, items }) as unknown as TelemetryBatch
  for await (const row of rows) {
    const at = Math.floor(fromNanoseconds(row.ns) / BATCH_MS)
    if (at !== second && items.length > 0) {
      yield { second, batch: batch() }
      items = []
    }
    second = at
    items.push(source.toItem(row as never))
  }
  if (items.length > 0) yield { second, batch: batch() }
  return undefined
}

async function* rowsOf(
  ask: Ask,
  { table, time, columns, tie }: Source,
  window: { from: EpochMs; to: EpochMs },
): AsyncGenerator<Timed> {
  const sql = `SELECT ${columns} FROM ${table}
WHERE ${time} >= fromUnixTimestamp64Nano({from:Int64}) AND ${time} < fromUnixTimestamp64Nano({to:Int64})
ORDER BY ${time}, ${tie} LIMIT ${PAGE_ROWS} OFFSET {offset:UInt32}`
  const end = toNanoseconds(window.to)
  let from = toNanoseconds(window.from)
  let offset = 0
  let width = FIRST_LOOK_NS
  while (from < end) {
    const to = from + width < end ? from + width : end
    const rows = await ask<Timed>(sql, { from: `${from}`, to: `${to}`, offset })
    yield* rows
    const last = rows.at(-1)
    if (rows.length < PAGE_ROWS || last === undefined) {
      from = to
      offset = 0
      width *= rows.length < PAGE_ROWS / 8 ? 4n : 1n
      continue
    }
    // From the last time on, without the rows of that time that were told already.
    const same = rows.filter(({ ns }) => ns === last.ns).length
    offset = BigInt(last.ns) === from ? offset + same : same
    from = BigInt(last.ns)
    width = width > FIRST_LOOK_NS ? width / 4n : width
  }
}
