import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'

/** Turns wall-clock times of one zone into moments. */
export type Zone = {
  /** `localMs` is the wall clock read as if it were UTC. Ambiguous hours are the earlier, skipped ones the later. */
  toUtc(localMs: number): EpochMs
  /** Local minus UTC, in milliseconds, at a moment. */
  offsetAt(at: EpochMs): number
  readonly name: string
}

const DAY_MS = 86_400_000
// Every transition in use since 1970 falls on a quarter of an hour.
const BUCKET_MS = 900_000
const CACHED_BUCKETS = 4096

/** A zone by its IANA name; offsets are looked up once per quarter of an hour. Refuses unknown names. */
export function createZone(timeZone: string): Zone {
  if (/^(?:UTC|GMT|Z|Etc\/UTC)$/i.test(timeZone)) {
    return { toUtc: (localMs) => localMs, offsetAt: () => 0, name: 'UTC' }
  }
  const offsetAt = cached(offsetLookup(timeZone))
  const resolve = cached((localMs) => {
    const before = offsetAt(localMs - DAY_MS)
    if (offsetAt(localMs - before) === before) return before
    const after = offsetAt(localMs + DAY_MS)
    // Neither fits in the hour that a clock skips in spring: the old offset carries the time past the gap.
    return offsetAt(localMs - after) === after ? after : before
  })
  return { toUtc: (localMs) => localMs - resolve(localMs), offsetAt, name: timeZone }
}

function cached(compute: (at: number) => number): (at: number) => number {
  const known = new Map<number, number>()
  let lastBucket = Number.NaN
  let lastOffset = 0
  return (at) => {
    const bucket = Math.floor(at / BUCKET_MS)
    if (bucket === lastBucket) return lastOffset
    let offset = known.get(bucket)
    if (offset === undefined) {
      offset = compute(bucket * BUCKET_MS)
      if (known.size >= CACHED_BUCKETS) known.clear()
      known.set(bucket, offset)
    }
    lastBucket = bucket
    lastOffset = offset
    return offset
  }
}

function offsetLookup(timeZone: string): (at: EpochMs) => number {
  const format = zoneFormat(timeZone)
  return (at) => {
    if (!Number.isFinite(at)) return Number.NaN
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
  }
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    const hint = 'name an IANA zone (UTC, Europe/Berlin, America/New_York) or an offset (+02:00)'
    throw new AppError('USAGE', `expected a time zone, found "${timeZone}"`, { hint, cause })
  }
}
