import { malformed } from './malformed.ts'
import type { TextCache } from './text-cache.ts'

/**
 * A place in the bytes of a protobuf message (https://protobuf.dev/programming-guides/encoding). Plain data and
 * functions over it: nothing is allocated for a field that nobody asks for.
 *
 *   tag = field << 3 | wire type       0 varint · 1 eight bytes · 2 length and bytes · 5 four bytes
 */
export type Reader = {
  readonly bytes: Buffer
  readonly view: DataView
  readonly texts: TextCache
  at: number
  /** Where we are, for the message of an error. */
  message: string
  tag: number
  /** The halves of the 64-bit number that was read last, unsigned. */
  low: number
  high: number
}

const TWO_32 = 4_294_967_296

/** Field 3 of wire type 2 is `tagOf(3, 2)`, which is what `nextTag` answers. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

export function readerOf(bytes: Uint8Array, texts: TextCache): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { bytes: buffer, view, texts, at: 0, message: '', tag: 0, low: 0, high: 0 }
}

export function broken(reader: Reader, expected: string, found: string): Error {
  const field = reader.tag === 0 ? '' : `, field ${reader.tag >>> 3}`
  return malformed(expected, found, `byte ${reader.at} of ${reader.bytes.length}, ${reader.message}${field}`)
}

/** The tag of the next field of `message`, which ends at `end`; 0 there. */
export function nextTag(reader: Reader, end: number, message: string): number {
  reader.message = message
  if (reader.at >= end) {
    if (reader.at > end) throw broken(reader, `the message to end at byte ${end}`, 'a field that runs beyond')
    return 0
  }
  const tag = readUint32(reader)
  reader.tag = tag
  if (tag >>> 3 === 0) throw broken(reader, 'a field number', '0')
  return tag
}

/** A varint as 32 unsigned bits; what is above them is dropped, as every protobuf reader does. */
export function readUint32(reader: Reader): number {
  const { bytes } = reader
  const first = bytes[reader.at]
  if (first !== undefined && first < 128) {
    reader.at += 1
    return first
  }
  readVarint(reader)
  return reader.low
}

/** A varint of up to ten bytes into `low` and `high`. */
export function readVarint(reader: Reader): void {
  const { bytes } = reader
  let low = 0
  let high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[reader.at]
    if (byte === undefined) throw broken(reader, 'the rest of a varint', 'the end of the bytes')
    reader.at += 1
    const bits = byte & 127
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high |= bits >>> 4
    } else if (shift < 63) high |= bits << (shift - 32)
    else high |= (bits & 1) << 31
    if (byte < 128) {
      reader.low = low >>> 0
      reader.high = high >>> 0
      return
    }
  }
  throw broken(reader, 'a varint of at most ten bytes', 'a longer one')
}

/** An unsigned varint as a number; above 2^53 it is rounded. */
export function readUint64(reader: Reader): number {
  readVarint(reader)
  return reader.high * TWO_32 + reader.low
}

/** A signed varint as a number; beyond ±2^53 it is rounded. */
export function readInt64(reader: Reader): number {
  readVarint(reader)
  return signed(reader)
}

/** A signed varint with all its digits. */
export function readInt64Text(reader: Reader): string {
  readVarint(reader)
  const value = signed(reader)
  if (Number.isSafeInteger(value)) return String(value)
  return BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low)).toString()
}

/** `sint32`: zigzag, 0 → 0, 1 → -1, 2 → 1. */
export function readSint32(reader: Reader): number {
  const value = readUint32(reader)
  return (value >>> 1) ^ -(value & 1)
}

/** `sint64`: zigzag; beyond ±2^53 rounded. */
export function readSint64(reader: Reader): number {
  readVarint(reader)
  const isNegative = (reader.low & 1) === 1
  const half = (reader.high * TWO_32 + (reader.low >>> 0)) / 2
  return isNegative ? -(Math.floor(half) + 1) : half
}

/** Eight bytes into `low` and `high`, little-endian. */
export function readFixed64(reader: Reader): void {
  const { at } = reader
  need(reader, 8)
  reader.low = reader.view.getUint32(at, true)
  reader.high = reader.view.getUint32(at + 4, true)
  reader.at = at + 8
}

/** Eight bytes as an unsigned number; above 2^53 it is rounded. */
export function readFixed64Number(reader: Reader): number {
  readFixed64(reader)
  return reader.high * TWO_32 + reader.low
}

/** Eight bytes as a signed number; beyond ±2^53 it is rounded. */
export function readSfixed64(reader: Reader): number {
  readFixed64(reader)
  return signed(reader)
}

export function readDouble(reader: Reader): number {
  need(reader, 8)
  const value = reader.view.getFloat64(reader.at, true)
  reader.at += 8
  return value
}

export function readFixed32(reader: Reader): number {
  need(reader, 4)
  const value = reader.view.getUint32(reader.at, true)
  reader.at += 4
  return value
}

/** Reads a length and answers where the bytes behind it end; they begin at `reader.at`. */
export function readLength(reader: Reader): number {
  const length = readUint32(reader)
  const end = reader.at + length
  if (end > reader.bytes.length)
    throw broken(reader, `${length} bytes`, `${reader.bytes.length - reader.at} until the end`)
  return end
}

/** A string; bytes that are no UTF-8 become U+FFFD, since a record is worth more than a refused character. */
export function readText(reader: Reader): string {
  const end = readLength(reader)
  const text = reader.texts.text(reader.bytes, reader.at, end)
  reader.at = end
  return text
}

/** Steps over a field that is not known here; groups, which only old senders know, with all they hold. */
export function skipField(reader: Reader, tag: number): void {
  let depth = 0
  for (let current = tag; ; current = readUint32(reader)) {
    switch (current & 7) {
      case WIRE.varint:
        readVarint(reader)
        break
      case WIRE.fixed64:
        need(reader, 8)
        reader.at += 8
        break
      case WIRE.bytes:
        reader.at = readLength(reader)
        break
      case WIRE.startGroup:
        depth += 1
        break
      case WIRE.endGroup:
        depth -= 1
        break
      case WIRE.fixed32:
        need(reader, 4)
        reader.at += 4
        break
      default:
        throw broken(reader, 'a wire type of 0 to 5', String(current & 7))
    }
    if (depth < 0) throw broken(reader, 'a field', 'the end of a group that did not begin')
    if (depth === 0) return
  }
}

/**
 * Where the content of a message's field lies: [start, end), the last one where it is repeated; null where it is
 * missing. The reader stays where it is. For what must be known before the fields in front of it are read.
 */
export function findMessage(
  reader: Reader,
  end: number,
  wanted: number,
): { readonly start: number; readonly end: number } | null {
  const began = reader.at
  const { message } = reader
  let found: { start: number; end: number } | null = null
  for (let tag = nextTag(reader, end, message); tag !== 0; tag = nextTag(reader, end, message)) {
    if (tag === wanted) {
      const stop = readLength(reader)
      found = { start: reader.at, end: stop }
      reader.at = stop
    } else skipField(reader, tag)
  }
  reader.at = began
  return found
}

function signed(reader: Reader): number {
  return (reader.high | 0) * TWO_32 + reader.low
}

function need(reader: Reader, bytes: number): void {
  const left = reader.bytes.length - reader.at
  if (left < bytes) throw broken(reader, `${bytes} bytes`, `${left} until the end`)
}
