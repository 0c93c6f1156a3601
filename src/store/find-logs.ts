import type { LogRecord } from '../telemetry/index.ts'
import type { Ask } from './ask.ts'
import { conditionsOf } from './conditions.ts'
import { LOG_COLUMNS, toLogRecord } from './stored-rows.ts'
import type { LogRow } from './stored-rows.ts'
import type { LogsQuery, Page } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

/** At the highest rate that the store takes in, this is what one look reads in a few hundredths of a second. */
const FIRST_LOOK_MS = 2_000

/** Log records of a window, newest first. */
export async function findLogs(ask: Ask, query: LogsQuery): Promise<Page<LogRecord>> {
  const conditions = conditionsOf([
    ['ServiceName = {service:String}', 'service', query.service],
    ['SeverityNumber >= {severity:UInt8}', 'severity', query.minSeverityNumber],
    ['positionCaseInsensitive(Body, {text:String}) > 0', 'text', query.text || undefined],
    ['TraceId = {traceId:String}', 'traceId', query.traceId?.toLowerCase()],
  ])
  const sql = `SELECT ${LOG_COLUMNS} FROM otel_logs
WHERE TimestampTime >= toDateTime(fromUnixTimestamp64Nano({from:Int64})) AND TimestampTime <= toDateTime(fromUnixTimestamp64Nano({to:Int64}))
  AND Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
  ${conditions.sql}
ORDER BY Timestamp DESC, ServiceName, SpanId, Body LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  return searchBack<LogRow, LogRecord>({
    window: query.window,
    paging: query,
    firstMs: FIRST_LOOK_MS,
    look: (stretch) => ask<LogRow>(sql, { ...conditions.parameters, ...stretch }),
    toItem: toLogRecord,
  })
}
