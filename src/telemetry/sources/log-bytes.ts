import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import type { Readable, Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { joinerFor } from './json-document.ts'
import type { LogContent } from './log-content.ts'

/** What is read of one input. `take` must be done with a chunk when it returns: the buffer is used again. */
export type ByteSink = {
  take(chunk: Uint8Array): void
  /** Bytes as they lie on disk, for telling how far it is. */
  onRead(bytes: number): void
  readonly signal: AbortSignal | null
}

/** Large enough that a read costs nothing beside what is done with its bytes. */
const CHUNK_BYTES = 1_048_576
const HEAD_BYTES = 65_536

/** Where files are read into, one file after the other. */
export type ReadBuffers = { readonly first: Buffer; readonly second: Buffer }

export function createReadBuffers(): ReadBuffers {
  return { first: Buffer.allocUnsafeSlow(CHUNK_BYTES), second: Buffer.allocUnsafeSlow(CHUNK_BYTES) }
}

/** Reads a regular file through. While one buffer is worked on, the next one fills. */
export async function readPlainFile(path: string, sink: ByteSink, buffers: ReadBuffers): Promise<void> {
  await using file = await open(path, 'r')
  let { first: current, second: next } = buffers
  let pending = file.read(current, 0, CHUNK_BYTES, 0)
  let position = 0
  for (;;) {
    const { bytesRead } = await pending
    if (bytesRead === 0) return
    sink.signal?.throwIfAborted()
    position += bytesRead
    pending = file.read(next, 0, CHUNK_BYTES, position)
    // When `take` throws, the read under way still ends; nobody waits for it.
    pending.catch(() => undefined)
    sink.take(current.subarray(0, bytesRead))
    sink.onRead(bytesRead)
    const done = current
    current = next
    next = done
  }
}

/** Reads standard input, a pipe or a device to its end. */
export async function readStream(stream: Readable, sink: ByteSink): Promise<void> {
  // A pipe may be silent for long: it must not take a chunk to notice that nobody listens any more.
  if (sink.signal !== null) addAbortSignal(sink.signal, stream)
  for await (const chunk of stream) {
    sink.signal?.throwIfAborted()
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
    sink.take(bytes)
    sink.onRead(bytes.length)
  }
}

/** A pipe or device by its path (`<(…)` of a shell). */
export function openStream(path: string): Readable {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES })
}

/**
 * Reads a compressed file, of several members too. Damage in it is thrown; what was unpacked before has been taken.
 */
export async function readCompressed(path: string, codec: 'gzip' | 'zstd', sink: ByteSink): Promise<void> {
  const { size } = await stat(path)
  let offset = 0
  // Node's gzip goes on with the next member by itself, its zstd ends with the first frame and drops the rest.
  while (offset < size) {
    const used = await readMember({ path, codec, start: offset }, sink)
    if (used === 0 || codec === 'gzip') return
    offset += used
  }
}

type Member = { path: string; codec: 'gzip' | 'zstd'; start: number }

/** Unpacks from `start` to the end of the member; answers how many packed bytes that were. */
async function readMember({ path, codec, start }: Member, sink: ByteSink): Promise<number> {
  // What is read ahead of a zstd frame's end is read again for the next frame: less is better.
  const source = createReadStream(path, {
    start,
    highWaterMark: codec === 'gzip' ? CHUNK_BYTES : CHUNK_BYTES / 8,
  })
  const unpack = createUnpacker(codec)
  source.on('error', (error) => unpack.destroy(error))
  source.pipe(unpack)
  let used = 0
  const tellProgress = () => {
    sink.onRead(unpack.bytesWritten - used)
    used = unpack.bytesWritten
  }
  try {
    for await (const chunk of unpack) {
      sink.signal?.throwIfAborted()
      sink.take(chunk as Uint8Array)
      tellProgress()
    }
    tellProgress()
    return used
  } finally {
    source.destroy()
    unpack.destroy()
  }
}

function createUnpacker(codec: 'gzip' | 'zstd'): Transform & { readonly bytesWritten: number } {
  const options = { chunkSize: CHUNK_BYTES / 4 }
  return codec === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
}

/** A function that turns chunks of an encoding into UTF-8; bytes that already are come back as they are. */
export function createRecoder(
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be',
): (chunk: Uint8Array) => Uint8Array {
  if (encoding === 'utf-8') return (chunk) => chunk
  const decoder = new TextDecoder(encoding)
  return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }))
}

/** The beginning of an input as text, unpacked and decoded; for looking, not for reading. */
export async function decodedHead(input: { path: string; content: LogContent }): Promise<string> {
  const { content } = input
  if (content.kind === 'text') return textOf(await firstBytes(input.path), content.encoding)
  const limit = HEAD_BYTES
  const source = createReadStream(input.path, { end: limit - 1 })
  const chunks: Uint8Array[] = []
  let size = 0
  const stream = content.kind === 'compressed' ? source.pipe(createUnpacker(content.codec)) : source
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Uint8Array)
      size += (chunk as Uint8Array).length
      if (size >= limit) break
    }
  } catch {
    // The cut makes the archive look damaged; what came out before is what was wanted.
  } finally {
    source.destroy()
  }
  return textOf(Buffer.concat(chunks), 'utf-8')
}

async function firstBytes(path: string): Promise<Uint8Array> {
  await using file = await open(path, 'r')
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}

function textOf(bytes: Uint8Array, encoding: Parameters<typeof createRecoder>[0]): string {
  const text = createRecoder(encoding)(bytes)
  return new TextDecoder().decode(joinerFor(text)(text))
}
