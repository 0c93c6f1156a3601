import type { Span } from '../telemetry/index.ts'
import type { Ask, Parameters } from './ask.ts'
import { SPAN_KIND_WORDS } from './otel-words.ts'
import { SPAN_COLUMNS, toSpan } from './stored-rows.ts'
import type { SpanRow } from './stored-rows.ts'
import type { Page, SpansQuery } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

const FIRST_LOOK_MS = 2_000
const MAX_SPANS_OF_TRACE = 10_000

/** Spans of a window, newest first. */
export async function findSpans(ask: Ask, query: SpansQuery): Promise<Page<Span>> {
  const { conditions, parameters } = conditionsOf(query)
  const sql = `SELECT ${SPAN_COLUMNS} FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
  ${conditions.map((condition) => `AND ${condition}`).join(' ')}
ORDER BY Timestamp DESC, TraceId, SpanId LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  return searchBack<SpanRow, Span>({
    window: query.window,
    paging: query,
    firstMs: FIRST_LOOK_MS,
    look: (stretch) => ask<SpanRow>(sql, { ...parameters, ...stretch }),
    toItem: toSpan,
  })
}

function conditionsOf(query: SpansQuery): { conditions: string[]; parameters: Parameters } {
  const conditions: string[] = []
  const parameters: Record<string, string | number> = {}
  const add = (condition: string, values: Parameters): void => {
    conditions.push(condition)
    Object.assign(parameters, values)
  }
  if (query.service !== undefined) add('ServiceName = {service:String}', { service: query.service })
  if (query.name !== undefined) add('SpanName = {name:String}', { name: query.name })
  if (query.kind !== undefined) add('SpanKind = {kind:String}', { kind: SPAN_KIND_WORDS[query.kind] })
  if (query.minDurationMs !== undefined) {
    add('Duration >= {duration:UInt64}', { duration: Math.max(0, Math.round(query.minDurationMs * 1e6)) })
  }
  if (query.onlyErrors === true) add("StatusCode IN ('Error', 'STATUS_CODE_ERROR')", {})
  return { conditions, parameters }
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
