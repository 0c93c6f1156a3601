import type { EpochMs } from '../../time.ts'

/** JSON of somebody else's, whose shape is theirs to change: read field by field, nothing assumed. */
export type JsonFields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The record at a key; an empty one where there is none. */
export function fieldsAt(fields: JsonFields, key: string): JsonFields {
  const value = fields[key]
  return isFields(value) ? value : {}
}

/** The text of the first key that has one, at most `LONGEST` characters; numbers and booleans count as text. */
export function textAt(fields: JsonFields, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = fields[key]
    if (typeof value === 'string' && value.trim() !== '') return value.slice(0, LONGEST)
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  return null
}

const LONGEST = 4_000

/** The time of the first key that has one: ISO 8601, or seconds, milliseconds, … since 1970. */
export function timeAt(fields: JsonFields, ...keys: readonly string[]): EpochMs | null {
  for (const key of keys) {
    const at = timeOf(fields[key])
    if (at !== null) return at
  }
  return null
}

/** Before 2001 and after 2100 it is no time but a default, such as Go's year 1. */
const EARLIEST = Date.UTC(2001, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

function timeOf(value: unknown): EpochMs | null {
  if (typeof value === 'number') return within(inMs(value))
  if (typeof value !== 'string') return null
  if (/^\d{10,19}(?:\.\d+)?$/.test(value)) return within(inMs(Number(value)))
  return within(Date.parse(withZone(value)))
}

const SPACED = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:UTC|Z|([+-]\d\d):?(\d\d))?$/

/** GitLab's `2026-03-03 09:00:00 UTC` and `2026-03-03 09:00:00 +0100` are none of JavaScript's. */
function withZone(text: string): string {
  const [whole, day, time, hours, minutes] = SPACED.exec(text) ?? []
  if (whole === undefined) return text
  return `${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`
}

/** Seconds, milliseconds, microseconds or nanoseconds: told by their size, which is right for this century. */
function inMs(value: number): number {
  if (value < 1e11) return value * 1e3
  if (value < 1e14) return value
  return value < 1e17 ? value / 1e3 : value / 1e6
}

function within(at: number): EpochMs | null {
  return at >= EARLIEST && at <= LATEST ? at : null
}

/** All entries whose value is plain, as text: what alerts call labels. At most `MOST_ENTRIES`. */
export function textEntries(fields: JsonFields): readonly (readonly [string, string])[] {
  return Object.entries(fields)
    .slice(0, MOST_ENTRIES)
    .flatMap(([key]) => {
      const text = textAt(fields, key)
      return text === null ? [] : [[key.slice(0, 200), text] as const]
    })
}

const MOST_ENTRIES = 100
