import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Replication } from '../database-probe.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import { STATEMENT_TIMEOUT_MS } from './database-connection.ts'
import type { DatabaseFigures, EngineFigure, StatementTotals } from './database-connection.ts'

type StatusRow = RowDataPacket & { readonly Variable_name: string; readonly Value: string }
type Status = ReadonlyMap<string, number>

// Names and units of the OpenTelemetry Collector's mysqlreceiver.
const THREADS: DerivedMetric = { name: 'mysql.threads', unit: '1', description: 'Threads by what they do' }
const ERRORS: DerivedMetric = {
  name: 'mysql.connection.errors',
  unit: '1',
  description: 'Connections that were not made, by why',
}
const BUFFER_POOL: DerivedMetric = {
  name: 'mysql.buffer_pool.operations',
  unit: '1',
  description: 'Operations on the InnoDB buffer pool',
}
const ROW_LOCKS: DerivedMetric = {
  name: 'mysql.row_locks',
  unit: '1',
  description: 'Waits for InnoDB row locks, and their time in ms',
}
const STATEMENTS: DerivedMetric = {
  name: 'mysql.query.count',
  unit: '1',
  description: 'Statements that clients sent',
}
const SLOW: DerivedMetric = {
  name: 'mysql.query.slow.count',
  unit: '1',
  description: 'Statements that took longer than long_query_time',
}
const CONNECTIONS: DerivedMetric = {
  name: 'mysql.connection.count',
  unit: '1',
  description: 'Attempts to connect, successful or not',
}
const BEHIND: DerivedMetric = {
  name: 'mysql.replica.time_behind_source',
  unit: 's',
  description: 'How late the replica is',
}
const CONNECTION_MAX: DerivedMetric = {
  name: 'mysql.connection.max',
  unit: '{connections}',
  description: 'Configured maximum number of client connections',
}

type Place = readonly [
  variable: string,
  metric: DerivedMetric,
  kind: EngineFigure['kind'],
  label?: readonly [string, string],
]

const PLACES: readonly Place[] = [
  ['Threads_connected', THREADS, 'amount', ['kind', 'connected']],
  ['Threads_running', THREADS, 'amount', ['kind', 'running']],
  ['Threads_cached', THREADS, 'amount', ['kind', 'cached']],
  ['Connections', CONNECTIONS, 'counter'],
  ['Connection_errors_max_connections', ERRORS, 'counter', ['error', 'max_connections']],
  ['Aborted_connects', ERRORS, 'counter', ['error', 'aborted']],
  ['Aborted_clients', ERRORS, 'counter', ['error', 'aborted_clients']],
  ['Innodb_buffer_pool_read_requests', BUFFER_POOL, 'counter', ['operation', 'read_requests']],
  ['Innodb_buffer_pool_reads', BUFFER_POOL, 'counter', ['operation', 'reads']],
  ['Innodb_row_lock_waits', ROW_LOCKS, 'counter', ['kind', 'waits']],
  ['Innodb_row_lock_time', ROW_LOCKS, 'counter', ['kind', 'time']],
  ['Questions', STATEMENTS, 'counter'],
  ['Slow_queries', SLOW, 'counter'],
]

const STATUS = `SHOW GLOBAL STATUS WHERE Variable_name IN (${[
  ...PLACES.map(([name]) => name),
  'Innodb_row_lock_current_waits',
]
  .map((name) => `'${name}'`)
  .join(', ')})`

const LONGEST = `
  SELECT max(timestampdiff(MICROSECOND, trx_started, now(6))) / 1000 AS value FROM information_schema.innodb_trx
   WHERE trx_mysql_thread_id <> connection_id()`

/** Counters, locks and replication of a MySQL or MariaDB server. What the user may not see is null, and noted. */
export async function mysqlFigures(connection: Connection): Promise<DatabaseFigures> {
  const notes: string[] = []
  const status = new Map(
    (await rows<StatusRow>(connection, STATUS)).map((row) => [row.Variable_name, Number(row.Value)]),
  )
  const [max] = await rows<RowDataPacket & { value: number }>(connection, 'SELECT @@max_connections AS value')
  const [longest] = await mayFail(
    () => rows<RowDataPacket & { value: string | number | null }>(connection, LONGEST),
    { notes, note: "open transactions are hidden: GRANT PROCESS ON *.* TO the probe's user shows them" },
  )
  const replication = await replicationOf(connection, notes)
  const requests = status.get('Innodb_buffer_pool_read_requests') ?? null
  const misses = status.get('Innodb_buffer_pool_reads') ?? null
  return {
    blocksHit: requests === null || misses === null ? null : requests - misses,
    blocksRead: misses,
    longestTransactionMs: longest?.value === null || longest === undefined ? null : Number(longest.value),
    locks: { granted: null, waiting: status.get('Innodb_row_lock_current_waits') ?? 0 },
    replication,
    engine: [
      { metric: CONNECTION_MAX, kind: 'gauge', value: max?.value ?? null },
      ...engineFigures(status),
      {
        metric: BEHIND,
        kind: 'amount',
        value: replication?.role === 'replica' ? replication.lagSeconds : null,
      },
    ],
    notes,
  }
}

