import type { LoggedRequest } from '../parsed-line.ts'
import type { JsonRecord } from './json-values.ts'
import { isRecord, numberOf, textOf, valueOf } from './json-values.ts'
import { durationOf, loggedDuration } from './logged-duration.ts'
import { isMethod, methodAt, pathOf, requestIn, withoutPort } from './request-line.ts'

const METHOD_KEYS = [
  'method',
  'http.request.method',
  'http.method',
  'req.method',
  'request.method',
  'httpRequest.requestMethod',
  'http_method',
  'request_method',
  'requestMethod',
  'httpMethod',
  'RequestMethod',
  'verb',
  'Method',
  'Properties.RequestMethod',
  'attributes.http.request.method',
  'meta.req.method',
]
const PATH_KEYS = [
  'path',
  'url.path',
  'url.original',
  'http.target',
  'req.url',
  'req.path',
  'request.uri',
  'request.url',
  'request.path',
  'httpRequest.requestUrl',
  'request_uri',
  'requestUri',
  'request_path',
  'requestPath',
  'RequestPath',
  'uri',
  'url',
  'http_path',
  'http.url',
  'http.path',
  'Path',
  'resourcePath',
  'http.route',
  'route',
  'endpoint',
  'Properties.RequestPath',
  'attributes.url.path',
  'meta.req.url',
]
const STATUS_KEYS = [
  'status',
  'http.response.status_code',
  'http.status_code',
  'res.statusCode',
  'res.status',
  'response.status',
  'response.statusCode',
  'response.status_code',
  'httpRequest.status',
  'statusCode',
  'status_code',
  'http_status',
  'http_status_code',
  'response_code',
  'responseCode',
  'response_status',
  'StatusCode',
  'OriginStatus',
  'DownstreamStatus',
  'code',
  'Properties.StatusCode',
  'attributes.http.response.status_code',
  'meta.res.statusCode',
]
const USER_KEYS = [
  'user.id',
  'user_id',
  'userId',
  'user.name',
  'username',
  'user',
  'uid',
  'session_id',
  'sessionId',
  'session',
  'enduser.id',
]
const ADDRESS_KEYS = [
  'http_x_forwarded_for',
  'x_forwarded_for',
  'req.headers.x-forwarded-for',
  'client.ip',
  'client.address',
  'source.ip',
  'client_ip',
  'clientIp',
  'clientIP',
  'ClientHost',
  'remote_ip',
  'remoteIp',
  'httpRequest.remoteIp',
  'request.remote_ip',
  'request.client_ip',
  'req.remoteAddress',
  'remote_addr',
  'remoteAddress',
  'remoteAddr',
  'request.remote_addr',
  'ip',
  'fwd',
  'client',
]

/**
 * The answered request that a record's fields tell, whatever they are called; where the method and path stand in the
 * message only (`GET /login`, with `status` beside it) they are taken from there. Null without method, path or answer.
 */
export function requestInFields(record: JsonRecord, message: string): LoggedRequest | null {
  const status = statusOf(record)
  const target = targetOf(record) ?? (status === null ? null : targetInMessage(message))
  const spoken = target === null || status === null ? requestIn(message) : null
  if (spoken !== null) {
    return {
      ...spoken,
      durationMs: spoken.durationMs ?? durationIn(record),
      client: clientOf(record) ?? spoken.client,
    }
  }
  // Without a status it is a request that begins (`incoming request`), not one that was answered.
  if (target === null || status === null) return null
  return {
    ...target,
    status: status === 0 ? null : status,
    durationMs: durationIn(record),
    client: clientOf(record),
  }
}

function statusOf(record: JsonRecord): number | null {
  const status = numberOf(record, STATUS_KEYS)
  const valid =
    status !== null && Number.isInteger(status) && ((status >= 100 && status <= 599) || status === 0)
  return valid ? status : null
}

function targetOf(record: JsonRecord): { method: string; path: string } | null {
  const method = textOf(record, METHOD_KEYS)
  if (method === null || !isMethod(method.toUpperCase())) return wholeRequest(record)
  const path = textOf(record, PATH_KEYS)
  return path === null ? null : { method: method.toUpperCase(), path: pathOf(path) }
}

/** nginx's `"request":"GET /x HTTP/1.1"`. */
function wholeRequest(record: JsonRecord): { method: string; path: string } | null {
  const request = textOf(record, ['request', 'http_request', 'request_line'])
  return request === null ? null : targetInMessage(request)
}

function targetInMessage(message: string): { method: string; path: string } | null {
  const method = methodAt(message, 0)
  if (method === '') return null
  const target = message.slice(method.length + 1).split(' ', 1)[0] ?? ''
  return target.startsWith('/') ? { method, path: target } : null
}

function clientOf(record: JsonRecord): string | null {
  const user = textOf(record, USER_KEYS)
  if (user !== null && user !== '-') return user
  const address = textOf(record, ADDRESS_KEYS)?.split(',', 1)[0]?.trim()
  return address === undefined || address === '' || address === '-' ? null : withoutPort(address)
}

/** Keys whose number has a known unit. */
const DURATIONS: readonly (readonly [unit: string, keys: readonly string[]])[] = [
  ['ms', ['responseTime', 'duration_ms', 'durationMs', 'elapsed_ms', 'latency_ms', 'latencyMs', 'elapsedMs', 'Elapsed', 'ElapsedMilliseconds', 'responseLatency', 'response_time_ms', 'request_time_ms', 'time_ms', 'took_ms', 'meta.responseTime', 'Properties.Elapsed', 'processingTime']],
  ['ns', ['event.duration', 'duration_ns', 'Duration', 'durationNanos']],
  ['us', ['duration_us', 'durationMicros', 'latency_us']],
  ['s', ['request_time', 'duration_s', 'duration_seconds', 'elapsed_seconds', 'http.server.request.duration', 'process_time', 'upstream_response_time']],
] // prettier-ignore

const PLAIN_DURATIONS = [
  'duration',
  'latency',
  'elapsed',
  'took',
  'response_time',
  'time_taken',
  'latency_human',
  'service',
  'httpRequest.latency',
  'rt',
]

/** How long the answer took, in milliseconds; null where the record does not tell. */
export function durationIn(record: JsonRecord): number | null {
  for (const [unit, keys] of DURATIONS) {
    const amount = numberOf(record, keys)
    if (amount !== null) return durationOf(amount, unit)
  }
  const value = valueOf(record, PLAIN_DURATIONS)
  if (typeof value === 'string') return durationText(value)
  return typeof value === 'number' ? plainDuration(record, value) : null
}

function durationText(value: string): number | null {
  const ms = loggedDuration(value.replace(/\s/g, ''))
  if (!Number.isNaN(ms)) return ms
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number)
    ? value.includes('.')
      ? durationOf(number, 's')
      : number
    : null
}

/** A bare number: Echo counts nanoseconds, Go loggers that write epoch seconds write seconds, the rest milliseconds. */
function plainDuration(record: JsonRecord, value: number): number {
  if (value > 1e6) return durationOf(value, 'ns')
  const seconds = typeof record['ts'] === 'number' || isRecord(record['request'])
  return seconds && !Number.isInteger(value) ? durationOf(value, 's') : durationOf(value, 'ms')
}
