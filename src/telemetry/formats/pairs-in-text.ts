import type { LoggedRequest } from '../lines/parsed-line.ts'
import type { JsonRecord } from './json-values.ts'
import { recordOfLine } from './json-values.ts'
import { fieldsByRole } from './json-roles.ts'
import { requestInFields } from './request-fields.ts'

const PAIR = /(?:^|[\s,{(])([A-Za-z_][\w.]{0,40})=("(?:[^"\\]|\\.)*"|[^\s,"}]+)/g

/** A request told by pairs behind a message (`request done method=GET path=/x status=500`) or by JSON at its end. */
export function requestInPairs(message: string): LoggedRequest | null {
  const text = message.length > 2000 ? message.slice(0, 2000) : message
  const brace = text.endsWith('}') ? text.indexOf('{"') : -1
  if (brace >= 0 && text.includes('"status')) {
    const record = recordOfLine(text.slice(brace))
    return record === null ? null : requestInFields(record, fieldsByRole(record))
  }
  if (!text.includes('status') || !text.includes('=')) return null
  const record: JsonRecord = {}
  for (const [, key = '', value = ''] of text.matchAll(PAIR)) record[key] = value.replace(/^"|"$/g, '')
  return requestInFields(record, fieldsByRole(record))
}
