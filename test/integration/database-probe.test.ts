import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { probeDatabase, watchDatabase } from '../../src/telemetry/index.ts'
import { startMariadb, startPostgresql } from './database-servers.ts'
import { firebreak, temporaryFolder } from './firebreak.ts'

const TABLE =
  'CREATE TABLE stock (id int PRIMARY KEY, left_over int); INSERT INTO stock VALUES (1, 5), (2, 7)'
const SECRET = 'Sesame-4711'

const deps = () => ({ now: () => Date.UTC(2026, 2, 2, 9), signal: new AbortController().signal })

async function postgresqlClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function mariadbClient(uri: string): Promise<mysql.Connection> {
  const client = await mysql.createConnection(uri)
  client.on('error', () => {})
  onTestFinished(() => client.destroy())
  return client
}

/** One after another: servers count those that are just being refused, too, so many at once leave room behind. */
async function untilFull(connect: () => Promise<unknown>): Promise<void> {
  for (let taken = 0; taken < 20; taken++) await connect()
}

/** What the server itself says of one of its sessions: asked until it is so, for the lock is taken in its own time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}

test('PostgreSQL: sessions by state, who blocks whom, and a server with no connection left', async () => {
  const server = await startPostgresql(temporaryFolder(), { sql: TABLE, flags: ['max_connections=12'] })
  const holder = await postgresqlClient(server.url)
  const waiter = await postgresqlClient(server.url)
  await holder.query('BEGIN')
  await holder.query('UPDATE stock SET left_over = 4 WHERE id = 1')
  const waiting = waiter.query(`UPDATE stock SET left_over = 3 WHERE id = 1 -- '${SECRET}'`)
  const admin = await postgresqlClient(server.adminUrl)
  await until(async () => {
    const { rows } = await admin.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return rows.length > 0
  })

  const probe = await probeDatabase(deps(), server.url)
  expect(probe).toMatchObject({ engine: 'postgresql', refused: null, connections: { used: 3, limit: 12 } })
  expect(probe.target).toBe(`postgresql://127.0.0.1:${server.port}/shop`)
  const blocked = probe.sessions.filter((session) => session.blockedBy.length > 0)
  expect(blocked).toHaveLength(1)
  expect(blocked[0]).toMatchObject({ state: 'active', waitingFor: 'lock' })
  const blocker = probe.sessions.find((session) => session.id === blocked[0]?.blockedBy[0])
  expect(blocker?.state).toBe('idle-in-transaction')
  expect(JSON.stringify(probe)).not.toContain(SECRET)
  await holder.query('COMMIT')
  await waiting

  const watch = await watchDatabase(deps(), server.url, 100_000)
  onTestFinished(() => void watch.stop())
  await expect(untilFull(() => postgresqlClient(server.url))).rejects.toThrow(/too many|reserved/)
  const refused = await probeDatabase(deps(), server.url)
  expect(refused.refused?.tooManyConnections).toBe(true)
  expect(refused.connections).toBeNull()
  // The watch has its connection from before: it is not shut out.
  expect((await watch.stop())[0]?.refused).toBeNull()
})

test('MariaDB: the same sessions, locks and refusal', async () => {
  const server = await startMariadb(temporaryFolder(), { sql: TABLE, flags: ['--max-connections=12'] })
  const holder = await mariadbClient(server.url)
  const waiter = await mariadbClient(server.url)
  await holder.query('BEGIN')
  await holder.query('UPDATE stock SET left_over = 4 WHERE id = 1')
  const waiting = waiter.query(`UPDATE stock SET left_over = 3 WHERE id = 1 -- '${SECRET}'`)
  const admin = await mariadbClient(server.adminUrl)
  await until(async () => {
    const [rows] = await admin.query<mysql.RowDataPacket[]>(
      "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    )
    return rows.length > 0
  })

  const probe = await probeDatabase(deps(), server.adminUrl)
  expect(probe).toMatchObject({ engine: 'mariadb', refused: null, connections: { used: 3, limit: 12 } })
  const blocked = probe.sessions.filter((session) => session.blockedBy.length > 0)
  expect(blocked).toHaveLength(1)
  expect(blocked[0]).toMatchObject({ state: 'active', waitingFor: 'lock' })
  const blocker = probe.sessions.find((session) => session.id === blocked[0]?.blockedBy[0])
  expect(blocker?.state).toBe('idle-in-transaction')
  expect(JSON.stringify(probe)).not.toContain(SECRET)

  const ordinary = await probeDatabase(deps(), server.url)
  expect(ordinary.notes?.join('\n')).toContain('GRANT PROCESS')
  await holder.query('COMMIT')
  await waiting

  await expect(untilFull(() => mariadbClient(server.url))).rejects.toThrow(/too many/i)
  const refused = await probeDatabase(deps(), server.url)
  expect(refused.refused?.tooManyConnections).toBe(true)
})

test.each([
  ['PostgreSQL', startPostgresql],
  ['MariaDB', startMariadb],
])('%s: a wrong password is said without the password, and nothing is written', async (_, startServer) => {
  const folder = temporaryFolder()
  const { url } = await startServer(folder, { sql: TABLE })
  writeFileSync(join(folder, 'a.log'), '2026-03-02 09:00:01,000 ERROR it broke\n')
  const wrong = url.replace('shop-secret', SECRET)
  const ended = await firebreak(['investigate', '--log', 'a.log', '--db', wrong, '--json'], { cwd: folder })
  expect(ended.code).toBe(1)
  expect(ended.stdout).toBe('')
  expect(ended.stderr).toMatch(/expected to look at .*127\.0\.0\.1:\d+\/shop.*(authentication|denied)/)
  expect(ended.stderr).not.toContain(SECRET)
})

test('a session that is idle in a transaction shows how long it has been so', async () => {
  const server = await startPostgresql(temporaryFolder(), { sql: TABLE })
  const idle = await postgresqlClient(server.url)
  await idle.query('BEGIN')
  await idle.query('SELECT pg_backend_pid()')
  const { sessions } = await probeDatabase(deps(), server.url)
  expect(sessions).toHaveLength(1)
  expect(sessions[0]).toMatchObject({ state: 'idle-in-transaction', user: 'shop' })
  expect(sessions[0]?.stateMs).toBeGreaterThanOrEqual(0)
})
