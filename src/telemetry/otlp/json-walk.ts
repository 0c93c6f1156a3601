import type { DecodeRun } from './decode-run.ts'
import { malformed } from './malformed.ts'

/** A walk over parsed OTLP/JSON: what is counted, and where we are, for the message of an error. */
export type Walk = { readonly run: DecodeRun; readonly path: (string | number)[] }

/** An object of the JSON. Keys that are not known are not looked at, as the specification demands. */
export type JsonObject = Readonly<Record<string, unknown>>

export function wrong(
  walk: Walk,
  key: string,
  { expected, found }: { expected: string; found: unknown },
): Error {
  const parts = key === '' ? walk.path : [...walk.path, key]
  const where = parts.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return malformed(expected, shown(found), where.replace(/^\./, ''))
}

/** What was found, in a few characters; lists and objects are not looked into, as they may be of any depth. */
function shown(found: unknown): string {
  if (Array.isArray(found)) return 'a list'
  if (typeof found === 'object' && found !== null) return 'an object'
  const text = typeof found === 'string' ? JSON.stringify(found.slice(0, 100)) : String(found)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The root of a document. */
export function rootOf(walk: Walk, value: unknown): JsonObject {
  if (isObject(value)) return value
  throw wrong(walk, 'the document', { expected: 'an object', found: value })
}

/** Visits the object of a field; null and a missing one are not visited. */
export function inObject(walk: Walk, parent: JsonObject, options: Visit): void {
  const { key, visit } = options
  const value = parent[key]
  if (value === undefined || value === null) return
  if (!isObject(value)) throw wrong(walk, key, { expected: 'an object', found: value })
  walk.path.push(key)
  visit(value)
  walk.path.pop()
}

type Visit = { readonly key: string; readonly visit: (value: JsonObject) => void }

/** Visits each object of a field that is a list. */
export function inEach(walk: Walk, parent: JsonObject, { key, visit }: Visit): void {
  const list = listOf(walk, parent, key)
  if (list.length === 0) return
  walk.path.push(key, 0)
  for (const [index, value] of list.entries()) {
    walk.path[walk.path.length - 1] = index
    if (!isObject(value)) throw wrong(walk, '', { expected: 'an object', found: value })
    visit(value)
  }
  walk.path.length -= 2
}

const NOTHING: readonly unknown[] = []

export function listOf(walk: Walk, parent: JsonObject, key: string): readonly unknown[] {
  const value = parent[key]
  if (value === undefined || value === null) return NOTHING
  if (Array.isArray(value)) return value
  throw wrong(walk, key, { expected: 'a list', found: value })
}

export function stringOf(walk: Walk, parent: JsonObject, key: string): string {
  const value = parent[key]
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw wrong(walk, key, { expected: 'text', found: value })
}

export function booleanOf(walk: Walk, parent: JsonObject, key: string): boolean {
  const value = parent[key]
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  throw wrong(walk, key, { expected: 'true or false', found: value })
}

/** An integer as a number: sent as one, or as a text of digits. Beyond ±2^53 it is rounded. */
export function integerOf(walk: Walk, parent: JsonObject, key: string): number {
  const value = parent[key]
  return value === undefined || value === null ? 0 : integer(walk, key, value)
}

export function integer(walk: Walk, key: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return Number(value)
  throw wrong(walk, key, { expected: 'an integer, or a text of digits', found: value })
}

/** An integer with all its digits. */
export function integerTextOf(walk: Walk, parent: JsonObject, key: string): string {
  const value = parent[key]
  if (typeof value !== 'string') return String(integerOf(walk, parent, key))
  integer(walk, key, value)
  return BigInt.asIntN(64, BigInt(value)).toString()
}

/** An unsigned integer of 64 bits in two halves. */
export function halvesOf(walk: Walk, parent: JsonObject, key: string): { high: number; low: number } {
  const value = integerOf(walk, parent, key)
  if (value < 0) throw wrong(walk, key, { expected: 'nanoseconds since 1970', found: parent[key] })
  const exact = typeof parent[key] === 'string' ? BigInt(parent[key]) : BigInt(value)
  return { high: Number((exact >> 32n) & 0xffffffffn), low: Number(exact & 0xffffffffn) }
}

/** Nanoseconds of a field as milliseconds, 0 where missing. Divided as the other encoding does. */
export function millisecondsOf(walk: Walk, parent: JsonObject, key: string): number {
  const { high, low } = halvesOf(walk, parent, key)
  return (high * 4_294_967_296 + low) / 1e6
}

/** A floating-point number: JSON has no word for some, so that they come as text. Null where missing. */
export function doubleOf(walk: Walk, parent: JsonObject, key: string): number | null {
  const value = parent[key]
  return value === undefined || value === null ? null : double(walk, key, value)
}

export function double(walk: Walk, key: string, value: unknown): number {
  if (typeof value === 'number') return value
  const isNumber = typeof value === 'string' && /^(?:NaN|-?Infinity|[-+]?[\d.]+(?:e[-+]?\d+)?)$/i.test(value)
  const number = isNumber ? Number(value) : Number.NaN
  if (isNumber && (value === 'NaN' || !Number.isNaN(number))) return number
  throw wrong(walk, key, { expected: 'a number', found: value })
}
