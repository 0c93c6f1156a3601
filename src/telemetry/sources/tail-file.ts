import type { BigIntStats } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identityOf, isRotatedSibling } from './log-follower.ts'

/** How far a file was read, as it is kept between two runs. */
export type FilePosition = {
  /** Device and inode: the file, whatever its name is by now. */
  readonly identity: string
  readonly position: number
  /** The bytes just before the position (base64), to see that it is still the same content. */
  readonly before: string
  /** When it was last written to, in nanoseconds: what was rotated away after it is younger. */
  readonly changedAt: string
}

/** Where reading begins. */
export type TailStart =
  | { readonly kind: 'beginning' }
  /** Only what is written from now on. */
  | { readonly kind: 'end' }
  | { readonly kind: 'position'; readonly at: FilePosition }
  /** What was written after a file that is read to its end: rotated siblings before the file of the name. */
  | { readonly kind: 'after'; readonly identity: string; readonly changedAt: bigint }

/** A file that is read line by line as it grows, by its name: through rotation and truncation. */
export type TailFile = {
  /**
   * Reads up to about `maxBytes` of whole lines; answers how many bytes it read. 0: there is nothing new, or what
   * comes is of another `generation`. A line without its end is not given yet.
   */
  read(maxBytes: number, onLine: (line: Uint8Array, start: number) => void): Promise<number>
  /**
   * The position that is safe when all lines before `openFrom` are (all that were given, for null); null before the
   * file was there.
   */
  positionAt(openFrom: number | null): Promise<FilePosition | null>
  /** Grows when the content was replaced: positions of before mean nothing then. */
  generation(): number
  close(): Promise<void>
}

type OpenFile = {
  readonly handle: FileHandle
  readonly identity: string
  /** Up to here bytes were read. */
  position: number
  /** What was read of a line that has no end yet; it begins at `position - carry.length`. */
  carry: Buffer
  /** The rest of a line that was cut is not given. */
  isSkipping: boolean
  /** The last bytes before `position`. */
  tail: Buffer
  /** Of the file, when it had been read to its end. */
  changedAt: bigint | null
  /** Since when nothing came, though another file has the name. */
  leftAt: number | null
}

const TAIL_BYTES = 64
const MAX_LINE_BYTES = 1024 * 1024
const LINE_FEED = 10

/**
 * Opens a file for tailing; it need not exist yet. `start` counts for the first file that is found there; the buffer
 * may be shared by files that are not read at the same time.
 */
export function createTailFile(
  path: string,
  { start, buffer }: { readonly start: TailStart; readonly buffer: Buffer },
): TailFile {
  let current: OpenFile | null = null
  let toResume: TailStart = start
  let generation = 0

  async function opened(): Promise<OpenFile | null> {
    const file = await openFrom(path, toResume).catch(() => null)
    // Of a file that was not there at first, all is new.
    if (file === null && toResume.kind === 'end') toResume = { kind: 'beginning' }
    return file
  }
  /** Another file has the name: once nobody writes to this one any more, its unfinished line is complete. */
  async function leave(file: OpenFile, give: Give): Promise<void> {
    file.leftAt ??= performance.now()
    if (performance.now() - file.leftAt < LEAVE_AFTER_MS) return
    if (file.carry.length > 0) give(file.carry, file.position - file.carry.length)
    file.carry = Buffer.alloc(0)
    const { mtimeNs: changedAt } = await file.handle.stat({ bigint: true })
    toResume = { kind: 'after', identity: file.identity, changedAt }
    await file.handle.close()
    current = null
  }

  return {
    async read(maxBytes, onLine) {
      const info = await stat(path, { bigint: true }).catch(() => null)
      current ??= await opened()
      if (current === null) return 0
      if (info !== null && isUnchanged(current, info)) return 0
      const total = await readOn(current, { maxBytes, buffer, give: onLine })
      if (total === 'reset') {
        Object.assign(current, {
          position: 0,
          carry: Buffer.alloc(0),
          isSkipping: false,
          tail: Buffer.alloc(0),
        })
        generation += 1
        return 0 // what was given so far has to be dealt with before positions mean something else
      }
      if (total < maxBytes) current.changedAt = info?.mtimeNs ?? null
      const hasSuccessor = info !== null && identityOf(info) !== current.identity
      if (!hasSuccessor || total > 0) current.leftAt = null
      else await leave(current, onLine)
      return total
    },
    async positionAt(from) {
      if (current === null) return null
      const position = from ?? current.position - current.carry.length
      const before = await bytesBefore(current.handle, position, TAIL_BYTES)
      const { mtimeNs } = await current.handle.stat({ bigint: true })
      const { identity } = current
      return { identity, position, before: before.toString('base64'), changedAt: String(mtimeNs) }
    },
    generation: () => generation,
    async close() {
      await current?.handle.close()
      current = null
    },
  }
}

type Reading = { readonly maxBytes: number; readonly buffer: Buffer; readonly give: Give }

/**
 * Reads on from the position. 'reset': the file was emptied; it is shorter than what was read, or what was read is not
 * there any more. One read tells that and what is new, for between two the file could be emptied.
 */
async function readOn(file: OpenFile, { maxBytes, buffer, give }: Reading): Promise<number | 'reset'> {
  let total = 0
  while (total < maxBytes) {
    const { handle, position, tail } = file
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position - tail.length)
    const hasTail = tail.equals(buffer.subarray(0, Math.min(tail.length, bytesRead)))
    if (!hasTail) return total === 0 ? 'reset' : total // then it is the first thing that the next look sees
    if (bytesRead === tail.length) break
    giveLines(file, buffer.subarray(tail.length, bytesRead), give)
    total += bytesRead - tail.length
  }
  return total
}

