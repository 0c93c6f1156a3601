import type { Client, QueryResultRow } from 'pg'
import type { Replication } from '../database-probe.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import { semconv } from '../semconv.ts'
import { STATEMENT_TIMEOUT_MS } from './database-connection.ts'
import type { DatabaseFigures, EngineFigure, StatementTotal, StatementTotals } from './database-connection.ts'

type DatabaseRow = {
  readonly name: string
  readonly backends: number
  readonly commits: number
  readonly rollbacks: number
  readonly hit: number
  readonly read: number
  readonly deadlocks: number
}

const MOST_DATABASES = 50

const DATABASES = `
  SELECT datname AS name, numbackends AS backends, xact_commit::float8 AS commits, xact_rollback::float8 AS rollbacks,
         blks_hit::float8 AS hit, blks_read::float8 AS read, deadlocks::float8 AS deadlocks
    FROM pg_stat_database WHERE datname IS NOT NULL AND datname NOT LIKE 'template%'
   ORDER BY numbackends DESC LIMIT ${MOST_DATABASES}`

// Of sessions of other roles xact_start is null without pg_read_all_stats; the look notes that they are hidden.
const ACTIVITY = `
  SELECT (SELECT max(extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 FROM pg_stat_activity
           WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS longest,
         (SELECT count(*)::float8 FROM pg_locks WHERE granted AND pid IS DISTINCT FROM pg_backend_pid()) AS granted,
         (SELECT count(*)::float8 FROM pg_locks WHERE NOT granted) AS waiting,
         current_setting('max_connections')::float8 AS max`

// A replica that has replayed all it received is not behind, however long ago that was.
const REPLICATION = `
  SELECT pg_is_in_recovery() AS is_replica,
         (CASE WHEN NOT pg_is_in_recovery() THEN NULL
               WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
               ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END)::float8 AS own_lag,
         (SELECT count(*)::float8 FROM pg_stat_replication) AS replicas,
         (SELECT max(extract(epoch FROM replay_lag))::float8 FROM pg_stat_replication) AS worst_lag`

type ActivityRow = {
  readonly longest: number | null
  readonly granted: number
  readonly waiting: number
  readonly max: number
}
type ReplicationRow = {
  readonly is_replica: boolean
  readonly own_lag: number | null
  readonly replicas: number
  readonly worst_lag: number | null
}

/** Counters, locks and replication of a PostgreSQL server, within read-only transactions. */
export async function postgresqlFigures(client: Client): Promise<DatabaseFigures> {
  const { databases, activity } = await readOnly(client, async () => ({
    databases: await rows<DatabaseRow>(client, DATABASES),
    activity: (await rows<ActivityRow>(client, ACTIVITY))[0],
  }))
  // Servers that only speak PostgreSQL's protocol have no log to be behind with.
  const replication = await unlessRefused(readOnly(client, () => rows<ReplicationRow>(client, REPLICATION)))
  return {
    blocksHit: total(databases, 'hit'),
    blocksRead: total(databases, 'read'),
    longestTransactionMs: activity?.longest ?? null,
    locks: activity === undefined ? null : { granted: activity.granted, waiting: activity.waiting },
    replication: replication?.[0] === undefined ? null : replicationOf(replication[0]),
    engine: [
      { metric: CONNECTION_MAX, kind: 'gauge', value: activity?.max ?? null },
      ...databases.flatMap(figuresOfDatabase),
    ],
    notes: [],
  }
}

/** Not supported, not preloaded, no right to it, not there: the server's answer, and no reason to end the look. */
const REFUSALS: ReadonlySet<unknown> = new Set(['0A000', '55000', '42501', '42P01', '42883', '42703'])

async function unlessRefused<T>(task: Promise<T>): Promise<T | null> {
  try {
    return await task
  } catch (error) {
    if (error instanceof Error && 'code' in error && REFUSALS.has(error.code)) return null
    throw error
  }
}

function total(databases: readonly DatabaseRow[], key: 'hit' | 'read'): number {
  return databases.reduce((sum, database) => sum + database[key], 0)
}

