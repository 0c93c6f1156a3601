import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe, DatabaseSession } from '../database-probe.ts'
import type { DatabaseConnection } from './database-connection.ts'
import { CONNECT_TIMEOUT_MS, MOST_SESSIONS, PROBE_NAME } from './database-connection.ts'
import { mayFail, mysqlFigures, mysqlStatements, rows } from './figures-mysql.ts'
import { redactStatement } from './redact-statement.ts'

type ProcessRow = RowDataPacket & {
  readonly id: number
  readonly user: string | null
  readonly command: string
  readonly time: number | null
  readonly state: string | null
  readonly info: string | null
}

type TransactionRow = RowDataPacket & { readonly id: number; readonly age: number }
type WaitRow = RowDataPacket & { readonly waiting: number; readonly blocking: number }

const PROCESSES = `
  SELECT id AS id, user AS user, command AS command, time AS time, state AS state, left(info, 4000) AS info
    FROM information_schema.processlist
   WHERE id <> connection_id() AND command NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')
     AND user NOT IN ('system user', 'event_scheduler')
   ORDER BY time DESC LIMIT ${MOST_SESSIONS}`

const TRANSACTIONS = `
  SELECT trx_mysql_thread_id AS id, timestampdiff(SECOND, trx_started, now()) AS age FROM information_schema.innodb_trx`

/** MariaDB kept the tables of MySQL 5.7; MySQL 8 moved them to the performance schema. */
const WAITS = {
  mariadb: `
    SELECT r.trx_mysql_thread_id AS waiting, b.trx_mysql_thread_id AS blocking
      FROM information_schema.innodb_lock_waits w
      JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id
      JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id`,
  mysql: `
    SELECT r.processlist_id AS waiting, b.processlist_id AS blocking
      FROM performance_schema.data_lock_waits w
      JOIN performance_schema.threads r ON r.thread_id = w.requesting_thread_id
      JOIN performance_schema.threads b ON b.thread_id = w.blocking_thread_id`,
} as const

/** Connects, or throws what the driver says. Reads only, and without the PROCESS privilege only its own user's sessions. */
export async function openMysql(url: string, target: string): Promise<DatabaseConnection> {
  const mysql = await import('mysql2/promise')
  const connection = await mysql.createConnection({
    uri: serverOf(url),
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectAttributes: { program_name: PROBE_NAME },
  })
  // Without a listener a connection that breaks between two looks would end the process; the next look tells it.
  let broken: Error | null = null
  connection.on('error', (error: Error) => (broken ??= error))
  const whole = async <T>(task: () => Promise<T>): Promise<T> => {
    if (broken !== null) throw broken
    return task()
  }
  return {
    look: (at) => whole(() => look(connection, at, target)),
    figures: () => whole(() => mysqlFigures(connection)),
    statements: () => whole(() => mysqlStatements(connection)),
    close: async () => connection.destroy(),
  }
}

/** The URL without its database: a look at the server needs none, and its user may have no right to it. */
function serverOf(text: string): string {
  const url = new URL(text.replace(/^mariadb:/, 'mysql:'))
  url.pathname = '/'
  return url.href
}

async function look(connection: Connection, at: EpochMs, target: string): Promise<DatabaseProbe> {
  const notes: string[] = []
  const version = await scalar(connection, 'SELECT version() AS value')
  const engine = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const limit = Number(await scalar(connection, 'SELECT @@max_connections AS value'))
  const used = await threadsConnected(connection)
  const processes = await rows<ProcessRow>(connection, PROCESSES)
  const transactions = await mayFail(() => rows<TransactionRow>(connection, TRANSACTIONS), {
    notes,
    note: "open transactions are hidden: GRANT PROCESS ON *.* TO the probe's user shows them",
  })
  const waits = await mayFail(() => rows<WaitRow>(connection, WAITS[engine]), {
    notes,
    note: "lock waits are hidden: GRANT PROCESS ON *.* and SELECT ON performance_schema.* TO the probe's user shows them",
  })
  if (used > processes.length + 1)
    notes.push(`${used - processes.length} sessions are only counted: GRANT PROCESS shows them`)
  const open = new Map(transactions.map((row) => [row.id, row.age * 1000]))
  const sessions = processes.map((row) => toSession(row, { openMs: open.get(row.id) ?? null, waits }))
  return { at, engine, target, version, connections: { used, limit }, sessions, refused: null, notes }
}

async function threadsConnected(connection: Connection): Promise<number> {
  const [row] = await rows<RowDataPacket & { readonly Value: string }>(
    connection,
    "SHOW GLOBAL STATUS LIKE 'Threads_connected'",
  )
  return Math.max(0, Number(row?.Value ?? 0) - 1)
}

async function scalar(connection: Connection, sql: string): Promise<string> {
  const [row] = await rows<RowDataPacket & { readonly value: string | number }>(connection, sql)
  return String(row?.value ?? '')
}

function toSession(
  row: ProcessRow,
  about: { readonly openMs: number | null; readonly waits: readonly WaitRow[] },
): DatabaseSession {
  const blockedBy = about.waits.filter((wait) => wait.waiting === row.id).map((wait) => String(wait.blocking))
  const sleeps = row.command === 'Sleep'
  const waitsForLock = blockedBy.length > 0 || /lock/i.test(row.state ?? '')
  return {
    id: String(row.id),
    state: sleeps
      ? about.openMs === null
        ? 'idle'
        : 'idle-in-transaction'
      : row.command === 'Query' || row.command === 'Execute'
        ? 'active'
        : 'other',
    ageMs: null,
    stateMs: row.time === null ? null : row.time * 1000,
    waitingFor: waitsForLock
      ? 'lock'
      : sleeps
        ? 'client'
        : row.state === null || row.state === ''
          ? null
          : row.state.toLowerCase(),
    blockedBy: [...new Set(blockedBy)],
    user: row.user,
    application: null,
    statement: row.info === null ? null : redactStatement(row.info),
  }
}