function engineFigures(status: Status): readonly EngineFigure[] {
  return PLACES.map(([variable, metric, kind, label]) => {
    const figure = { metric, kind, value: status.get(variable) ?? null }
    return label === undefined ? figure : { ...figure, attributes: new Map([label]) }
  })
}

const SYNTAX_ERROR = 1064

/** MySQL 8.0.22 and MariaDB 10.5 know the first form; each calls the lag by its own name. */
async function replicationOf(connection: Connection, notes: string[]): Promise<Replication | null> {
  const note =
    "replication is hidden: GRANT REPLICATION CLIENT ON *.* (MariaDB: REPLICA MONITOR ON *.*) TO the probe's user shows it"
  const found = await mayFail(
    () =>
      rows<RowDataPacket>(connection, 'SHOW REPLICA STATUS').catch((error: unknown) => {
        if (!(error instanceof Error) || !('errno' in error) || error.errno !== SYNTAX_ERROR) throw error
        return rows<RowDataPacket>(connection, 'SHOW SLAVE STATUS')
      }),
    { notes, note },
  )
  if (notes.includes(note)) return null
  const [row] = found
  if (row === undefined) return { role: 'none', replicas: 0, lagSeconds: null }
  const lag: unknown = row['Seconds_Behind_Source'] ?? row['Seconds_Behind_Master'] ?? null
  return { role: 'replica', replicas: 0, lagSeconds: lag === null ? null : Number(lag) }
}

type DigestRow = RowDataPacket & {
  readonly digest: string
  readonly calls: number | string
  readonly total: number | string
  readonly examined: number | string
}
type TextRow = RowDataPacket & { readonly digest: string; readonly text: string | null }

/** The totals of the performance schema; null where it is off, or the user may not read it. */
export async function mysqlStatements(connection: Connection): Promise<StatementTotals | null> {
  const notes: string[] = []
  // SUM_TIMER_WAIT is in picoseconds.
  const found = await mayFail(
    () =>
      rows<DigestRow>(
        connection,
        `SELECT digest AS digest, sum(count_star) AS calls, sum(sum_timer_wait) / 1e9 AS total, sum(sum_rows_examined) AS examined
           FROM performance_schema.events_statements_summary_by_digest WHERE digest IS NOT NULL GROUP BY digest`,
      ),
    { notes, note: 'statements are hidden' },
  )
  if (found.length === 0) return null
  const byKey = new Map(
    found.map((row) => {
      const { digest, calls, total, examined } = row
      return [digest, { calls: Number(calls), totalMs: Number(total), rows: Number(examined) }] as const
    }),
  )
  return { byKey, texts: (keys) => texts(connection, keys) }
}

async function texts(connection: Connection, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map()
  const [found] = await connection.query<TextRow[]>(
    {
      sql: `SELECT digest AS digest, max(digest_text) AS text
              FROM performance_schema.events_statements_summary_by_digest WHERE digest IN (?) GROUP BY digest`,
      timeout: STATEMENT_TIMEOUT_MS,
    },
    [keys],
  )
  return new Map(found.map(({ digest, text }) => [digest, text ?? '']))
}

/** The rows of one statement, within the time that a look may take. */
export async function rows<Row extends RowDataPacket>(
  connection: Connection,
  sql: string,
): Promise<readonly Row[]> {
  const [found] = await connection.query<Row[]>({ sql, timeout: STATEMENT_TIMEOUT_MS })
  return found
}

/** Least privilege: what the user may not see is noted, and the rest of the look goes on. */
export async function mayFail<T>(
  task: () => Promise<readonly T[]>,
  onFailure: { readonly notes: string[]; readonly note: string },
): Promise<readonly T[]> {
  try {
    return await task()
  } catch (error) {
    // A broken connection is no missing privilege: the next statement would fail too.
    if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) throw error
    onFailure.notes.push(onFailure.note)
    return []
  }
}
