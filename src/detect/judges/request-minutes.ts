import type { EpochMs } from '../../time.ts'

export const MINUTE_MS = 60_000
/** Three days of minutes: the longest window of the SRE workbook. */
const MINUTES = 3 * 24 * 60

/** Requests and failures by minute, for three days. */
export type Minutes = {
  readonly requests: Uint32Array
  readonly failed: Uint32Array
  /** 1 where we looked: a minute without requests is not a minute that nobody saw. */
  readonly seen: Uint8Array
  newest: number
}
type Sum = { readonly requests: number; readonly failed: number }
/** `minutes`: how many of the window were looked at. */
export type Seen = Sum & { readonly minutes: number }
type Entry = readonly [minute: number, requests: number, failed: number]

export function emptyMinutes(): Minutes {
  return {
    requests: new Uint32Array(MINUTES),
    failed: new Uint32Array(MINUTES),
    seen: new Uint8Array(MINUTES),
    newest: -1,
  }
}

function advance(minutes: Minutes, minute: number): void {
  for (let one = Math.max(minutes.newest + 1, minute - MINUTES + 1); one <= minute; one += 1) {
    minutes.requests[one % MINUTES] = 0
    minutes.failed[one % MINUTES] = 0
    minutes.seen[one % MINUTES] = 0
  }
  minutes.newest = Math.max(minutes.newest, minute)
}

/** What is known of a minute by now; those between it and the one before were not looked at. */
export function setMinute(minutes: Minutes, minute: number, { requests, failed }: Sum): void {
  advance(minutes, minute)
  minutes.requests[minute % MINUTES] = requests
  minutes.failed[minute % MINUTES] = failed
}

/** Somebody looked at this minute, whether or not there were requests. */
export function markSeen(minutes: Minutes, minute: number): void {
  advance(minutes, minute)
  minutes.seen[minute % MINUTES] = 1
}

/** The window of so many milliseconds that ends with the newest minute. */
export function sumOf(minutes: Minutes, newest: number, lastsMs: number): Seen {
  let requests = 0
  let failed = 0
  let seen = 0
  const first = Math.max(0, newest - Math.min(MINUTES, Math.round(lastsMs / MINUTE_MS)) + 1)
  for (let minute = first; minute <= Math.min(newest, minutes.newest); minute += 1) {
    if (minute <= minutes.newest - MINUTES) continue
    requests += minutes.requests[minute % MINUTES] ?? 0
    failed += minutes.failed[minute % MINUTES] ?? 0
    // The minute that runs is not over; the first one was not whole either.
    if (minute < newest) seen += minutes.seen[minute % MINUTES] ?? 0
  }
  // Its running minute makes a window whole that was seen from its beginning.
  return { requests, failed, minutes: seen === newest - first ? seen + 1 : seen }
}

/** Where the failures of a window begin. */
export function firstFailedMinute(minutes: Minutes, now: EpochMs, lastsMs: number): EpochMs {
  const newest = Math.floor(now / MINUTE_MS)
  const first = Math.max(minutes.newest - MINUTES + 1, newest - Math.round(lastsMs / MINUTE_MS) + 1, 0)
  for (let minute = first; minute <= newest; minute += 1)
    if ((minutes.failed[minute % MINUTES] ?? 0) > 0) return minute * MINUTE_MS
  return now
}

/** JSON-safe, for `fromEntries`. */
export function toEntries({ requests, failed, newest }: Minutes): Entry[] {
  const entries: Entry[] = []
  for (let minute = Math.max(0, newest - MINUTES + 1); minute <= newest; minute += 1) {
    const count = requests[minute % MINUTES] ?? 0
    if (count > 0) entries.push([minute, count, failed[minute % MINUTES] ?? 0])
  }
  return entries
}

/** What `toEntries` gave; entries of another kind are passed over. */
export function fromEntries(entries: unknown): Minutes {
  const minutes = emptyMinutes()
  if (!Array.isArray(entries)) return minutes
  for (const [minute, requests, failed] of entries as readonly Entry[]) {
    if (![minute, requests, failed].every((count) => Number.isSafeInteger(count) && count >= 0)) continue
    setMinute(minutes, minute, { requests, failed })
    markSeen(minutes, minute)
  }
  return minutes
}
