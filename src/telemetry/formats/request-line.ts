import type { LoggedRequest } from '../lines/parsed-line.ts'
import { skipBlanks, wordEnd } from './line-format.ts'
import { durationOf, loggedDuration } from './logged-duration.ts'

const METHODS = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT PURGE QUERY'.split(
    ' ',
  ),
)

export function isMethod(word: string): boolean {
  return METHODS.has(word)
}

/** The request method that begins at `pos` and is followed by a space; '' when there is none. */
export function methodAt(text: string, pos: number): string {
  const first = text.charCodeAt(pos)
  if (first < 65 || first > 85) return ''
  let end = pos + 1
  while (end < pos + 10 && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end++
  if (text.charCodeAt(end) !== 32 || end - pos < 3) return ''
  const word = text.slice(pos, end)
  return METHODS.has(word) ? word : ''
}

/** Where a quoted request begins: the offset of the quote in `"GET /x`, or -1. Looks at the first few quotes only. */
export function findQuotedRequest(text: string, from: number): number {
  let quote = text.indexOf('"', from)
  for (let tries = 0; quote >= 0 && tries < 4; tries++) {
    if (methodAt(text, quote + 1) !== '') return quote
    quote = text.indexOf('"', quote + 1)
  }
  return -1
}

/** The closing quote of a quoted text; `\"` does not close it. */
export function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (close > 0 && text.charCodeAt(close - 1) === 92) close = text.indexOf('"', close + 1)
  return close
}

/** A three-digit HTTP status at `pos`, or -1. */
export function statusAt(text: string, pos: number): number {
  const hundreds = text.charCodeAt(pos) - 48
  if (hundreds < 1 || hundreds > 5) return -1
  const tens = text.charCodeAt(pos + 1) - 48
  const ones = text.charCodeAt(pos + 2) - 48
  if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return -1
  const next = text.charCodeAt(pos + 3)
  const goesOn = (next >= 48 && next <= 57) || next === 46 || (next >= 97 && next <= 122) || next === 95
  return goesOn ? -1 : hundreds * 100 + tens * 10 + ones
}

/** The request target without the scheme and host that a proxy may log. */
export function pathOf(target: string): string {
  if (target.charCodeAt(0) === 47) return target
  const scheme = target.indexOf('://')
  if (scheme < 1 || scheme > 6) return target
  const slash = target.indexOf('/', scheme + 3)
  return slash < 0 ? '/' : target.slice(slash)
}

const WAYS_TO_SAY_ANSWERED =
  /^(?:-+>?|=+>|→|:|\||responded|returned|completed|finished|answered|with|in|HTTP\/\d(?:\.\d)?)$/

/**
 * A request that a message reports as answered: `GET /x 500 31.2 ms - 17`, `POST /x 500 request_id=… 41ms`,
 * `"GET / HTTP/1.1" 500 -`, `500 GET /x (127.0.0.1) 1.2ms`, `HTTP GET /x responded 500 in 3 ms`. Calls to others
 * (`GET upstream 200 in 12ms`, absolute URLs) are none.
 */
export function requestIn(message: string): LoggedRequest | null {
  if (message.length < 8 || !message.includes('/')) return null
  const start = requestStart(message)
  const method = methodAt(message, start)
  if (method !== '') return answered(message, { method, at: start + method.length + 1 })
  const asked = requestBehindAddress(message, start)
  if (asked !== null) return asked
  const tornado = statusAt(message, start)
  if (tornado > 0) return statusFirst(message, start, tornado)
  const quote = findQuotedRequest(message.length > 400 ? message.slice(0, 400) : message, start)
  const quoted = quote < 0 ? null : quotedRequest(message, quote)
  // A dash instead of a status is an answer in access logs only.
  return quoted?.status === null ? null : quoted
}

/** `127.0.0.1 - GET /x 500 12ms` */
function requestBehindAddress(message: string, start: number): LoggedRequest | null {
  const end = wordEnd(message, start)
  if (end - start < 7 || end - start > 45) return null
  const at = skipBlanks(message, message.startsWith(' - ', end) ? end + 3 : end)
  const method = methodAt(message, at)
  const address = method === '' ? '' : message.slice(start, end)
  if (!isAddress(address)) return null
  const request = answered(message, { method, at: at + method.length + 1 })
  return request === null ? null : { ...request, client: request.client ?? withoutPort(address) }
}