/** Programs go on writing to a renamed file until they are told to open the new one. */
const LEAVE_AFTER_MS = 1_000

/** Nothing was written since it was read to its end. */
function isUnchanged(file: OpenFile, info: BigIntStats): boolean {
  return (
    identityOf(info) === file.identity &&
    Number(info.size) === file.position &&
    info.mtimeNs === file.changedAt
  )
}

type Give = (line: Uint8Array, start: number) => void

function giveLines(file: OpenFile, chunk: Buffer, give: Give): void {
  const base = file.position - file.carry.length
  const bytes = file.carry.length === 0 ? chunk : Buffer.concat([file.carry, chunk])
  file.position += chunk.length
  file.tail = Buffer.from(Buffer.concat([file.tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES))
  // What waits was searched before, and has no line feed in it.
  let from = 0
  let end = bytes.indexOf(LINE_FEED, file.carry.length)
  while (end >= 0) {
    if (!file.isSkipping) give(bytes.subarray(from, end), base + from)
    file.isSkipping = false
    from = end + 1
    end = bytes.indexOf(LINE_FEED, from)
  }
  const rest = bytes.subarray(from)
  if (rest.length > MAX_LINE_BYTES) {
    if (!file.isSkipping) give(rest.subarray(0, MAX_LINE_BYTES), base + from)
    file.isSkipping = true
  }
  file.carry = file.isSkipping ? Buffer.alloc(0) : Buffer.from(rest)
}

async function openFrom(path: string, how: TailStart): Promise<OpenFile | null> {
  if (how.kind === 'after') return openNext(path, how)
  const handle = await openFile(path)
  if (how.kind !== 'position') {
    if (handle === null) return null
    const { size } = await handle.stat()
    return withHandle(handle, how.kind === 'end' ? size : 0)
  }
  const { at } = how
  if (handle !== null && (await isAt(handle, at))) return withHandle(handle, at.position)
  await handle?.close()
  const rotated = await findRotated(path, at)
  if (rotated !== null) return withHandle(rotated, at.position)
  return openNext(path, { identity: at.identity, changedAt: BigInt(at.changedAt) })
}

/** The oldest of the files that were rotated away after the one that was read last; else the one of the name. */
async function openNext(
  path: string,
  last: { readonly identity: string; readonly changedAt: bigint },
): Promise<OpenFile | null> {
  const own = await stat(path, { bigint: true }).catch(() => null)
  const ownIdentity = own === null ? '' : identityOf(own)
  let next: { readonly file: string; readonly changedAt: bigint } | null = null
  for (const { file, info } of await siblingsOf(path)) {
    const isOther = ![last.identity, ownIdentity].includes(identityOf(info))
    const isLater = isOther && info.mtimeNs > last.changedAt && isRotatedSibling(file, [path])
    if (isLater && (next === null || info.mtimeNs < next.changedAt)) next = { file, changedAt: info.mtimeNs }
  }
  const handle = await openFile(next?.file ?? path)
  return handle === null ? null : withHandle(handle, 0)
}

async function openFile(path: string): Promise<FileHandle | null> {
  const info = await stat(path).catch(() => null)
  if (info === null || !info.isFile()) return null // opening a pipe would wait for its writer
  return open(path, 'r').catch(() => null)
}

async function withHandle(handle: FileHandle, position: number): Promise<OpenFile> {
  const identity = identityOf(await handle.stat({ bigint: true }))
  const tail = await bytesBefore(handle, position, TAIL_BYTES)
  return {
    handle,
    identity,
    position,
    carry: Buffer.alloc(0),
    isSkipping: false,
    tail,
    changedAt: null,
    leftAt: null,
  }
}

/** Is this the file that was read so far, with the same content before the position? */
async function isAt(handle: FileHandle, at: FilePosition): Promise<boolean> {
  const info = await handle.stat({ bigint: true })
  if (identityOf(info) !== at.identity || Number(info.size) < at.position) return false
  const before = Buffer.from(at.before, 'base64')
  return before.equals(await bytesBefore(handle, at.position, before.length))
}

const MOST_SIBLINGS = 1_000

/** The file that was read when we ended, under the name that rotation gave it meanwhile. */
async function findRotated(path: string, at: FilePosition): Promise<FileHandle | null> {
  for (const { file, info } of await siblingsOf(path)) {
    if (identityOf(info) !== at.identity) continue
    const handle = await openFile(file)
    if (handle === null) continue
    if (await isAt(handle, at)) return handle
    await handle.close()
  }
  return null
}

type Sibling = { readonly file: string; readonly info: BigIntStats }

const COMPRESSED = /\.(?:gz|zst|bz2|xz|zip)$/i

/** What else lies in its folder, uncompressed. */
async function siblingsOf(path: string): Promise<readonly Sibling[]> {
  const folder = dirname(path)
  const names = (await readdir(folder).catch(() => [])).filter((name) => !COMPRESSED.test(name))
  const found = names.slice(0, MOST_SIBLINGS).map(async (name) => {
    const file = join(folder, name)
    const info = await stat(file, { bigint: true }).catch(() => null)
    return info === null || !info.isFile() ? [] : [{ file, info }]
  })
  return (await Promise.all(found)).flat()
}

async function bytesBefore(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const wanted = Math.min(length, position)
  const bytes = Buffer.alloc(wanted)
  const { bytesRead } = await handle.read(bytes, 0, wanted, position - wanted)
  return bytes.subarray(0, bytesRead)
}
