import type { Span } from '../telemetry/index.ts'
import type { Ask } from './ask.ts'
import { conditionsOf } from './conditions.ts'
import { SPAN_KIND_WORDS } from './otel-words.ts'
import { SPAN_COLUMNS, toSpan } from './stored-rows.ts'
import type { SpanRow } from './stored-rows.ts'
import type { Page, SpansQuery } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

const FIRST_LOOK_MS = 2_000
const MAX_SPANS_OF_TRACE = 10_000
const ONLY_ERRORS = "AND StatusCode IN ('Error', 'STATUS_CODE_ERROR')"

/** Spans of a window, newest first. */
export async function findSpans(ask: Ask, query: SpansQuery): Promise<Page<Span>> {
  const { kind, minDurationMs } = query
  const durationNs = minDurationMs === undefined ? undefined : Math.max(0, Math.round(minDurationMs * 1e6))
  const conditions = conditionsOf([
    ['ServiceName = {service:String}', 'service', query.service],
    ['SpanName = {name:String}', 'name', query.name],
    ['SpanKind = {kind:String}', 'kind', kind && SPAN_KIND_WORDS[kind]],
    ['Duration >= {duration:UInt64}', 'duration', durationNs],
  ])
  const sql = `SELECT ${SPAN_COLUMNS} FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
  ${conditions.sql} ${query.onlyErrors === true ? ONLY_ERRORS : ''}
ORDER BY Timestamp DESC, TraceId, SpanId LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  return searchBack<SpanRow, Span>({
    window: query.window,
    paging: query,
    firstMs: FIRST_LOOK_MS,
    look: (stretch) => ask<SpanRow>(sql, { ...conditions.parameters, ...stretch }),
    toItem: toSpan,
  })
}

/** The spans of one trace by start: first when it was, from the table of traces, then that time alone. */
export async function findTrace(ask: Ask, traceId: string): Promise<readonly Span[]> {
  const id = traceId.toLowerCase()
  const [times] = await ask<{ start: number; until: number; known: string }>(
    `SELECT toUnixTimestamp(min(Start)) AS start, toUnixTimestamp(max(End)) AS until, toString(count()) AS known
FROM otel_traces_trace_id_ts WHERE TraceId = {id:String}`,
    { id },
  )
  if (times === undefined || times.known === '0') return []
  const rows = await ask<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM otel_traces
WHERE TraceId = {id:String} AND Timestamp >= toDateTime64({start:Int64}, 9) AND Timestamp < toDateTime64({until:Int64}, 9)
ORDER BY Timestamp, SpanId LIMIT ${MAX_SPANS_OF_TRACE}`,
    { id, start: times.start, until: times.until + 1 },
  )
  return rows.map(toSpan)
}
