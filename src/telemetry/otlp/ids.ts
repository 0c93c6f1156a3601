import type { Reader } from './protobuf-reader.ts'
import { readLength } from './protobuf-reader.ts'

export const TRACE_ID_BYTES = 16
export const SPAN_ID_BYTES = 8

/** An id as lower-case hexadecimal digits; '' where it has another length or is all zeros, which means none. */
export function readId(reader: Reader, bytes: number): string {
  const end = readLength(reader)
  const start = reader.at
  reader.at = end
  if (end - start !== bytes) return ''
  for (let at = start; at < end; at += 1) {
    if (reader.bytes[at] !== 0) return reader.bytes.toString('hex', start, end)
  }
  return ''
}

const DIGITS = /^[0-9a-f]+$/

/** The same of OTLP/JSON's text, in which letters may be of either case. */
export function idOfText(text: string, bytes: number): string {
  if (text.length !== bytes * 2) return ''
  const id = text.toLowerCase()
  return DIGITS.test(id) && !/^0+$/.test(id) ? id : ''
}
