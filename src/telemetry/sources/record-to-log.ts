import type { EpochMs } from '../../time.ts'
import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Attributes } from '../attributes.ts'
import { chainFromFields } from '../exceptions/chain-from-fields.ts'
import type { ExceptionChain } from '../exception.ts'
import type { SeverityText } from '../fingerprint.ts'
import type { LogRecord } from '../log-record.ts'
import type { LoggedRequest } from '../lines/parsed-line.ts'
import type { RequestOutcome } from '../request.ts'
import type { Resource, Scope } from '../resource.ts'
import { routeOf } from '../requests/route.ts'
import { semconv } from '../semconv.ts'
import type { LineRecord } from './record-lines.ts'

const NO_SCOPE: Scope = { name: '', version: '', attributes: NO_ATTRIBUTES }
const MAX_BODY = 256 * 1024
const MAX_FIELDS = 64
const MAX_FIELD = 4_096

/** OpenTelemetry's number of a severity word; 0 where a line says none. */
const SEVERITY_NUMBERS: Readonly<Record<SeverityText, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  ERROR: 17,
  FATAL: 21,
  '': 0,
}

/** A record of a log file in OpenTelemetry's model: the text without its header, the header's fields in their places. */
export function recordToLog(
  record: LineRecord,
  about: { readonly resource: Resource; readonly at: EpochMs; readonly observedAt: EpochMs },
): LogRecord {
  const { parsed, more } = record
  const chain = record.chain ?? chainInFields(record)
  const severityText = severityOf(record, chain)
  const text = more.length === 0 ? parsed.message : [parsed.message, ...more].join('\n').trimEnd()
  const { fields } = parsed
  return {
    resource: about.resource,
    scope: NO_SCOPE,
    timestamp: about.at,
    observedTimestamp: about.observedAt,
    severityNumber: SEVERITY_NUMBERS[severityText],
    severityText,
    body: text.length > MAX_BODY ? text.slice(0, MAX_BODY) : text,
    attributes: attributesOf(record, chain),
    traceId: fields === null ? '' : idIn(fields, TRACE_ID_KEYS, /^[0-9a-f]{32}$/i),
    spanId: fields === null ? '' : idIn(fields, SPAN_ID_KEYS, /^[0-9a-f]{16}$/i),
    traceFlags: 0,
    eventName: '',
  }
}

/** The request that a line of an access log tells of; null where it tells of none. */
export function requestOf({ parsed }: LineRecord, at: EpochMs): RequestOutcome | null {
  const { request } = parsed
  if (request === null) return null
  const { method, path, status, noAnswer = null, durationMs, client } = request
  return { at, route: routeOf(method, path), status, noAnswer, durationMs, client }
}

/** An exception is an error, whatever its first line looked like. */
function severityOf({ parsed }: LineRecord, chain: ExceptionChain | null): SeverityText {
  return parsed.severityText === '' && chain !== null ? 'ERROR' : parsed.severityText
}

function chainInFields({ parsed }: LineRecord): ExceptionChain | null {
  const { fields, severityText } = parsed
  // Loggers write exceptions at these levels; looking for one in each line of a busy service would cost too much.
  const mayHold = fields !== null && /^(?:WARN|ERROR|FATAL|)$/.test(severityText)
  return mayHold ? chainFromFields(fields) : null
}

function attributesOf({ parsed }: LineRecord, chain: ExceptionChain | null): Attributes {
  const { fields, request } = parsed
  if (fields === null && request === null && chain === null) return NO_ATTRIBUTES
  const attributes = new Map<string, string>()
  if (fields !== null) addFields(attributes, fields)
  if (request !== null) addRequest(attributes, request)
  const [first] = chain ?? []
  if (first !== undefined) {
    attributes.set(semconv.exceptionType, first.type)
    attributes.set(semconv.exceptionMessage, first.message)
  }
  return attributes
}

function addRequest(attributes: Map<string, string>, request: LoggedRequest): void {
  const { method, path, status, client } = request
  attributes.set(semconv.httpRequestMethod, method)
  attributes.set(semconv.urlPath, path.split('?', 1)[0] ?? path)
  if (status !== null) attributes.set(semconv.httpResponseStatusCode, String(status))
  if (client !== null) attributes.set(semconv.clientAddress, client)
}

/** What stands in the record's own places already. */
const IN_PLACE: ReadonlySet<string> = new Set(
  '@timestamp timestamp time ts level severity msg message @t @m @l severityText trace_id traceId span_id spanId'.split(
    ' ',
  ),
)

function addFields(attributes: Map<string, string>, fields: Record<string, unknown>): void {
  for (const key in fields) {
    if (attributes.size >= MAX_FIELDS) return
    if (IN_PLACE.has(key)) continue
    const value = fields[key]
    if (value === null || value === undefined) continue
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    attributes.set(key, text.length > MAX_FIELD ? text.slice(0, MAX_FIELD) : text)
  }
}

const TRACE_ID_KEYS = ['trace_id', 'traceId', 'trace.id', 'traceid', 'otelTraceID']
const SPAN_ID_KEYS = ['span_id', 'spanId', 'span.id', 'spanid', 'otelSpanID']

function idIn(fields: Record<string, unknown>, keys: readonly string[], shape: RegExp): string {
  for (const key of keys) {
    const value = fields[key]
    if (typeof value === 'string' && shape.test(value)) return value.toLowerCase()
  }
  return ''
}
