import { createHash } from 'node:crypto'
import type { DatabaseRole } from './lab-system.ts'
import { withClient } from './postgres-client.ts'

export type Passwords = Readonly<Record<DatabaseRole, string>>

export type ShopData = {
  /** `db/schema.sql` and `db/seed.sql`, in this order. */
  readonly scripts: readonly string[]
  readonly onProgress: (text: string) => void
}

/**
 * The shop's database as new: its data are made once and kept as a template, and every lab starts from a copy, so
 * that nothing that was broken or sold before is there.
 *
 *     schema.sql, seed.sql ──once──> shop_template ──every start──> shop
 */
export async function prepareShopDatabase(
  urlOf: (role: DatabaseRole, database?: string) => string,
  passwords: Passwords,
  data: ShopData,
): Promise<void> {
  const admin = urlOf('lab', 'postgres')
  await withClient(admin, async (client) => {
    await client.query(QUIETLY)
    await client.query(ROLES)
    for (const role of ['shop', 'reporting', 'monitor'] as const) {
      await client.query(`ALTER ROLE ${role} PASSWORD '${passwords[role]}'`) // our own, of hex digits
    }
    await client.query('DROP DATABASE IF EXISTS shop WITH (FORCE)')
    await client.query('DROP TABLESPACE IF EXISTS small_volume')
  })
  await makeTemplate(urlOf, data)
  await withClient(admin, async (client) => {
    await client.query(QUIETLY)
    await client.query('CREATE DATABASE shop TEMPLATE shop_template STRATEGY file_copy OWNER shop')
  })
}

/** The server's log is the shop's: how its data were made is not part of the story. */
const QUIETLY = 'SET log_min_duration_statement = -1; SET log_temp_files = -1'

const ROLES = `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop') THEN
      CREATE ROLE shop LOGIN;
      CREATE ROLE reporting LOGIN;
      CREATE ROLE monitor LOGIN IN ROLE pg_monitor, pg_use_reserved_connections;
    END IF;
  END $$`

async function makeTemplate(
  urlOf: (role: DatabaseRole, database?: string) => string,
  { scripts, onProgress }: ShopData,
): Promise<void> {
  const admin = urlOf('lab', 'postgres')
  const digest = createHash('sha256').update(scripts.join('\0')).digest('hex')
  const isThere = await withClient(admin, async (client) => {
    const { rows } = await client.query<{ made: string | null }>(
      `SELECT shobj_description(oid, 'pg_database') AS made FROM pg_database WHERE datname = 'shop_template'`,
    )
    if (rows[0]?.made === digest) return true
    await client.query('DROP DATABASE IF EXISTS shop_template WITH (FORCE)')
    await client.query('CREATE DATABASE shop_template OWNER shop')
    return false
  })
  if (isThere) return
  onProgress('filling the shop: products, accounts and orders')
  await withClient(urlOf('lab', 'shop_template'), async (client) => {
    await client.query(QUIETLY)
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    await client.query('SET SESSION AUTHORIZATION shop')
    // One transaction: what is made and filled in the same one needs no write-ahead log (wal_level minimal).
    await client.query(scripts.join('\n;\n'))
    await client.query('RESET SESSION AUTHORIZATION')
    await client.query('GRANT pg_read_all_data TO reporting')
    await client.query('VACUUM (ANALYZE)') // so that no lab begins with the server doing it
  })
  await withClient(admin, (client) => client.query(`COMMENT ON DATABASE shop_template IS '${digest}'`))
}
