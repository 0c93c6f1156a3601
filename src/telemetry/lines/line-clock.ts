import type { EpochMs } from '../../time.ts'

/**
 * Where lines of one shape have their time, and how to read it from bytes. Only hours are ever asked of the full
 * parser: minutes, seconds and fractions are read here, so that every line has its time at the price of a few bytes.
 *
 *   [20/Nov/2026:10:04:07 +0000]      base(date, hour, zone) + 04:07
 *    └── key ────┘└ read ┘└key┘
 */
export type LineClock =
  | {
      readonly kind: 'clock'
      /** Offset of the hour in the last line read, tried first. */
      hint: number
      /** The clock is the so-manieth of its look in the line. */
      readonly ordinal: number
      key1: number
      key2: number
      base: EpochMs
    }
  | { readonly kind: 'epoch'; hint: number; readonly ordinal: number; readonly recordField: boolean }
  /** The time is there but must be parsed each time. */
  | { readonly kind: 'parsed' }
  | { readonly kind: 'none' }

/** A line in a buffer; `timeAt` is where a JSON record's time begins, or -1. */
export type LineBytes = {
  bytes: Uint8Array
  start: number
  end: number
  timeAt: number
}

/** Bases by date, hour and zone, shared by all shapes of a source; `parse` asks the full parser. */
export type ClockBases = { readonly known: Map<number, EpochMs>; parse(line: LineBytes): EpochMs | null }

const NEAR = 2048

/** Finds the place in a line that says `timestamp`, which the full parser found in it. */
export function findClock(line: LineBytes, timestamp: EpochMs | null): LineClock {
  if (timestamp === null) return { kind: 'none' }
  const clock = findWallClock(line, timestamp) ?? findEpoch(line, timestamp)
  return clock ?? { kind: 'parsed' }
}

/** The time of a line by its shape's clock; NaN where it has none after all. */
export function readClockTime(line: LineBytes, clock: LineClock, bases: ClockBases): EpochMs {
  if (clock.kind === 'clock') return readWallClock(line, clock, bases)
  if (clock.kind === 'epoch') return readEpoch(line, clock)
  return clock.kind === 'parsed' ? (bases.parse(line) ?? Number.NaN) : Number.NaN
}

const QUARTER_HOUR_MS = 900_000

function findWallClock({ bytes, start, end }: LineBytes, timestamp: EpochMs): LineClock | null {
  let ordinal = 0
  const limit = Math.min(end, start + NEAR)
  for (let at = start; at + 7 < limit; at++) {
    if (!isClockAt(bytes, at)) continue
    ordinal++
    const offBy = (((timestamp - withinDay(bytes, at)) % QUARTER_HOUR_MS) + QUARTER_HOUR_MS) % QUARTER_HOUR_MS
    if (offBy === 0) return { kind: 'clock', hint: at - start, ordinal, key1: 0, key2: 0, base: Number.NaN }
    at += 7
  }
  return null
}

function readWallClock(
  line: LineBytes,
  clock: Extract<LineClock, { kind: 'clock' }>,
  bases: ClockBases,
): EpochMs {
  const { bytes, start } = line
  let at = start + clock.hint
  if (at + 7 >= line.end || !isClockAt(bytes, at)) {
    at = ordinalClock(line, clock.ordinal)
    if (at < 0) return Number.NaN
    clock.hint = at - start
  }
  const fractionEnd = endOfFraction(bytes, at + 8)
  const minutes = two(bytes, at + 3) * 60_000 + two(bytes, at + 6) * 1000 + fraction(bytes, at + 8)
  let key1 = 17
  let key2 = 31
  for (let near = Math.max(start, at - 12); near < at + 2; near++) {
    key1 = Math.imul(key1 ^ (bytes[near] as number), 0x01_00_01_93)
    key2 = Math.imul(key2 ^ (bytes[near] as number), 0x5b_d1_e9_95)
  }
  if (isZoneAt(bytes, fractionEnd)) {
    const limit = Math.min(fractionEnd + 6, line.end)
    for (let near = fractionEnd; near < limit; near++)
      key1 = Math.imul(key1 ^ (bytes[near] as number), 0x01_00_01_93)
  }
  if (key1 !== clock.key1 || key2 !== clock.key2 || Number.isNaN(clock.base)) {
    clock.base = baseOf(line, { key1, key2, minutes }, bases)
    clock.key1 = key1
    clock.key2 = key2
  }
  return clock.base + minutes
}

function baseOf(
  line: LineBytes,
  { key1, key2, minutes }: { key1: number; key2: number; minutes: number },
  bases: ClockBases,
): EpochMs {
  const key = (key1 >>> 0) * 0x20_00_00 + (key2 >>> 11)
  const known = bases.known.get(key)
  if (known !== undefined) return known
  const parsed = bases.parse(line)
  const base = parsed === null ? Number.NaN : parsed - minutes
  // A log of a century has under a million hours; a hundred thousand keys means that the key is not one.
  if (bases.known.size > 100_000) bases.known.clear()
  bases.known.set(key, base)
  return base
}

