import type { BigIntStats } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Follows files as they grow. */
export type LogFollower = {
  /** Reads what is left, closes everything. */
  stop(): Promise<void>
}

export type FollowOptions = {
  /** Files, folders, and `*.log` in a folder; they need not exist yet. */
  readonly paths: readonly string[]
  readonly onChunk: (file: string, chunk: Uint8Array) => void
}

/**
 * Follows log files by name, as `tail -F` does: through rotation (the old file is read to its end, the new one from
 * its start), truncation, and files and folders that come later. Content from before is skipped; files that appear
 * after the start are read from theirs. It looks every 200 ms rather than wait for events, which not every file system
 * sends.
 */
export async function followLogs(options: FollowOptions): Promise<LogFollower> {
  const files = new Map<string, FollowedFile>()
  const look = async (isFirst: boolean): Promise<void> => {
    for (const file of await filesToFollow(options.paths, new Set(files.keys()))) {
      if (!files.has(file)) files.set(file, createFollowedFile(file, options.onChunk))
    }
    for (const file of files.values()) await file.read(isFirst)
  }
  await look(true)

  let stopped = false
  let looking: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const again = (): void => {
    timer = setTimeout(() => {
      looking = look(false).then(() => (stopped ? undefined : again()))
    }, LOOK_EVERY_MS)
  }
  again()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
      await look(false)
      for (const file of files.values()) await file.close()
    },
  }
}

/** As the last part of a path: whatever log is there, or comes there. */
const ANY_LOG = '*.log'

const LOOK_EVERY_MS = 200
const MAX_DEPTH = 3
const MAX_FILES = 500

/**
 * The named files, existing or not, and the logs in the named folders; rotated siblings of them only where they are
 * `known` already, at most 500.
 */
export async function filesToFollow(
  paths: readonly string[],
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths) {
    if (basename(path) === ANY_LOG) {
      const names = await readdir(dirname(path)).catch(() => [])
      found.push(...names.filter((name) => name.endsWith('.log')).map((name) => join(dirname(path), name)))
      continue
    }
    const info = await stat(path).catch(() => null)
    if (info?.isDirectory()) found.push(...(await logsIn(path, MAX_DEPTH)))
    else found.push(path)
  }
  return found.filter((file) => known.has(file) || !isRotatedSibling(file, found)).slice(0, MAX_FILES)
}

async function logsIn(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const nested = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.') || NO_LOG.test(entry.name)) return []
    if (entry.isDirectory()) return depth > 1 ? await logsIn(path, depth - 1) : []
    return entry.isFile() ? [path] : []
  })
  return (await Promise.all(nested)).flat().sort()
}

const NO_LOG =
  /\.(?:gz|zst|bz2|xz|zip|tar|tgz|db|db3|sqlite3?|db-(?:wal|shm|journal)|pid|sock|lock|swp|png|jpe?g|gif|pdf|so|pyc)$/i

/** `app.log.1` and `app.log-20260303` beside `app.log`: its lines were, or will be, read under the old name. */
export function isRotatedSibling(file: string, all: readonly string[]): boolean {
  const name = basename(file)
  const base = /^(.+?)(?:[.-]\d{1,3}|[.-]\d{8}(?:[.-]?\d+)?|[.-]\d{4}-\d\d-\d\d.*|\.(?:old|bak|prev))$/.exec(
    name,
  )?.[1]
  return base !== undefined && all.includes(join(dirname(file), base))
}

type FollowedFile = { read(skipExisting: boolean): Promise<void>; close(): Promise<void> }

type OpenFile = { readonly handle: FileHandle; readonly identity: string; position: number; tail: Buffer }

/** So many bytes before the position are compared, to see that a file was emptied and has grown past it again. */
const TAIL_BYTES = 64

function createFollowedFile(file: string, onChunk: FollowOptions['onChunk']): FollowedFile {
  const buffer = Buffer.allocUnsafe(256 * 1024)
  let current: OpenFile | null = null

  async function readOn(from: OpenFile): Promise<void> {
    for (;;) {
      const { tail } = from
      const { bytesRead } = await from.handle.read(buffer, 0, buffer.length, from.position - tail.length)
      // One read tells both, for between two the file could be emptied.
      if (!tail.equals(buffer.subarray(0, Math.min(tail.length, bytesRead)))) {
        from.position = 0
        from.tail = Buffer.alloc(0)
        continue
      }
      if (bytesRead === tail.length) return
      const chunk = Buffer.from(buffer.subarray(tail.length, bytesRead))
      from.position += chunk.length
      from.tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
      onChunk(file, chunk)
    }
  }

  async function openAnew(skipExisting: boolean): Promise<OpenFile | null> {
    const handle = await open(file, 'r').catch(() => null)
    if (handle === null) return null
    const info = await handle.stat({ bigint: true })
    const position = skipExisting ? Number(info.size) : 0
    const opened: OpenFile = { handle, identity: identityOf(info), position, tail: Buffer.alloc(0) }
    opened.tail = await bytesBefore(opened, Math.min(TAIL_BYTES, position))
    return opened
  }

  async function read(skipExisting: boolean): Promise<void> {
    const info = await stat(file, { bigint: true }).catch(() => null)
    if (current !== null) {
      await readOn(current)
      // Without a successor the old file may still be written to, by the name it has now.
      if (info === null || identityOf(info) === current.identity) return
      await readOn(current)
      await current.handle.close()
      current = null
    }
    if (info === null || !info.isFile()) return // opening a pipe would wait for its writer
    current = await openAnew(skipExisting)
    if (current !== null) await readOn(current)
  }

  return {
    read: (skipExisting) => read(skipExisting).catch(() => {}), // unreadable now; it is tried again
    async close() {
      await current?.handle.close()
      current = null
    },
  }
}

/** What stays the same when a file is renamed, and is another one for a new file of its name. */
export function identityOf(info: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${info.dev}:${info.ino}`
}

async function bytesBefore(file: OpenFile, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.handle.read(bytes, 0, length, file.position - length)
  return bytes.subarray(0, bytesRead)
}