/** Behind the decoration of some loggers: `--> GET`, `HTTP GET`, `[req-1] GET`, `Request finished HTTP/1.1 GET`. */
function requestStart(message: string): number {
  const code = message.charCodeAt(0)
  let at = code === 32 || code === 9 ? skipBlanks(message, 0) : 0
  if (message.startsWith('--> ', at)) at += 4
  else if (message.startsWith('HTTP ', at)) at += 5
  else if (message.startsWith('Request finished HTTP/', at)) at = wordEnd(message, at + 17) + 1
  else if (message.charCodeAt(at) === 91) {
    const close = message.indexOf('] ', at)
    if (close > 0 && close - at < 60) at = close + 2
  }
  return at
}

function answered(message: string, request: { method: string; at: number }): LoggedRequest | null {
  const end = wordEnd(message, request.at)
  const target = unquoted(message.slice(request.at, end))
  const own = target.charCodeAt(0) === 47 || message.startsWith('Request finished')
  if (!own) return null
  let at = skipBlanks(message, end)
  for (let words = 0; words < 5 && at < message.length; words++) {
    const status = statusAt(message, at) > 0 ? statusAt(message, at) : labelledStatus(message, at)
    if (status > 0) {
      const tail = readTail(message, wordEnd(message, at))
      return {
        method: request.method,
        path: pathOf(target),
        status,
        durationMs: tail.durationMs,
        client: tail.client,
      }
    }
    const next = wordEnd(message, at)
    if (!WAYS_TO_SAY_ANSWERED.test(message.slice(at, next))) return null
    at = skipBlanks(message, next)
  }
  return null
}

function unquoted(word: string): string {
  return word.length > 1 && word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1) : word
}

/** `status=500`, `status: 500`, `(500)`, `[500]`, `code=500` */
function labelledStatus(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === 40 || code === 91) return statusAt(text, at + 1)
  for (const label of ['status=', 'status:', 'code=', 'status_code=', 'statusCode=']) {
    if (text.startsWith(label, at)) return statusAt(text, skipBlanks(text, at + label.length))
  }
  return -1
}

/** tornado: `500 GET /x (127.0.0.1) 12.34ms` */
function statusFirst(message: string, start: number, status: number): LoggedRequest | null {
  const method = methodAt(message, start + 4)
  if (method === '') return null
  const at = start + 5 + method.length
  const end = wordEnd(message, at)
  if (message.charCodeAt(at) !== 47) return null
  const client = message.startsWith(' (', end) ? message.slice(end + 2, message.indexOf(')', end)) : null
  const { durationMs } = readTail(message, end)
  return { method, path: message.slice(at, end), status, durationMs, client }
}

/** The request whose quote is at `quote`: method, target, status behind it, then the tail of an access log. */
export function quotedRequest(text: string, quote: number): LoggedRequest | null {
  const method = methodAt(text, quote + 1)
  if (method === '') return null
  const at = quote + 2 + method.length
  const close = closingQuote(text, quote)
  if (close < 0) return null
  const space = text.indexOf(' ', at)
  const target = text.slice(at, space > 0 && space < close ? space : close)
  const behind = skipBlanks(text, close + 1)
  let status = statusAt(text, behind)
  if (status < 0) status = labelledStatus(text, behind)
  const refused = status < 0 && text.charCodeAt(behind) !== 45 && text.charCodeAt(behind) !== 48
  if (refused) return null
  const tail = readTail(text, wordEnd(text, behind))
  const client = tail.client ?? addressBefore(text, quote)
  return {
    method,
    path: pathOf(target),
    status: status < 0 ? null : status,
    durationMs: tail.durationMs,
    client,
  }
}

/** uvicorn and friends: `127.0.0.1:55222 - "GET …`: the first word, when it is an address. */
function addressBefore(text: string, quote: number): string | null {
  if (quote === 0) return null
  const start = skipBlanks(text, 0)
  const word = text.slice(start, Math.min(wordEnd(text, start), quote))
  return isAddress(word) ? withoutPort(word) : null
}

/** An IPv4 or IPv6 address, with or without a port; not a host name. */
export function isAddress(word: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+\]?(?::\d+)?)$/.test(word)
}

export function withoutPort(address: string): string {
  if (address.startsWith('[')) return address.slice(1, address.indexOf(']'))
  const colon = address.indexOf(':')
  return colon > 0 && address.indexOf(':', colon + 1) < 0 ? address.slice(0, colon) : address
}

type Tail = { durationMs: number | null; client: string | null }

/** Values with a unit are of any of these; a bare decimal counts seconds, unless the key says milliseconds. */
const DURATION_KEYS = new Set(
  (
    'rt request_time req_time rtime time urt duration elapsed took latency response_time responsetime service ' +
    'duration_ms elapsed_ms latency_ms response_time_ms responsetime_ms took_ms time_ms durationms elapsedms latencyms'
  ).split(' '),
)
const CLIENT_KEYS = new Set([
  'user',
  'user_id',
  'userid',
  'uid',
  'session',
  'session_id',
  'sid',
  'client',
  'ip',
])

