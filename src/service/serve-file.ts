import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { readKept, removeKept, writeKept } from './kept-file.ts'

const serveFileSchema = z.object({
  url: z.url(),
  token: z.string().nullable(),
  pid: z.int().positive(),
  /** When that process began, in the system's ticks: ids of processes are given out again. */
  began: z.string(),
})

/** Where a running server is, as it left it in its data directory for our own command line. */
export type ServeFile = z.output<typeof serveFileSchema>

/** Null where none runs; one of a server that was killed is none. */
export async function readServeFile(path: string): Promise<ServeFile | null> {
  const read = serveFileSchema.safeParse(await readKept(path))
  return read.success && beginningOf(read.data.pid) === read.data.began ? read.data : null
}

/** Throws `SERVE_ALREADY_UP` where another server has this data directory. */
export async function refuseSecondServer(path: string, ownPid: number): Promise<void> {
  const other = await readServeFile(path)
  if (other === null || other.pid === ownPid) return
  throw new AppError(
    'SERVE_ALREADY_UP',
    `expected no other server on this data directory, found one at ${other.url} (process ${other.pid})`,
    { hint: 'end it first, or give this one another with --data DIR' },
  )
}

export async function writeServeFile(path: string, content: Omit<ServeFile, 'began'>): Promise<void> {
  await writeKept(path, { ...content, began: beginningOf(content.pid) ?? '' }, 0o600)
}

export async function removeServeFile(path: string): Promise<void> {
  await removeKept(path)
}

/** Tells a living process from another of the same id; null for one that is gone, or dead and not yet buried. */
function beginningOf(pid: number): string | null {
  if (!existsSync('/proc/self/stat')) return isThere(pid) ? 'unknown' : null
  try {
    // proc(5): the name in brackets may hold spaces; state is the third field, the start the 22nd.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\)\s/s, '')
      .split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's: alive
  }
}
