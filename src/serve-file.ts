import { z } from 'zod'
import { AppError } from './errors.ts'
import { readKept, removeKept, writeKept } from './kept-file.ts'

const serveFileSchema = z.object({
  url: z.url(),
  token: z.string().nullable(),
  pid: z.int().positive(),
})

/** Where a running server is, as it left it in its data directory for our own command line. */
export type ServeFile = z.output<typeof serveFileSchema>

/** Null where none runs; one of a server that was killed is none. */
export async function readServeFile(path: string): Promise<ServeFile | null> {
  const read = serveFileSchema.safeParse(await readKept(path))
  return read.success && isAlive(read.data.pid) ? read.data : null
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

export async function writeServeFile(path: string, content: ServeFile): Promise<void> {
  await writeKept(path, content, 0o600)
}

export async function removeServeFile(path: string): Promise<void> {
  await removeKept(path)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's: alive
  }
}
