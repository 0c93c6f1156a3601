import type { DecodeRun } from './decode-run.ts'
import type { Reader } from './protobuf-reader.ts'
import {
  nextTag,
  readDouble,
  readInt64Text,
  readLength,
  readText,
  readUint32,
  skipField,
} from './protobuf-reader.ts'
import { append, cutText, finishJson, jsonNumber, TOO_DEEP } from './value-text.ts'
import type { JsonText } from './value-text.ts'

// AnyValue, KeyValue, ArrayValue and KeyValueList of opentelemetry/proto/common/v1/common.proto.

/** Reads one `KeyValue` into the map, which is made with the first one; over the limit it is dropped and counted. */
export function readAttribute(
  reader: Reader,
  run: DecodeRun,
  into: Map<string, string> | null,
): Map<string, string> {
  const end = readLength(reader)
  const attributes = into ?? new Map<string, string>()
  if (attributes.size >= run.limits.maxAttributes) {
    run.droppedAttributes += 1
    reader.at = end
    return attributes
  }
  let key = ''
  let value = ''
  for (let tag = nextTag(reader, end, 'KeyValue'); tag !== 0; tag = nextTag(reader, end, 'KeyValue')) {
    if (tag === 0x0a) key = readName(reader, run)
    else if (tag === 0x12) value = readAnyValue(reader, run, run.limits.maxValueLength)
    else skipField(reader, tag)
  }
  attributes.set(key, value)
  return attributes
}

/** An `AnyValue` as text: numbers and booleans as JSON writes them, bytes in base64, lists and maps as JSON. */
export function readAnyValue(reader: Reader, run: DecodeRun, limit: number): string {
  const end = readLength(reader)
  let value = ''
  for (let tag = nextTag(reader, end, 'AnyValue'); tag !== 0; tag = nextTag(reader, end, 'AnyValue')) {
    switch (tag) {
      case 0x0a:
        value = readString(reader, run, limit)
        break
      case 0x10:
        value = readUint32(reader) === 0 ? 'false' : 'true'
        break
      case 0x18:
        value = readInt64Text(reader)
        break
      case 0x21:
        value = String(readDouble(reader))
        break
      case 0x2a:
      case 0x32:
        value = readNested(reader, run, { isList: tag === 0x2a, limit })
        break
      case 0x3a:
        value = readBase64(reader, run, limit)
        break
      default:
        skipField(reader, tag)
    }
  }
  return value
}

/** A string that may be as long as the sender likes. */
export function readString(reader: Reader, run: DecodeRun, limit: number): string {
  const end = readLength(reader)
  const start = reader.at
  reader.at = end
  if (end - start <= limit) return reader.texts.text(reader.bytes, start, end)
  run.cutValues += 1
  return cutText(reader.bytes, start, { end, limit })
}

/** A name, a unit, a state: as long as a value may be. */
export function readName(reader: Reader, run: DecodeRun): string {
  return readString(reader, run, run.limits.maxValueLength)
}

function readBase64(reader: Reader, run: DecodeRun, limit: number): string {
  const end = readLength(reader)
  const start = reader.at
  reader.at = end
  // Three bytes are four characters.
  const most = Math.floor((limit * 3) / 4)
  if (end - start <= most) return reader.bytes.toString('base64', start, end)
  run.cutValues += 1
  return `${reader.bytes.toString('base64', start, start + most - (most % 3))}… [cut from ${end - start} bytes]`
}

function readNested(reader: Reader, run: DecodeRun, options: { isList: boolean; limit: number }): string {
  const json: JsonText = { text: '', limit: options.limit, isCut: false }
  const end = readLength(reader)
  const write = options.isList ? writeList : writeMap
  write(reader, json, { end, depth: run.limits.maxDepth })
  reader.at = end
  return finishJson(json, run)
}

/** `depth`: how many levels may still follow. */
type Span = { readonly end: number; readonly depth: number }

function writeList(reader: Reader, json: JsonText, { end, depth }: Span): void {
  append(json, '[')
  let isFirst = true
  for (let tag = nextTag(reader, end, 'ArrayValue'); tag !== 0; tag = nextTag(reader, end, 'ArrayValue')) {
    if (tag !== 0x0a) {
      skipField(reader, tag)
      continue
    }
    if (!isFirst) append(json, ',')
    isFirst = false
    writeValue(reader, json, { end: readLength(reader), depth: depth - 1 })
    if (json.isCut) return
  }
  append(json, ']')
}

function writeMap(reader: Reader, json: JsonText, { end, depth }: Span): void {
  append(json, '{')
  let isFirst = true
  for (
    let tag = nextTag(reader, end, 'KeyValueList');
    tag !== 0;
    tag = nextTag(reader, end, 'KeyValueList')
  ) {
    if (tag !== 0x0a) {
      skipField(reader, tag)
      continue
    }
    if (!isFirst) append(json, ',')
    isFirst = false
    writeEntry(reader, json, { end: readLength(reader), depth: depth - 1 })
    if (json.isCut) return
  }
  append(json, '}')
}

function writeEntry(reader: Reader, json: JsonText, { end, depth }: Span): void {
  let key = ''
  let value: { start: number; end: number } | null = null
  for (let tag = nextTag(reader, end, 'KeyValue'); tag !== 0; tag = nextTag(reader, end, 'KeyValue')) {
    if (tag === 0x0a) key = readText(reader)
    else if (tag === 0x12) {
      const stop = readLength(reader)
      value = { start: reader.at, end: stop }
      reader.at = stop
    } else skipField(reader, tag)
  }
  append(json, `${JSON.stringify(key)}:`)
  if (value === null) return append(json, 'null')
  reader.at = value.start
  writeValue(reader, json, { end: value.end, depth })
  reader.at = end
  return undefined
}

function writeValue(reader: Reader, json: JsonText, { end, depth }: Span): void {
  if (depth < 0) {
    append(json, TOO_DEEP)
    reader.at = end
    return
  }
  let isEmpty = true
  const tag = nextTag(reader, end, 'AnyValue')
  if (tag !== 0) isEmpty = !writeOne(reader, json, { tag, depth })
  if (isEmpty) append(json, 'null')
  reader.at = end
}

/** A value has one field; whether it was one that is known. */
function writeOne(reader: Reader, json: JsonText, { tag, depth }: { tag: number; depth: number }): boolean {
  switch (tag) {
    case 0x0a:
      append(json, JSON.stringify(readText(reader)))
      return true
    case 0x10:
      append(json, readUint32(reader) === 0 ? 'false' : 'true')
      return true
    case 0x18:
      append(json, readInt64Text(reader))
      return true
    case 0x21:
      append(json, jsonNumber(readDouble(reader)))
      return true
    case 0x2a:
      writeList(reader, json, { end: readLength(reader), depth })
      return true
    case 0x32:
      writeMap(reader, json, { end: readLength(reader), depth })
      return true
    case 0x3a: {
      const end = readLength(reader)
      append(json, `"${reader.bytes.toString('base64', reader.at, end)}"`)
      return true
    }
    default:
      return false
  }
}
