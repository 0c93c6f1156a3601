import type { LoggedRequest } from '../lines/parsed-line.ts'
import type { FieldsByRole } from './json-roles.ts'
import type { JsonRecord } from './json-values.ts'
import { isRecord } from './json-values.ts'
import { durationOf, loggedDuration } from './logged-duration.ts'
import { methodAt, pathOf, requestIn, withoutPort } from './request-line.ts'

/**
 * The answered request that a record's fields tell, whatever they are called; where the method and path stand in the
 * message only (`GET /login`, with `status` beside it) they are taken from there. Null without method, path or answer.
 */
export function requestInFields(record: JsonRecord, fields: FieldsByRole): LoggedRequest | null {
  const message = typeof fields.message === 'string' ? fields.message : ''
  const status = fields.status === undefined ? null : Number(fields.status)
  const target = targetOf(fields) ?? (status === null ? null : targetInText(message))
  if (target === null || status === null) {
    const spoken = requestIn(message)
    if (spoken === null) return null
    const durationMs = spoken.durationMs ?? durationIn(record, fields)
    return { ...spoken, durationMs, client: clientOf(fields) ?? spoken.client }
  }
  return {
    method: target.method,
    path: target.path,
    status: status === 0 ? null : status,
    durationMs: durationIn(record, fields),
    client: clientOf(fields),
  }
}

function targetOf({ method, path, requestLine }: FieldsByRole): { method: string; path: string } | null {
  if (typeof method === 'string' && typeof path === 'string') {
    return { method: method.toUpperCase(), path: pathOf(path) }
  }
  // nginx's `"request":"GET /x HTTP/1.1"`.
  return typeof requestLine === 'string' ? targetInText(requestLine) : null
}

function targetInText(text: string): { method: string; path: string } | null {
  const method = methodAt(text, 0)
  if (method === '') return null
  const target = text.slice(method.length + 1).split(' ', 1)[0] ?? ''
  return target.startsWith('/') ? { method, path: target } : null
}

function clientOf({ user, address }: FieldsByRole): string | null {
  if (typeof user === 'number' || (typeof user === 'string' && user !== '-')) return String(user)
  if (typeof address !== 'string') return null
  const first = address.split(',', 1)[0]?.trim() ?? ''
  return first === '' || first === '-' ? null : withoutPort(first)
}

const UNITS = [
  ['durationMs', 'ms'],
  ['durationNs', 'ns'],
  ['durationUs', 'us'],
  ['durationSeconds', 's'],
] as const

/** How long the answer took, in milliseconds; null where the record does not tell. */
function durationIn(record: JsonRecord, fields: FieldsByRole): number | null {
  for (const [role, unit] of UNITS) {
    const amount = fields[role] === undefined ? Number.NaN : Number(fields[role])
    if (!Number.isNaN(amount)) return durationOf(amount, unit)
  }
  const value = fields.duration
  if (typeof value === 'string') return durationText(value)
  return typeof value === 'number' ? plainDuration(record, value) : null
}

function durationText(value: string): number | null {
  const ms = loggedDuration(value.replace(/\s/g, ''))
  if (!Number.isNaN(ms)) return ms
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) return null
  return value.includes('.') ? durationOf(number, 's') : number
}

/** A bare number: Echo counts nanoseconds, Go loggers that write epoch seconds write seconds, the rest milliseconds. */
function plainDuration(record: JsonRecord, value: number): number {
  if (value > 1e6) return durationOf(value, 'ns')
  const seconds = typeof record['ts'] === 'number' || isRecord(record['request'])
  return seconds && !Number.isInteger(value) ? durationOf(value, 's') : durationOf(value, 'ms')
}
