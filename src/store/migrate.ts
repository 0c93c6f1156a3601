import type { ClickHouseClient } from '@clickhouse/client'
import { AppError } from '../errors.ts'
import { OTEL_TABLES } from './otel-tables.ts'
import { OWN_TABLES } from './own-tables.ts'
import { KNOW_COUNTERS, ROLLUP_TABLES, VIEWS } from './rollup-tables.ts'
import { createTable, MERGE_BASE, OUR_MARK, ttlOf } from './schema.ts'
import type { Retention, Table } from './schema.ts'

export const TABLES: readonly Table[] = [...OTEL_TABLES, ...OWN_TABLES, ...ROLLUP_TABLES]

/** Each step is safe to run twice, and by two servers at once; steps are added at the end, never changed. */
const MIGRATIONS: readonly ((retention: Retention) => readonly string[])[] = [
  (retention) => [
    ...TABLES.map((table) => createTable(table, retention)),
    // What an older exporter made lacks a column that we write.
    'ALTER TABLE otel_logs ADD COLUMN IF NOT EXISTS EventName String CODEC(ZSTD(1))',
    ...VIEWS.map(
      ({ name, to, select }) => `CREATE MATERIALIZED VIEW IF NOT EXISTS ${name} TO ${to} AS ${select}`,
    ),
  ],
  () => KNOW_COUNTERS,
]

/** Brings the database to the schema of this version. Throws `STORE_FAILED` where a newer version wrote it. */
export async function migrate(
  client: ClickHouseClient,
  retention: Retention,
): Promise<{ from: number; to: number }> {
  await client.command({
    query:
      'CREATE TABLE IF NOT EXISTS firebreak_schema (Version UInt32, At DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY Version',
  })
  const answer = await client.query({
    query: 'SELECT max(Version) AS version FROM firebreak_schema',
    format: 'JSONEachRow',
  })
  const [row] = await answer.json<{ version: number }>()
  const from = row?.version ?? 0
  const to = MIGRATIONS.length
  if (from > to) {
    throw new AppError(
      'STORE_FAILED',
      `the store has schema ${from}, and this version of Firebreak knows ${to}`,
      {
        hint: 'use the newer version that wrote it, or another data directory',
      },
    )
  }
  for (let version = from; version < to; version++) {
    for (const query of MIGRATIONS[version]?.(retention) ?? []) await client.command({ query })
    await client.insert({
      table: 'firebreak_schema',
      values: [{ Version: version + 1 }],
      format: 'JSONEachRow',
    })
  }
  await tuneMerges(client)
  await applyRetention(client, retention)
  return { from, to }
}

/**
 * Changes the TTL of the tables whose retention is another one; rows past it go with the next merges. Tables that
 * somebody else made, such as the Collector's exporter, keep the retention that they were given there.
 */
export async function applyRetention(client: ClickHouseClient, retention: Retention): Promise<void> {
  const ddl = await definitions(client)
  for (const table of TABLES) {
    const seconds = /INTERVAL (\d+) SECOND/.exec(ttlOf(table, retention))?.[1]
    const isSame = new RegExp(`toIntervalSecond\\(${seconds}\\)`).test(ddl.get(table.name) ?? '')
    if (!isSame && ddl.get(table.name)?.includes(OUR_MARK) === true) {
      await client.command({ query: `ALTER TABLE ${table.name} MODIFY TTL ${ttlOf(table, retention)}` })
    }
  }
}

/** Tables of ours that an earlier version made merge as those that are made now. */
async function tuneMerges(client: ClickHouseClient): Promise<void> {
  const ddl = await definitions(client)
  for (const { name } of TABLES) {
    const text = ddl.get(name) ?? ''
    if (text.includes(OUR_MARK) && !text.includes('merge_selector_base')) {
      await client.command({ query: `ALTER TABLE ${name} MODIFY SETTING ${MERGE_BASE}` })
    }
  }
}

/** How each table of the database was made. */
async function definitions(client: ClickHouseClient): Promise<ReadonlyMap<string, string>> {
  const answer = await client.query({
    query: 'SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()',
    format: 'JSONEachRow',
  })
  return new Map((await answer.json<{ name: string; ddl: string }>()).map((row) => [row.name, row.ddl]))
}
