import type { JsonRecord } from './json-values.ts'
import { isRecord } from './json-values.ts'
import { isMethod } from './request-line.ts'

/** What a field of a record can stand for. */
export type FieldRole =
  | 'time'
  | 'level'
  | 'message'
  | 'service'
  | 'pid'
  | 'host'
  | 'method'
  | 'path'
  | 'requestLine'
  | 'status'
  | 'user'
  | 'address'
  | 'durationMs'
  | 'durationUs'
  | 'durationNs'
  | 'durationSeconds'
  | 'duration'

export type FieldsByRole = { [role in FieldRole]?: string | number | JsonRecord }

/** The names that loggers and frameworks give to fields; the first that is there counts. Dots go into records. */
const NAMES: Readonly<Record<FieldRole, string>> = {
  time:
    '@timestamp timestamp time ts @t asctime datetime timeMillis instant Timestamp timeUnixNano observedTimestamp ' +
    'observedTimeUnixNano date eventTime created receiveTimestamp start_time StartUTC requestTime _time t record.time',
  level:
    'level severity levelname log.level lvl level_name loglevel log_level logLevel LogLevel Level @l severityText ' +
    'severity_text SeverityText record.level.name s',
  message:
    'message msg @m MESSAGE event body log text short_message RenderedMessage renderedMessage Message @mt ' +
    'MessageTemplate messageTemplate body.stringValue Body textPayload error.message error err.message exception',
  service:
    'service.name service serviceContext.service app application appname app_name serviceName service_name ' +
    'dd.service kubernetes.container_name resource.labels.container_name resource.service.name ' +
    'Properties.Application',
  pid: 'pid process process.pid process_id processId',
  host: 'hostname host host.name kubernetes.pod_name container_id HOSTNAME',
  method:
    'method http.request.method http.method req.method request.method httpRequest.requestMethod http_method ' +
    'request_method requestMethod httpMethod RequestMethod verb Method Properties.RequestMethod ' +
    'attributes.http.request.method meta.req.method',
  path:
    'path url.path url.original http.target req.url req.path request.uri request.url request.path ' +
    'httpRequest.requestUrl request_uri requestUri request_path requestPath RequestPath uri url http_path http.url ' +
    'http.path Path resourcePath http.route route endpoint Properties.RequestPath attributes.url.path meta.req.url',
  requestLine: 'request http_request request_line',
  status:
    'status http.response.status_code http.status_code res.statusCode res.status response.status ' +
    'response.statusCode response.status_code httpRequest.status statusCode status_code http_status ' +
    'http_status_code response_code responseCode response_status StatusCode DownstreamStatus OriginStatus code ' +
    'Properties.StatusCode attributes.http.response.status_code meta.res.statusCode',
  user: 'user.id user_id userId user.name username user uid session_id sessionId session enduser.id',
  address:
    'http_x_forwarded_for x_forwarded_for req.headers.x-forwarded-for client.ip client.address source.ip client_ip ' +
    'clientIp clientIP ClientHost remote_ip remoteIp httpRequest.remoteIp request.client_ip request.remote_ip ' +
    'req.remoteAddress remote_addr remoteAddress remoteAddr request.remote_addr ip fwd client',
  durationMs:
    'responseTime duration_ms durationMs elapsed_ms latency_ms latencyMs elapsedMs Elapsed ElapsedMilliseconds ' +
    'responseLatency response_time_ms request_time_ms time_ms took_ms meta.responseTime Properties.Elapsed ' +
    'processingTime',
  durationUs: 'duration_us durationMicros latency_us',
  durationNs: 'event.duration duration_ns Duration durationNanos',
  durationSeconds:
    'request_time duration_s duration_seconds elapsed_seconds http.server.request.duration process_time ' +
    'upstream_response_time',
  duration:
    'duration latency elapsed took response_time time_taken latency_human service httpRequest.latency rt',
}

/** `service` may be a name, and in Heroku's router a duration: a field has all the roles that its name stands for. */
type Place = { readonly roles: { readonly role: FieldRole; readonly rank: number }[]; readonly inner: Places }
type Places = Map<string, Place>

const PLACES = indexNames()

function indexNames(): Places {
  const root: Places = new Map()
  for (const [role, names] of Object.entries(NAMES) as [FieldRole, string][]) {
    for (const [rank, name] of names.split(' ').entries()) {
      // `http.method` may be one key or a record in a record.
      placeAt(root, [name]).roles.push({ role, rank })
      if (name.includes('.')) placeAt(root, name.split('.')).roles.push({ role, rank })
    }
  }
  return root
}

function placeAt(places: Places, [first = '', ...rest]: readonly string[]): Place {
  const place = places.get(first) ?? { roles: [], inner: new Map() }
  places.set(first, place)
  return rest.length === 0 ? place : placeAt(place.inner, rest)
}

/** What the fields of a record stand for, in one pass over the fields that it has. */
export function fieldsByRole(record: JsonRecord): FieldsByRole {
  const found: Found = { values: {}, ranks: {} }
  collect(record, PLACES, found)
  return found.values
}

type Found = { values: FieldsByRole; ranks: { [role in FieldRole]?: number } }

function collect(record: JsonRecord, places: Places, found: Found): void {
  for (const key in record) {
    const place = places.get(key)
    if (place === undefined) continue
    const value = record[key]
    if (value === null || value === undefined || value === '') continue
    for (const { role, rank } of place.roles) {
      const known = found.ranks[role]
      if ((known !== undefined && known < rank) || !mayBe(role, value)) continue
      found.values[role] = value as string | number | JsonRecord
      found.ranks[role] = rank
    }
    if (place.inner.size > 0 && isRecord(value)) collect(value, place.inner, found)
  }
}

/** Names are used for many things: a status in words, a path that is a list. */
function mayBe(role: FieldRole, value: unknown): boolean {
  const isText = typeof value === 'string'
  if (role === 'message' || role === 'path' || role === 'requestLine') return isText
  if (role === 'method') return isText && isMethod(value.toUpperCase())
  if (role === 'status') return isStatus(Number(value))
  if (role === 'time') return isText || typeof value === 'number' || isRecord(value)
  return isText || typeof value === 'number'
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && ((status >= 100 && status <= 599) || status === 0)
}
