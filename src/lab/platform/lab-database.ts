import { randomBytes } from 'node:crypto'
import type { Database, DatabaseRole, DatabaseSession } from './lab-system.ts'
import { openClient, withClient } from './postgres-client.ts'
import { MAX_CONNECTIONS } from './postgres-server.ts'
import type { Passwords } from './shop-database.ts'
import { createSmallVolume } from './small-volume.ts'
import type { SupervisedProcess } from './supervised-process.ts'
import type { Account } from './postgres-programs.ts'

export type DatabaseParts = {
  readonly server: SupervisedProcess
  readonly port: number
  readonly passwords: Passwords
  readonly account: Account | null
  /** Where a small volume is mounted. */
  readonly volume: string
}

/** Where a role finds a database: the shop's, unless told. */
export function databaseUrl(
  { port, passwords }: Pick<DatabaseParts, 'port' | 'passwords'>,
  role: DatabaseRole,
  database = 'shop',
): string {
  return `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`
}

/** The database as faults and the operator handle it. */
export function createLabDatabase(parts: DatabaseParts): Database {
  const { server, passwords } = parts
  const urlOf = (role: DatabaseRole): string => databaseUrl(parts, role)

  const admin: Database['admin'] = (sql, values = []) =>
    withClient(urlOf('lab'), async (client) => rowsOf(await client.query(sql, [...values])))

  async function setPassword(role: DatabaseRole, password: string): Promise<void> {
    await admin(`ALTER ROLE ${role} PASSWORD '${password}'`) // our own, of hex digits
  }

  return {
    limit: MAX_CONNECTIONS,
    admin,
    urlOf,
    as: (role) => openSession(urlOf(role)),
    async restart(mode = 'fast') {
      if (mode === 'immediate') server.kill('SIGQUIT')
      await server.restart()
    },
    async changePassword(role) {
      await setPassword(role, randomBytes(16).toString('hex'))
      return () => setPassword(role, passwords[role])
    },
    moveToSmallVolume: (options) => createSmallVolume({ ...parts, admin }, options),
  }
}

async function openSession(url: string): Promise<DatabaseSession> {
  const client = await openClient(url)
  const [row] = rowsOf(await client.query('SELECT pg_backend_pid() AS pid'))
  return {
    processId: Number(row?.['pid']),
    query: async (sql, values = []) => rowsOf(await client.query(sql, [...values])),
    close: () => client.end().catch(() => {}), // ended from the other side already
  }
}

/** Of several statements in one text, the rows of the last. */
function rowsOf(result: unknown): readonly Readonly<Record<string, unknown>>[] {
  const last = (Array.isArray(result) ? result.at(-1) : result) as
    | { rows: readonly Readonly<Record<string, unknown>>[] }
    | undefined
  return last?.rows ?? []
}
