import type { Ask } from './ask.ts'
import { fromJson } from './json-text.ts'
import type { Page, SeldomQuery } from './telemetry-store.ts'
import { searchBack } from './time-search.ts'

export type SeldomTable = {
  readonly table: string
  /** Breaks ties of time, always the same way. */
  readonly tie: string
  /** The column that `service` is compared with; null where the table has none. */
  readonly serviceColumn: string | null
  /** Where rows are replaced by the same row again, until the next merge. */
  readonly isReplacing: boolean
}

export const SELDOM_TABLES = {
  changes: { table: 'firebreak_changes', tie: 'Id', serviceColumn: 'ServiceName', isReplacing: true },
  reports: { table: 'firebreak_reports', tie: 'Id', serviceColumn: 'ServiceName', isReplacing: true },
  probes: { table: 'firebreak_probes', tie: 'Probe', serviceColumn: 'ServiceName', isReplacing: false },
  alerts: { table: 'firebreak_alerts', tie: 'Key, Status', serviceColumn: 'ServiceName', isReplacing: true },
  databases: { table: 'firebreak_databases', tie: 'Target', serviceColumn: null, isReplacing: false },
} as const satisfies Record<string, SeldomTable>

const FIRST_LOOK_MS = 3_600_000

/** Rows of a table that keeps its items whole, newest first. */
export async function findSeldom<Item>(ask: Ask, from: SeldomTable, query: SeldomQuery): Promise<Page<Item>> {
  const hasService = query.service !== undefined && from.serviceColumn !== null
  const sql = `SELECT toString(toUnixTimestamp64Nano(At)) AS ns, Json AS json FROM ${from.table} ${from.isReplacing ? 'FINAL' : ''}
WHERE At >= fromUnixTimestamp64Nano({from:Int64}) AND At < fromUnixTimestamp64Nano({to:Int64})
${hasService ? `AND ${from.serviceColumn} = {service:String}` : ''}
ORDER BY At DESC, ${from.tie} LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
  return searchBack<{ ns: string; json: string }, Item>({
    window: query.window,
    paging: query,
    firstMs: FIRST_LOOK_MS,
    look: (stretch) => ask(sql, { service: query.service ?? '', ...stretch }),
    toItem: ({ json }) => fromJson(json) as Item,
  })
}
