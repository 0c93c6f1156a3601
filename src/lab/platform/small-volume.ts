import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, rm, statfs } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Database, SmallVolume } from './lab-system.ts'
import type { Account } from './postgres-programs.ts'

type VolumeParts = {
  readonly volume: string
  readonly account: Account | null
  readonly admin: Database['admin']
}

/** What orders and carts grow in. */
const GROWING = "('orders', 'order_items', 'carts', 'cart_items')"

/**
 * Puts the growing tables of the shop on a file system of their own, in memory, that is so much larger than they are.
 * When it is full, PostgreSQL says "could not extend file … No space left on device", as it does on any full disk.
 */
export async function createSmallVolume(
  parts: VolumeParts,
  { freeBytes }: { readonly freeBytes: number },
): Promise<SmallVolume> {
  const { volume, account, admin } = parts
  if (process.platform !== 'linux' || account === null) {
    throw new AppError('LAB_NOT_POSSIBLE', 'a volume of its own for the database needs root on Linux', {
      hint: 'run the lab as root, or choose another fault',
    })
  }
  const tables = await admin(
    `SELECT c.relname AS name, c.relkind AS kind, pg_relation_size(c.oid) AS bytes FROM pg_class c
     LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
     WHERE c.relkind IN ('r', 'i') AND coalesce(t.relname, c.relname) IN ${GROWING}`,
  )
  const bytes = tables.reduce((sum, row) => sum + Number(row['bytes']), 0)
  await mkdir(volume, { recursive: true })
  await mount(volume, bytes + freeBytes)
  await chown(volume, account.uid, account.gid)
  await admin(`CREATE TABLESPACE small_volume LOCATION '${volume}'`)
  const move = async (tablespace: string): Promise<void> => {
    for (const { name, kind } of tables) {
      await admin(`ALTER ${kind === 'i' ? 'INDEX' : 'TABLE'} "${String(name)}" SET TABLESPACE ${tablespace}`)
    }
  }
  await move('small_volume')
  return {
    path: volume,
    fill: (leaveBytes) => fill(volume, leaveBytes),
    async undo() {
      await rm(join(volume, 'core.dump'), { force: true })
      await move('pg_default')
      await admin('CHECKPOINT') // files of moved tables are there until the next one
      await admin('DROP TABLESPACE small_volume')
      await unmountVolume(volume)
    },
  }
}

const BLOCK_BYTES = 65_536

/** Grows a file until no more than so much is left, and however much the others write meanwhile. */
async function fill(volume: string, leaveBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(volume)
  const file = await open(join(volume, 'core.dump'), 'a')
  try {
    const block = Buffer.alloc(BLOCK_BYTES, 1)
    for (let left = bavail * bsize - leaveBytes; left > 0; left -= BLOCK_BYTES) {
      await file.write(block, 0, Math.min(left, BLOCK_BYTES))
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error // full is what was asked for
  } finally {
    await file.close()
  }
}

async function mount(folder: string, bytes: number): Promise<void> {
  const options = `size=${Math.ceil(bytes / 4096) * 4096},mode=0700`
  const failure = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  if (failure === null) return
  throw new AppError(
    'LAB_NOT_POSSIBLE',
    `expected to mount a volume at ${folder}, but mount said: ${failure}`,
  )
}

/** Also what a lab that died left mounted; silent where nothing is. */
export async function unmountVolume(folder: string): Promise<void> {
  await run('umount', ['-l', folder]).catch(() => 'no such program') // not Linux: then nothing was mounted
}

async function run(program: string, args: readonly string[]): Promise<string | null> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const [code] = await once(child, 'close')
  return code === 0 ? null : said.trim()
}
