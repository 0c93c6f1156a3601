import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkDatabase, startDatabaseSource } from '../../src/telemetry/index.ts'
import type { DatabaseProbe } from '../../src/telemetry/index.ts'
import { fakeIntake } from '../fake-intake.ts'
import type { FakeIntake } from '../fake-intake.ts'
import { startMariadb, startPostgresql } from './database-servers.ts'
import { temporaryFolder } from './firebreak.ts'

const TABLE =
  'CREATE TABLE stock (id int PRIMARY KEY, left_over int); INSERT INTO stock VALUES (1, 5), (2, 7)'
const SECRET = 'Sesame-4711'

/** A watch that looks ten times a second, and is stopped with the test. */
function watching(url: string): { intake: FakeIntake; state: () => string; sees: Sees } {
  const intake = fakeIntake()
  const deps = { intake, now: () => Date.now(), random: () => 0.5, signal: new AbortController().signal }
  const options = { name: 'shop-db', url, service: 'shop', everyMs: 100, statementsEveryMs: 200 }
  const source = startDatabaseSource(deps, options)
  onTestFinished(() => source.stop())
  const sees: Sees = (is) =>
    vi.waitFor(() => {
      const found = intake.items('databases').find(is)
      if (found === undefined) throw new Error(`not seen; the source is ${JSON.stringify(source.state())}`)
      return found
    }, WAIT)
  return { intake, state: () => source.state().kind, sees }
}

type Sees = (is: (probe: DatabaseProbe) => boolean) => Promise<DatabaseProbe>
const WAIT = { timeout: 15_000, interval: 50 }

function valueOf(intake: FakeIntake, name: string): number | undefined {
  const point = intake.items('metrics').findLast(({ metric }) => metric.name === name)
  return point?.kind === 'gauge' || point?.kind === 'sum' ? point.value : undefined
}

async function postgresqlClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end().catch(() => {}))
  return client
}

test('PostgreSQL: statements, locks, cache hits and limits with the role of docs/databases.md', async () => {
  const flags = ['shared_preload_libraries=pg_stat_statements', 'max_connections=20']
  const sql = `${TABLE}; CREATE EXTENSION pg_stat_statements; CREATE ROLE watcher LOGIN PASSWORD 'watch-secret' CONNECTION LIMIT 3; GRANT pg_monitor TO watcher`
  const server = await startPostgresql(temporaryFolder(), { sql, flags })
  const url = server.url.replace('shop:shop-secret', 'watcher:watch-secret')
  const { intake, sees, state } = watching(url)
  await sees(({ refused }) => refused === null)

  const shop = await postgresqlClient(server.url)
  const asks = setInterval(() => {
    void shop.query(`SELECT count(*) FROM stock, generate_series(1, 20000) WHERE '${SECRET}' <> 'x'`)
  }, 50)
  onTestFinished(() => clearInterval(asks))
  const counted = await sees(
    ({ statements }) => statements?.some(({ statement }) => statement.includes('stock')) ?? false,
  )
  const statement = counted.statements?.find((one) => one.statement.includes('generate_series'))
  expect(statement?.calls).toBeGreaterThan(0)
  expect(statement?.meanMs).toBeGreaterThan(0)
  expect(JSON.stringify(intake.items('databases'))).not.toContain(SECRET)
  clearInterval(asks)

  const [holder, waiter] = [await postgresqlClient(server.url), await postgresqlClient(server.url)]
  await holder.query('BEGIN; UPDATE stock SET left_over = 1 WHERE id = 1')
  const waiting = waiter.query('UPDATE stock SET left_over = 2 WHERE id = 1')
  const locked = await sees(
    ({ locks, longestTransactionMs }) => (locks?.waiting ?? 0) > 0 && longestTransactionMs !== null,
  )
  expect(locked.longestTransactionMs).toBeGreaterThan(0)
  await vi.waitFor(() => expect(valueOf(intake, 'db.sessions.blocked')).toBe(1), WAIT)
  await holder.query('COMMIT')
  await waiting
  // Three clients of 17 that ordinary roles can have.
  await vi.waitFor(() => expect(valueOf(intake, 'db.connections.utilization')).toBeCloseTo(3 / 17), WAIT)
  expect(valueOf(intake, 'postgresql.connection.max')).toBe(20)
  const backends = intake.items('metrics').filter(({ metric }) => metric.name === 'postgresql.backends')
  expect(backends.some((point) => point.kind === 'sum' && point.value > 0)).toBe(true)
  expect(valueOf(intake, 'db.cache.hit_ratio')).toBeGreaterThan(0)
  expect(intake.items('metrics')[0]?.metric.resource).toMatchObject({
    serviceName: 'shop',
    serviceInstance: 'shop-db', // two databases of one service are two series
  })
  expect(intake.items('probes').at(-1)).toMatchObject({ probe: 'shop-db', kind: 'database', succeeded: true })
  expect(state()).toBe('working')
  expect((await checkDatabase({ now: () => 0, signal: new AbortController().signal }, url)).notes).toEqual([])
})

