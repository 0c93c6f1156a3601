const FIRST_SIZE = 4_096
const TWO_32 = 4_294_967_296

/** Bytes that grow: little-endian numbers and length-prefixed text, as ClickHouse writes them. Kept between blocks. */
export class ByteSink {
  length = 0
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_SIZE)

  /** What was written; valid until the next write or `clear`. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  /** Memory that one burst needed is given back. */
  clear(): void {
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_SIZE)
    this.length = 0
  }

  uint8(value: number): void {
    if (this.length + 1 > this.#buffer.length) this.#grow(1)
    this.#buffer[this.length++] = value
  }

  uint16(value: number): void {
    this.uint8(value & 0xff)
    this.uint8((value >>> 8) & 0xff)
  }

  /** Also for signed numbers: the bits are the same. */
  uint32(value: number): void {
    if (this.length + 4 > this.#buffer.length) this.#grow(4)
    const at = this.length
    const buffer = this.#buffer
    buffer[at] = value
    buffer[at + 1] = value >>> 8
    buffer[at + 2] = value >>> 16
    buffer[at + 3] = value >>> 24
    this.length = at + 4
  }

  /** Whole numbers from 0 to 2^53; what is no such number is 0 or the nearest one. */
  uint64(value: number): void {
    const whole = value > 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0
    this.uint32(whole >>> 0)
    this.uint32(Math.floor(whole / TWO_32))
  }

  float64(value: number): void {
    if (this.length + 8 > this.#buffer.length) this.#grow(8)
    this.#buffer.writeDoubleLE(value, this.length)
    this.length += 8
  }

  /**
   * Epoch milliseconds as nanoseconds in 64 bits, without BigInt: 1.78e12 ms are 1.78e18 ns, above 2^53, so seconds are
   * multiplied in two halves. Times before 1970 become 1970.
   */
  nanoseconds(ms: number): void {
    const seconds = ms > 0 ? Math.floor(ms / 1000) : 0
    const rest = ms > 0 ? Math.round((ms - seconds * 1000) * 1e6) : 0
    const upper = Math.floor(seconds / 65_536) * 1e9 // × 2^16
    const lower = (seconds % 65_536) * 1e9 + rest
    const low = (upper % 65_536) * 65_536 + (lower % TWO_32)
    const carry = low >= TWO_32 ? 1 : 0
    this.uint32(low >>> 0)
    this.uint32(Math.floor(upper / 65_536) + Math.floor(lower / TWO_32) + carry)
  }

  /** LEB128, as the lengths of text and the counts of a block. */
  varint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.uint8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.uint8(rest)
  }

  bytes(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#buffer.length) this.#grow(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** UTF-8 behind its length in bytes. */
  text(value: string): void {
    const { length } = value
    if (this.length + length * 3 + 5 > this.#buffer.length) this.#grow(length * 3 + 5)
    if (length < SHORT && this.#ascii(value)) return
    const lengthAt = this.length
    const expected = varintSize(length)
    const written = this.#buffer.write(value, lengthAt + expected)
    const needed = varintSize(written)
    if (needed !== expected) {
      // Only where UTF-8 is longer than the text by a power of 128: rare enough to move the bytes.
      this.#buffer.copyWithin(lengthAt + needed, lengthAt + expected, lengthAt + expected + written)
    }
    this.varint(written)
    this.length = lengthAt + needed + written
  }

  /** Numbers of 32 bits, written as 8 (width 0), 16 (1) or 32 bits (2). */
  narrowed(codes: Buffer, width: number): void {
    if (width === 2) return this.bytes(codes)
    const size = 1 << width
    const count = codes.length / 4
    if (this.length + count * size > this.#buffer.length) this.#grow(count * size)
    const buffer = this.#buffer
    let at = this.length
    for (let from = 0; from < codes.length; from += 4) {
      buffer[at++] = codes[from] ?? 0
      if (size === 2) buffer[at++] = codes[from + 1] ?? 0
    }
    this.length = at
  }

  /** For short text a loop is faster than a call into the runtime. False, and nothing written, where it is not ASCII. */
  #ascii(value: string): boolean {
    const buffer = this.#buffer
    let at = this.length
    buffer[at++] = value.length
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return false
      buffer[at++] = code
    }
    this.length = at
    return true
  }

  #grow(by: number): void {
    const size = Math.max(this.#buffer.length * 2, this.length + by)
    const larger = Buffer.allocUnsafe(size)
    this.#buffer.copy(larger, 0, 0, this.length)
    this.#buffer = larger
  }
}

const SHORT = 40
const KEPT_BYTES = 4 << 20

function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