function ordinalClock({ bytes, start, end }: LineBytes, ordinal: number): number {
  let left = ordinal
  const limit = Math.min(end, start + NEAR)
  for (let at = start; at + 7 < limit; at++) {
    if (!isClockAt(bytes, at)) continue
    if (--left === 0) return at
    at += 7
  }
  return -1
}

const COLON = 58

/** `dd:dd:dd` that is not part of a longer number or address. */
function isClockAt(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at + 2] === COLON &&
    bytes[at + 5] === COLON &&
    isDigit(bytes[at] as number) &&
    isDigit(bytes[at + 1] as number) &&
    isDigit(bytes[at + 3] as number) &&
    isDigit(bytes[at + 4] as number) &&
    isDigit(bytes[at + 6] as number) &&
    isDigit(bytes[at + 7] as number) &&
    !isDigit(bytes[at - 1] as number)
  )
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte < 58
}

function two(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - 48) * 10 + (bytes[at + 1] as number) - 48
}

function withinDay(bytes: Uint8Array, at: number): number {
  return (
    two(bytes, at) * 3_600_000 +
    two(bytes, at + 3) * 60_000 +
    two(bytes, at + 6) * 1000 +
    fraction(bytes, at + 8)
  )
}

/** Milliseconds of `.123456`, `,123` or `:123` (three digits) at `at`; 0 where no fraction stands there. */
function fraction(bytes: Uint8Array, at: number): number {
  const end = endOfFraction(bytes, at)
  let ms = 0
  for (let digit = 1; digit <= 3; digit++)
    ms = ms * 10 + (at + digit < end ? (bytes[at + digit] as number) - 48 : 0)
  return ms
}

function endOfFraction(bytes: Uint8Array, at: number): number {
  const mark = bytes[at] as number
  if (mark !== 46 && mark !== 44 && mark !== COLON) return at
  let end = at + 1
  while (isDigit(bytes[end] as number)) end++
  const digits = end - at - 1
  if (digits === 0 || digits > 9 || (mark === COLON && digits !== 3)) return at
  return end
}

/** `Z`, `+02:00`, ` +0000`, ` 2005`, ` PM`: what follows a clock and changes its meaning. */
function isZoneAt(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] as number
  if (byte === 90 || byte === 43 || byte === 45) return true
  if (byte !== 32) return false
  const next = bytes[at + 1] as number
  if (next === 43 || next === 45) return isDigit(bytes[at + 2] as number)
  if (isDigit(next)) return isDigit(bytes[at + 4] as number) && !isDigit(bytes[at + 5] as number)
  const letter = next | 32
  return (letter === 97 || letter === 112) && ((bytes[at + 2] as number) | 32) === 109
}

function findEpoch(line: LineBytes, timestamp: EpochMs): LineClock | null {
  const { bytes, start } = line
  if (line.timeAt >= 0 && Math.abs(epochAt(bytes, line.timeAt) - timestamp) <= 1) {
    return { kind: 'epoch', hint: line.timeAt - start, ordinal: 0, recordField: true }
  }
  for (let ordinal = 1; ordinal <= 8; ordinal++) {
    const at = ordinalEpoch(line, ordinal)
    if (at < 0) return null
    if (Math.abs(epochAt(bytes, at) - timestamp) <= 1)
      return { kind: 'epoch', hint: at - start, ordinal, recordField: false }
  }
  return null
}

function readEpoch(line: LineBytes, clock: Extract<LineClock, { kind: 'epoch' }>): EpochMs {
  if (clock.recordField) return line.timeAt < 0 ? Number.NaN : epochAt(line.bytes, line.timeAt)
  const hinted = line.start + clock.hint
  const isThere = hinted < line.end && !isDigit(line.bytes[hinted - 1] as number)
  const value = isThere ? epochAt(line.bytes, hinted) : Number.NaN
  if (!Number.isNaN(value)) return value
  const at = ordinalEpoch(line, clock.ordinal)
  if (at < 0) return Number.NaN
  clock.hint = at - line.start
  return epochAt(line.bytes, at)
}

/** Offset of the so-manieth run of at least ten digits. */
function ordinalEpoch({ bytes, start, end }: LineBytes, ordinal: number): number {
  let left = ordinal
  const limit = Math.min(end, start + NEAR)
  let at = start
  while (at < limit) {
    if (!isDigit(bytes[at] as number)) {
      at++
      continue
    }
    const from = at
    while (isDigit(bytes[at] as number)) at++
    if (at - from >= 10 && --left === 0) return from
  }
  return -1
}

/** Seconds (10 digits, with a fraction), milliseconds (13), microseconds (16) or nanoseconds (19) since 1970. */
function epochAt(bytes: Uint8Array, start: number): EpochMs {
  // Thirteen digits are milliseconds; of finer ones the rest is cut, which also keeps the number exact.
  let value = 0
  let at = start
  while (at < start + 20 && isDigit(bytes[at] as number)) {
    if (at < start + 13) value = value * 10 + (bytes[at] as number) - 48
    at++
  }
  const digits = at - start
  if (digits === 13 || digits === 16 || digits === 19) return value
  if (digits === 10) return value * 1000 + (bytes[at] === 46 ? fraction(bytes, at) : 0)
  return Number.NaN
}
