import type { LogRecord } from '../telemetry/index.ts'
import type { Ask, Parameters } from './ask.ts'
import { LOG_COLUMNS, toLogRecord } from './stored-rows.ts'
import type { LogRow } from './stored-rows.ts'
import type { LogsQuery, Page } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

/** At the highest rate that the store takes in, this is what one look reads in a few hundredths of a second. */
const FIRST_LOOK_MS = 2_000

/** Log records of a window, newest first. */
export async function findLogs(ask: Ask, query: LogsQuery): Promise<Page<LogRecord>> {
  const { conditions, parameters } = conditionsOf(query)
  const sql = `SELECT ${LOG_COLUMNS} FROM otel_logs
WHERE TimestampTime >= toDateTime(fromUnixTimestamp64Nano({from:Int64})) AND TimestampTime <= toDateTime(fromUnixTimestamp64Nano({to:Int64}))
  AND Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
  ${conditions.map((condition) => `AND ${condition}`).join(' ')}
ORDER BY Timestamp DESC, ServiceName, SpanId, Body LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  return searchBack<LogRow, LogRecord>({
    window: query.window,
    paging: query,
    firstMs: FIRST_LOOK_MS,
    look: (stretch) => ask<LogRow>(sql, { ...parameters, ...stretch }),
    toItem: toLogRecord,
  })
}

function conditionsOf(query: LogsQuery): { conditions: string[]; parameters: Parameters } {
  const conditions: string[] = []
  const parameters: Record<string, string | number> = {}
  const add = (condition: string, values: Parameters): void => {
    conditions.push(condition)
    Object.assign(parameters, values)
  }
  if (query.service !== undefined) add('ServiceName = {service:String}', { service: query.service })
  if (query.minSeverityNumber !== undefined) {
    add('SeverityNumber >= {severity:UInt8}', { severity: query.minSeverityNumber })
  }
  if (query.text !== undefined && query.text !== '') {
    add('positionCaseInsensitive(Body, {text:String}) > 0', { text: query.text })
  }
  if (query.traceId !== undefined) add('TraceId = {traceId:String}', { traceId: query.traceId.toLowerCase() })
  return { conditions, parameters }
}