function replicationOf(row: ReplicationRow): Replication {
  const { is_replica: isReplica, own_lag: ownLag, worst_lag: worstLag, replicas } = row
  if (isReplica) return { role: 'replica', replicas, lagSeconds: ownLag }
  return { role: replicas > 0 ? 'primary' : 'none', replicas, lagSeconds: worstLag }
}

// Names and units of the OpenTelemetry Collector's postgresqlreceiver.
const CONNECTION_MAX: DerivedMetric = {
  name: 'postgresql.connection.max',
  unit: '{connections}',
  description: 'Configured maximum number of client connections',
}
const COUNTERS = [
  ['commits', { name: 'postgresql.commits', unit: '1', description: 'Transactions committed' }],
  ['rollbacks', { name: 'postgresql.rollbacks', unit: '1', description: 'Transactions rolled back' }],
  ['deadlocks', { name: 'postgresql.deadlocks', unit: '{deadlock}', description: 'Deadlocks' }],
  [
    'hit',
    { name: 'postgresql.blks_hit', unit: '{blks_hit}', description: 'Blocks found in the buffer cache' },
  ],
  ['read', { name: 'postgresql.blks_read', unit: '{blks_read}', description: 'Blocks read from disk' }],
] as const satisfies readonly (readonly [keyof DatabaseRow, DerivedMetric])[]
const BACKENDS: DerivedMetric = {
  name: 'postgresql.backends',
  unit: '1',
  description: 'Backends connected to a database',
}

function figuresOfDatabase(database: DatabaseRow): readonly EngineFigure[] {
  const attributes = new Map([[semconv.dbNamespace, database.name]])
  const counters = COUNTERS.map(([key, metric]): EngineFigure => ({
    metric,
    kind: 'counter',
    value: database[key],
    attributes,
  }))
  return [{ metric: BACKENDS, kind: 'amount', value: database.backends, attributes }, ...counters]
}

type StatementRow = StatementTotal & { readonly key: string }
type TextRow = { readonly key: string; readonly query: string }

/** The totals of pg_stat_statements; null where the extension is not there, or not loaded. Texts are asked for a few only. */
export async function postgresqlStatements(client: Client): Promise<StatementTotals | null> {
  const extension = `
    SELECT quote_ident(n.nspname) AS schema, string_to_array(extversion, '.')::int[] >= '{1,8}' AS is_new
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_stat_statements'`
  const task = readOnly<StatementTotals | null>(client, async () => {
    const [found] = await rows<{ schema: string; is_new: boolean }>(client, extension)
    if (found === undefined) return null
    const time = found.is_new ? 'total_exec_time' : 'total_time'
    const view = `${found.schema}.pg_stat_statements`
    // Without texts it does not read the file that they are in. Of other roles' statements queryid is null.
    const totals = await rows<StatementRow>(
      client,
      `SELECT queryid::text AS key, sum(calls)::float8 AS calls, sum(${time})::float8 AS "totalMs", sum(rows)::float8 AS rows
         FROM ${view}(false) WHERE queryid IS NOT NULL GROUP BY queryid`,
    )
    return { byKey: new Map(totals.map((row) => [row.key, row])), texts: (keys) => texts(client, view, keys) }
  })
  return unlessRefused(task)
}

async function texts(
  client: Client,
  view: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map()
  return readOnly(client, async () => {
    const { rows: found } = await client.query<TextRow>(
      `SELECT queryid::text AS key, left(query, 4000) AS query FROM ${view}(true) WHERE queryid = ANY($1::bigint[])`,
      [keys],
    )
    return new Map(found.map(({ key, query }) => [key, query]))
  })
}

async function rows<Row extends QueryResultRow>(client: Client, sql: string): Promise<readonly Row[]> {
  return (await client.query<Row>(sql)).rows
}

/** Reads within a transaction that cannot write and cannot take long; it leaves nothing in the session. */
export async function readOnly<T>(client: Client, task: () => Promise<T>): Promise<T> {
  // The settings hold for this transaction only: behind a pooler the session belongs to others as well.
  await client.query('BEGIN TRANSACTION READ ONLY')
  try {
    await client.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`)
    return await task()
  } finally {
    await client.query('ROLLBACK')
  }
}
