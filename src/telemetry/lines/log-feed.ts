import { decodeLine, type LogSource } from './log-source.ts'
import { recogniseFormat } from './recognise.ts'
import type { LineReader } from './line-reader.ts'

/** A line is cut here; what follows up to its line feed is counted as bytes, not read. */
const MAX_LINE_BYTES = 1024 * 1024
const LINE_FEED = 10
const SAMPLE_LINES = 200
const MAX_SAMPLED_CHARACTERS = 2000
const MAX_KEPT_CHARACTERS = 400

/** Takes a chunk of a source: every complete line in it is read, the rest waits for the next chunk. */
export function feedChunk(source: LogSource, chunk: Uint8Array, read: LineReader): void {
  source.bytes += chunk.length
  const bytes = inUtf8(source, chunk)
  let from = 0
  if (source.isSkipping) {
    from = bytes.indexOf(LINE_FEED) + 1
    if (from === 0) return
    source.isSkipping = false
  }
  append(source, from === 0 ? bytes : bytes.subarray(from))
  const limit = source.buffer.subarray(0, source.filled).lastIndexOf(LINE_FEED)
  if (limit >= source.lineStart) readLines(source, limit, read)
  if (source.filled - source.lineStart > MAX_LINE_BYTES) cutLine(source, read)
  keepNeeded(source)
}

/** The end of a damaged archive: what waits is a piece of a line. Where it is all there is, it is kept. */
export function dropUnfinished(source: LogSource): void {
  if (source.lines > 0) source.filled = source.lineStart
}

/** The source is complete: what waits is its last line. */
export function feedEnd(source: LogSource, read: LineReader): void {
  if (source.filled > source.lineStart) {
    append(source, Uint8Array.of(LINE_FEED))
    readLines(source, source.filled - 1, read)
  }
  useSample(source)
  shortenSample(source)
}

function readLines(source: LogSource, limit: number, read: LineReader): void {
  if (source.sample.length < SAMPLE_LINES) recognise(source, limit)
  let at = source.lineStart
  while (at <= limit) at = read(source, at)
}

/** Looks at the first lines; again whenever there are twice as many, until there are enough. */
function recognise(source: LogSource, limit: number): void {
  let at = source.lineStart
  while (at <= limit && source.sample.length < SAMPLE_LINES) {
    const end = source.buffer.indexOf(LINE_FEED, at)
    source.sample.push(decodeLine(source, at, end).slice(0, MAX_SAMPLED_CHARACTERS))
    at = end + 1
  }
  if (source.sample.length >= 2 * source.sampled || source.sample.length === SAMPLE_LINES) useSample(source)
}

function useSample(source: LogSource): void {
  if (source.sample.length === source.sampled) return
  source.format = recogniseFormat(source.sample)
  source.sampled = source.sample.length
  if (source.sampled === SAMPLE_LINES) shortenSample(source)
}

/** Only the beginnings are still needed. A copy, so that the whole lines can go. */
function shortenSample(source: LogSource): void {
  source.sample.forEach((line, at) => {
    source.sample[at] = Buffer.from(line.slice(0, MAX_KEPT_CHARACTERS)).toString()
  })
}

function cutLine(source: LogSource, read: LineReader): void {
  const end = source.lineStart + MAX_LINE_BYTES
  source.buffer[end] = LINE_FEED
  source.filled = end + 1
  source.cutLines++
  readLines(source, end, read)
  source.isSkipping = true
}

/** UTF-16 and a byte-order mark of UTF-8 are told by the first bytes. */
function inUtf8(source: LogSource, chunk: Uint8Array): Uint8Array {
  if (source.isFresh && chunk.length > 0) {
    source.isFresh = false
    if (chunk[0] === 0xff && chunk[1] === 0xfe) source.decoder = new TextDecoder('utf-16le')
    else if (chunk[0] === 0xfe && chunk[1] === 0xff) source.decoder = new TextDecoder('utf-16be')
    else if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) return chunk.subarray(3)
  }
  return source.decoder ? new TextEncoder().encode(source.decoder.decode(chunk, { stream: true })) : chunk
}

function append(source: LogSource, chunk: Uint8Array): void {
  const needed = source.filled + chunk.length + 2
  if (needed > source.buffer.length) {
    const larger = Buffer.alloc(
      Math.max(needed, Math.min(source.buffer.length * 2, source.buffer.length + 4_000_000)),
    )
    larger.set(source.buffer.subarray(0, source.filled))
    source.buffer = larger
  }
  source.buffer.set(chunk, source.filled)
  source.filled += chunk.length
}

const MAX_KEPT_BYTES = 1_500_000

/** Moves what is still needed to the front: the unfinished line, an open run, and the lines just before. */
function keepNeeded(source: LogSource): void {
  const { before, last, run, lineStart } = source
  const wanted = Math.min(lineStart, before[0], last.start, run[0]?.start ?? lineStart)
  const from = Math.max(
    0,
    lineStart - wanted > MAX_KEPT_BYTES ? Math.min(lineStart, run[0]?.start ?? lineStart) : wanted,
  )
  if (from === 0) return
  source.buffer.copyWithin(0, from, source.filled)
  source.filled -= from
  source.lineStart -= from
  for (let at = 0; at < 3; at++) before[at] = Math.max(0, (before[at] as number) - from)
  last.start = Math.max(0, last.start - from)
  last.end = Math.max(0, last.end - from)
  source.run = run.map((line) => ({ ...line, start: line.start - from, end: line.end - from }))
}
