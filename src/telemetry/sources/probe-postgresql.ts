import type { Client } from 'pg'
import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe, DatabaseSession } from '../database-probe.ts'
import type { DatabaseConnection } from './database-connection.ts'
import { CONNECT_TIMEOUT_MS, MOST_SESSIONS, PROBE_NAME, STATEMENT_TIMEOUT_MS } from './database-connection.ts'
import { postgresqlFigures, postgresqlStatements, readOnly } from './figures-postgresql.ts'
import { redactStatement } from './redact-statement.ts'

type SessionRow = {
  readonly pid: number
  readonly usename: string | null
  readonly application_name: string | null
  readonly state: string | null
  readonly wait_event_type: string | null
  readonly age_ms: number | null
  readonly state_ms: number | null
  readonly blocked_by: readonly number[]
  readonly query: string | null
}

type LimitRow = {
  readonly version: string
  readonly max: number
  readonly reserved: number
  readonly used: number
  readonly hidden: number
}

// Roles without pg_read_all_stats see that a session of another role exists, and nothing else of it: its
// backend_type is null, so that client backends are told by their database.
const LIMITS = `
  SELECT current_setting('server_version') AS version,
         current_setting('max_connections')::int AS max,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved,
         (count(*) FILTER (WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
                             AND pid <> pg_backend_pid()))::int AS used,
         (count(*) FILTER (WHERE datid IS NOT NULL AND backend_type IS NULL))::int AS hidden
    FROM pg_stat_activity`

// pg_blocking_pids takes a lock on the lock table: it is asked for waiting sessions only.
const SESSIONS = `
  SELECT pid, usename, application_name, state, wait_event_type,
         (extract(epoch FROM clock_timestamp() - backend_start) * 1000)::float8 AS age_ms,
         (extract(epoch FROM clock_timestamp() - CASE WHEN state = 'active' THEN query_start ELSE state_change END)
           * 1000)::float8 AS state_ms,
         CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END AS blocked_by,
         left(query, 4000) AS query
    FROM pg_stat_activity
   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
   ORDER BY (wait_event_type = 'Lock') DESC NULLS LAST, state_ms DESC NULLS LAST
   LIMIT ${MOST_SESSIONS}`

/** Connects, or throws what the driver says. Every look is a read-only transaction with a statement time-out. */
export async function openPostgresql(url: string, target: string): Promise<DatabaseConnection> {
  const { Client } = await import('pg')
  const client = new Client({
    connectionString: url,
    application_name: PROBE_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1000,
  })
  // Without a listener a connection that breaks between two looks would end the process; the next look tells it.
  let broken: Error | null = null
  client.on('error', (error) => (broken ??= error))
  await client.connect()
  const whole = async <T>(task: () => Promise<T>): Promise<T> => {
    if (broken !== null) throw broken
    return task()
  }
  return {
    look: (at) => whole(() => look(client, at, target)),
    figures: () => whole(() => postgresqlFigures(client)),
    statements: () => whole(() => postgresqlStatements(client)),
    close: () => client.end(),
  }
}

function look(client: Client, at: EpochMs, target: string): Promise<DatabaseProbe> {
  return readOnly(client, async () => {
    const limits = (await client.query<LimitRow>(LIMITS)).rows[0]
    const sessions = (await client.query<SessionRow>(SESSIONS)).rows
    return {
      at,
      engine: 'postgresql',
      target,
      refused: null,
      ...seen(limits),
      sessions: sessions.map(toSession),
    }
  })
}

function seen(limits: LimitRow | undefined): Pick<DatabaseProbe, 'version' | 'connections' | 'notes'> {
  if (!limits) return { version: null, connections: null }
  const notes =
    limits.hidden > 0
      ? [
          `${limits.hidden} sessions of other roles are only counted: GRANT pg_read_all_stats TO the probe's role shows them`,
        ]
      : []
  return {
    version: limits.version,
    connections: { used: limits.used, limit: limits.max, reserved: limits.reserved },
    notes,
  }
}

const states: Readonly<Record<string, DatabaseSession['state']>> = {
  active: 'active',
  idle: 'idle',
  'idle in transaction': 'idle-in-transaction',
  'idle in transaction (aborted)': 'idle-in-transaction',
}

function toSession(row: SessionRow): DatabaseSession {
  return {
    id: String(row.pid),
    state: states[row.state ?? ''] ?? 'other',
    ageMs: row.age_ms === null ? null : Math.round(row.age_ms),
    stateMs: row.state_ms === null ? null : Math.round(row.state_ms),
    waitingFor: row.wait_event_type === null ? null : row.wait_event_type.toLowerCase(),
    blockedBy: row.blocked_by.map(String),
    user: row.usename,
    application: row.application_name === '' ? null : row.application_name,
    statement: row.query === null || row.query === '' ? null : redactStatement(row.query),
  }
}
