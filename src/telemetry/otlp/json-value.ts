import type { DecodeRun } from './decode-run.ts'
import { booleanOf, double, inEach, inObject, integerTextOf, stringOf } from './json-walk.ts'
import type { JsonObject, Walk } from './json-walk.ts'
import { append, cutText, finishJson, jsonNumber, TOO_DEEP } from './value-text.ts'
import type { JsonText } from './value-text.ts'

// AnyValue and KeyValue of OTLP/JSON, to the same text as from protobuf.

/** The attributes of a record; null where it has none. */
export function attributesOf(walk: Walk, parent: JsonObject, key = 'attributes'): Map<string, string> | null {
  let attributes: Map<string, string> | null = null
  const { run } = walk
  inEach(walk, parent, {
    key,
    visit(entry) {
      attributes ??= new Map()
      if (attributes.size >= run.limits.maxAttributes) run.droppedAttributes += 1
      else attributes.set(nameOf(walk, entry, 'key'), anyValueOf(walk, entry, { key: 'value' }))
    },
  })
  return attributes
}

/** The AnyValue of a field as text, '' where there is none. */
export function anyValueOf(walk: Walk, parent: JsonObject, options: { key: string; limit?: number }): string {
  const { limits } = walk.run
  const { key, limit = limits.maxValueLength } = options
  let text = ''
  inObject(walk, parent, {
    key,
    visit(value) {
      text = valueText(walk, value, limit)
    },
  })
  return text
}

/** A name, a unit, a state: as long as a value may be. */
export function nameOf(walk: Walk, parent: JsonObject, key: string): string {
  return bounded(walk.run, stringOf(walk, parent, key), walk.run.limits.maxValueLength)
}

function valueText(walk: Walk, value: JsonObject, limit: number): string {
  const { run } = walk
  if (has(value, 'stringValue')) return bounded(run, stringOf(walk, value, 'stringValue'), limit)
  if (has(value, 'boolValue')) return String(booleanOf(walk, value, 'boolValue'))
  if (has(value, 'intValue')) return integerTextOf(walk, value, 'intValue')
  if (has(value, 'doubleValue')) return String(double(walk, 'doubleValue', value['doubleValue']))
  if (has(value, 'bytesValue')) return boundedBytes(walk, stringOf(walk, value, 'bytesValue'), limit)
  if (!has(value, 'arrayValue') && !has(value, 'kvlistValue')) return ''
  const json: JsonText = { text: '', limit, isCut: false }
  write(walk, value, { json, depth: run.limits.maxDepth })
  return finishJson(json, run)
}

function has(value: JsonObject, key: string): boolean {
  return value[key] !== undefined && value[key] !== null
}

function bounded(run: DecodeRun, text: string, limit: number): string {
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text
  run.cutValues += 1
  const bytes = Buffer.from(text)
  return cutText(bytes, 0, { end: bytes.length, limit })
}

function boundedBytes(walk: Walk, text: string, limit: number): string {
  const bytes = Buffer.from(text, 'base64')
  const most = Math.floor((limit * 3) / 4)
  if (bytes.length <= most) return bytes.toString('base64')
  walk.run.cutValues += 1
  return `${bytes.toString('base64', 0, most - (most % 3))}… [cut from ${bytes.length} bytes]`
}

/** `depth`: how many levels may still follow. */
type Out = { readonly json: JsonText; readonly depth: number }

function write(walk: Walk, value: JsonObject, { json, depth }: Out): void {
  if (json.isCut) return
  if (depth < 0) append(json, TOO_DEEP)
  else if (has(value, 'stringValue')) append(json, JSON.stringify(stringOf(walk, value, 'stringValue')))
  else if (has(value, 'boolValue')) append(json, String(booleanOf(walk, value, 'boolValue')))
  else if (has(value, 'intValue')) append(json, integerTextOf(walk, value, 'intValue'))
  else if (has(value, 'doubleValue'))
    append(json, jsonNumber(double(walk, 'doubleValue', value['doubleValue'])))
  else if (has(value, 'bytesValue')) {
    append(json, `"${Buffer.from(stringOf(walk, value, 'bytesValue'), 'base64').toString('base64')}"`)
  } else if (has(value, 'arrayValue')) writeList(walk, value, { json, depth })
  else if (has(value, 'kvlistValue')) writeMap(walk, value, { json, depth })
  else append(json, 'null')
}

function writeList(walk: Walk, value: JsonObject, { json, depth }: Out): void {
  append(json, '[')
  let isFirst = true
  const visit = (item: JsonObject): void => {
    if (!isFirst) append(json, ',')
    isFirst = false
    write(walk, item, { json, depth: depth - 1 })
  }
  inObject(walk, value, { key: 'arrayValue', visit: (list) => inEach(walk, list, { key: 'values', visit }) })
  append(json, ']')
}

function writeMap(walk: Walk, value: JsonObject, { json, depth }: Out): void {
  append(json, '{')
  let isFirst = true
  const visit = (entry: JsonObject): void => {
    if (!isFirst) append(json, ',')
    isFirst = false
    append(json, `${JSON.stringify(stringOf(walk, entry, 'key'))}:`)
    if (!has(entry, 'value')) append(json, 'null')
    inObject(walk, entry, { key: 'value', visit: (item) => write(walk, item, { json, depth: depth - 1 }) })
  }
  inObject(walk, value, { key: 'kvlistValue', visit: (list) => inEach(walk, list, { key: 'values', visit }) })
  append(json, '}')
}
