/** What is kept how long: milliseconds. `rollups` outlive what they were made from. */
export type Retention = Readonly<
  Record<
    | 'logs'
    | 'traces'
    | 'metrics'
    | 'requests'
    | 'changes'
    | 'reports'
    | 'probes'
    | 'databases'
    | 'alerts'
    | 'detections'
    | 'rollups',
    number
  >
>

const DAY_MS = 86_400_000

export const DEFAULT_RETENTION: Retention = {
  logs: 7 * DAY_MS,
  traces: 7 * DAY_MS,
  metrics: 14 * DAY_MS,
  requests: 7 * DAY_MS,
  changes: 400 * DAY_MS,
  reports: 400 * DAY_MS,
  probes: 30 * DAY_MS,
  databases: 14 * DAY_MS,
  alerts: 90 * DAY_MS,
  detections: 400 * DAY_MS,
  rollups: 90 * DAY_MS,
}

/** A table of ours: what it is made of, how it is sorted, and how long its rows are kept. */
export type Table = {
  readonly name: string
  readonly columns: readonly string[]
  readonly engine: string
  readonly partitionBy: string
  readonly orderBy: string
  readonly primaryKey?: string
  /** The column that retention counts from, as a `DateTime`. */
  readonly age: string
  readonly keep: keyof Retention
}

/** `TTL` of a table, rounded up to whole seconds. */
export function ttlOf(table: Table, retention: Retention): string {
  return `${table.age} + INTERVAL ${Math.max(1, Math.ceil(retention[table.keep] / 1000))} SECOND`
}

/** A setting that our tables have, and those of others do not: only ours are ours to change. */
export const OUR_MARK = 'non_replicated_deduplication_window = 1000'

/**
 * Every group commit makes a part in each table and each rollup. The engine's own base (5) merges them again and again
 * while they are few, which costs more than inserting them: 16 writes each row about half as often, and leaves some
 * tens of parts a day.
 */
export const MERGE_BASE = 'merge_selector_base = 16, min_parts_to_merge_at_once = 16'

/**
 * The statement that makes a table where it is missing. A window of remembered insert tokens lets us repeat an insert
 * that the engine may or may not have finished before it died, without rows coming twice.
 */
export function createTable(table: Table, retention: Retention): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${table.name} (`,
    table.columns.map((column) => `  ${column}`).join(',\n'),
    `) ENGINE = ${table.engine}`,
    `PARTITION BY ${table.partitionBy}`,
    ...(table.primaryKey === undefined ? [] : [`PRIMARY KEY ${table.primaryKey}`]),
    `ORDER BY ${table.orderBy}`,
    `TTL ${ttlOf(table, retention)}`,
    `SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, ${OUR_MARK}, materialize_ttl_recalculate_only = 1, ${MERGE_BASE}`,
  ].join('\n')
}