test('PostgreSQL: the watch survives that its session is ended, and tells of a server that is full', async () => {
  const server = await startPostgresql(temporaryFolder(), { sql: TABLE, flags: ['max_connections=8'] })
  const { intake, sees } = watching(server.url)
  await sees(({ refused }) => refused === null)
  const clients: pg.Client[] = []
  const fill = async (): Promise<void> => {
    for (let taken = 0; taken < 10; taken++) clients.push(await postgresqlClient(server.url))
  }
  await expect(fill()).rejects.toThrow(/too many|reserved/)
  await vi.waitFor(() => expect(valueOf(intake, 'db.connections.utilization')).toBeGreaterThan(0.7), WAIT)
  const admin = await postgresqlClient(server.adminUrl)
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'firebreak-probe'",
  )
  clients.push(await postgresqlClient(server.url).catch(() => admin)) // takes its place, if the watch does not come first
  const refused = await sees((probe) => probe.refused !== null)
  expect(refused.refused?.reason).not.toBe('')
  for (const client of clients) await client.end().catch(() => {})
  const after = intake.items('databases').length
  await vi.waitFor(
    () =>
      expect(
        intake
          .items('databases')
          .slice(after)
          .some((probe) => probe.refused === null),
      ).toBe(true),
    WAIT,
  )
})

test('MariaDB: statements, replication, locks and limits with the user of docs/databases.md', async () => {
  const server = await startMariadb(temporaryFolder(), {
    sql: `${TABLE}; CREATE USER 'monitor'@'127.0.0.1' IDENTIFIED BY 'watch-secret' WITH MAX_USER_CONNECTIONS 3;
      GRANT PROCESS, REPLICA MONITOR ON *.* TO 'monitor'@'127.0.0.1'; GRANT SELECT ON performance_schema.* TO 'monitor'@'127.0.0.1'`,
    flags: ['--performance-schema=ON', '--performance-schema-consumer-events-statements-history=ON'],
  })
  const url = server.adminUrl.replace('watcher:', 'monitor:')
  const { intake, sees } = watching(url)
  await sees(({ refused, replication }) => refused === null && replication?.role === 'none')
  const shop = await mysql.createConnection(server.url)
  onTestFinished(() => shop.destroy())
  for (let asked = 0; asked < 20; asked++) await shop.query(`SELECT '${SECRET}', count(*) FROM stock`)
  const counted = await sees(
    ({ statements }) => statements?.some(({ statement }) => /stock/i.test(statement)) ?? false,
  )
  expect(counted.statements?.find(({ statement }) => /stock/i.test(statement))?.calls).toBeGreaterThan(0)
  expect(JSON.stringify(intake.items('databases'))).not.toContain(SECRET)
  expect(valueOf(intake, 'mysql.threads')).toBeDefined()
  expect(valueOf(intake, 'db.connections.utilization')).toBeGreaterThan(0)
  await shop.query('BEGIN')
  await shop.query('UPDATE stock SET left_over = 1 WHERE id = 1')
  const other = await mysql.createConnection(server.url)
  onTestFinished(() => other.destroy())
  const waiting = other.query('UPDATE stock SET left_over = 2 WHERE id = 1')
  await sees(({ locks, longestTransactionMs }) => locks?.waiting === 1 && longestTransactionMs !== null)
  await shop.query('COMMIT')
  await waiting
  expect((await checkDatabase({ now: () => 0, signal: new AbortController().signal }, url)).notes).toEqual([])
})

test('a wrong password is a failing source, not a failing database', async () => {
  const server = await startPostgresql(temporaryFolder(), { sql: TABLE })
  const { intake, state } = watching(server.url.replace('shop-secret', SECRET))
  await vi.waitFor(() => expect(state()).toBe('failing'), WAIT)
  expect(intake.items('databases')).toEqual([])
  expect(intake.items('probes')).toEqual([])
})