/**
 * What follows the status: size, referrer, agent, then how long it took, as nginx (`0.031` s, `rt=0.031`), Apache
 * (`%D`: whole µs at the end, behind the agent), Traefik (`2ms`) and frameworks (`31.2 ms`, `in 12ms`) write it. A
 * quoted address at the end is the forwarded client.
 */
export function readTail(text: string, from: number): Tail {
  const tail: Tail & { micros: number; quotes: number } = {
    durationMs: null,
    client: null,
    micros: -1,
    quotes: 0,
  }
  let at = skipBlanks(text, from)
  const limit = Math.min(text.length, from + 2000)
  while (at < limit) {
    if (text.charCodeAt(at) === 34) {
      const close = closingQuote(text, at)
      if (close < 0) break
      readQuotedField(tail, text, { at, close })
      at = skipBlanks(text, close + 1)
      continue
    }
    const end = wordEnd(text, at)
    readBareField(tail, text, { at, end })
    at = skipBlanks(text, end)
  }
  if (tail.durationMs === null && tail.micros >= 0) tail.durationMs = durationOf(tail.micros, 'us')
  return tail
}

type Span = { at: number; close: number }

function readQuotedField(
  tail: Tail & { quotes: number; micros: number },
  text: string,
  { at, close }: Span,
): void {
  tail.quotes++
  tail.micros = -1
  const length = close - at - 1
  if (tail.quotes < 3 || tail.client !== null || length < 2 || length > 200) return
  const first = text.slice(at + 1, close).split(',', 1)[0] ?? ''
  if (isAddress(first.trim())) tail.client = withoutPort(first.trim())
}

function readBareField(
  tail: Tail & { quotes: number; micros: number },
  text: string,
  { at, end }: { at: number; end: number },
): void {
  const first = text.charCodeAt(at)
  const isNumber = first >= 48 && first <= 57
  if (isNumber) readBareNumber(tail, text, { at, end })
  else if (end - at > 3 && end - at < 80) readKeyed(tail, text.slice(at, end), text.slice(end + 1, end + 24))
}

function readBareNumber(
  tail: Tail & { quotes: number; micros: number },
  text: string,
  { at, end }: { at: number; end: number },
): void {
  tail.micros = -1
  if (tail.durationMs !== null || end - at > 24) return
  const word = text.slice(at, end)
  const last = word.charCodeAt(word.length - 1)
  if (last < 48 || last > 57) {
    const ms = loggedDuration(trimEnd(word))
    if (!Number.isNaN(ms)) tail.durationMs = ms
    return
  }
  const unit = /^ (ms|µs|us|seconds|sec|s)\b/.exec(text.slice(end, end + 9))
  if (unit) tail.durationMs = durationOf(Number(word), unit[1] ?? 'ms')
  else if (word.includes('.')) tail.durationMs = tail.quotes > 0 ? secondsOf(word) : null
  else if (tail.quotes >= 2) tail.micros = Number(word)
}

function trimEnd(word: string): string {
  return word.replace(/[),;\]]+$/, '')
}

function secondsOf(word: string): number | null {
  const seconds = Number(word)
  return Number.isFinite(seconds) ? durationOf(seconds, 's') : null
}

function readKeyed(tail: Tail, word: string, next: string): void {
  const start = word.charCodeAt(0) === 40 ? 1 : 0
  const equals = word.indexOf('=')
  if (equals < 0 && word.charCodeAt(word.length - 1) !== 58) return
  const key = word.slice(start, equals > 0 ? equals : -1).toLowerCase()
  if (!CLIENT_KEYS.has(key) && !DURATION_KEYS.has(key)) return
  const value = (equals > 0 ? word.slice(equals + 1) : (next.split(' ', 1)[0] ?? '')).replace(/[",;)]/g, '')
  if (CLIENT_KEYS.has(key) && equals > 0 && value !== '' && value !== '-') tail.client ??= value
  if (tail.durationMs === null && DURATION_KEYS.has(key)) tail.durationMs = keyedDuration(key, value)
}

function keyedDuration(key: string, value: string): number | null {
  const withUnit = loggedDuration(value)
  if (!Number.isNaN(withUnit)) return withUnit
  if (key.endsWith('ms')) return finite(value)
  return /^\d+\.\d+$/.test(value) ? secondsOf(value) : null
}

function finite(value: string): number | null {
  const amount = Number(value)
  return value !== '' && Number.isFinite(amount) ? amount : null
}
