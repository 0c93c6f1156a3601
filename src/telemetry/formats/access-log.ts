import type { LoggedRequest, ParsedLine } from '../lines/parsed-line.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { parsedLine } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { findQuotedRequest, isAddress, quotedRequest, statusAt, withoutPort } from './request-line.ts'

/**
 * Access logs in the shape of Apache's: nginx and Apache (common, combined, with host or times added), Werkzeug,
 * gunicorn, aiohttp, PHP-FPM, Tomcat, Traefik, morgan `combined`.
 *
 *     172.17.0.1 - frank [20/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 500 17 "-" "curl" 0.031
 *     client       user  time                         request           status
 *
 * The request is the message: host, user and time are its header.
 */
export const accessLog: LineParser = { name: 'access-log', kind: 'record', starts: /[\w:.-]/, parse }

/** Further back than this no request begins. */
const HEADER_LIMIT = 240

function parse(line: string, time: TimestampReader): ParsedLine | null {
  const space = line.indexOf(' ')
  if (space < 1 || space > 100 || !beginsWithClient(line, space)) return null
  const header = readHeader(line, space, time)
  if (header === null) return null
  const { quote, timestamp, client, stream } = header
  const request = quotedRequest(line, quote)
  // A client that speaks no HTTP: `"\x16\x03\x01" 400 157`, `"-" 408 -`.
  if (request === null && !isGarbledRequest(line, quote)) return null
  return parsedLine({
    timestamp,
    message: line.slice(quote),
    messageStart: quote,
    stream,
    request: request === null ? null : withClient(request, client),
  })
}

/** A host, with a port perhaps, or an address; then a dash, a second address, the time or the request. */
function beginsWithClient(line: string, space: number): boolean {
  const next = line.charCodeAt(space + 1)
  const isDigitNext = next >= 48 && next <= 57
  if (next !== 45 && next !== 91 && next !== 34 && !isDigitNext) return false
  const colon = line.indexOf(':')
  if (colon < 0 || colon > space) return true
  const first = line.slice(0, space)
  return HOST_AND_PORT.test(first) || isAddress(first)
}

const HOST_AND_PORT = /^[\w.-]+:\d+$/

type Header = { quote: number; timestamp: number; client: string | null; stream: string }

function readHeader(line: string, space: number, time: TimestampReader): Header | null {
  const bracket = line.indexOf('[', space)
  const quote = bracket > 0 ? line.indexOf('"', bracket) : findQuotedRequest(line, space)
  if (quote < 0 || quote > HEADER_LIMIT) return null
  const timed = bracket > 0 && bracket < quote
  const timestamp = timed ? time.read(line, bracket + 1) : Number.NaN
  if (timed && Number.isNaN(timestamp)) return null
  // Between time and request stands nothing, or a word or two (`-`, a duration); anything else is a sentence.
  if (timed && quote - time.end > 24) return null
  if (!timed) return readUnbracketed(line, { space, quote }, time)
  return { quote, timestamp, ...readWho(line, space, bracket), stream: '' }
}

/** PHP-FPM's `127.0.0.1 -  03/Mar/2026:09:00:00 +0000 "GET /x" 500`; Actix's `127.0.0.1 "GET …`; or no time at all. */
function readUnbracketed(
  line: string,
  at: { space: number; quote: number },
  time: TimestampReader,
): Header | null {
  const { space, quote } = at
  const timestamp = time.search(line, space, Math.min(quote, space + 12))
  const dashed = line.startsWith(' - ', space)
  const timed = !Number.isNaN(timestamp)
  if (!dashed && (!isAddress(line.slice(0, space)) || (!timed && quote !== space + 1))) return null
  return { quote, timestamp, ...readWho(line, space, timed ? time.start : quote), stream: '' }
}

/** `[host:port ]client identity user `: the user where there is one, else the address. */
function readWho(line: string, space: number, end: number): { client: string | null } {
  const first = line.slice(0, space)
  const second = line.indexOf(' ', space + 1)
  if (second < 0 || second >= end) return { client: addressOrNull(first) }
  let client = first
  let userStart = second + 1
  if (line.charCodeAt(space + 1) !== 45 && isAddress(line.slice(space + 1, second))) {
    // Apache's vhost_combined puts the virtual host first.
    client = line.slice(space + 1, second)
    userStart = line.indexOf(' ', second + 1) + 1
  }
  const userEnd = line.indexOf(' ', userStart)
  const user = userEnd > userStart && userEnd < end ? line.slice(userStart, userEnd) : '-'
  return { client: user === '-' || user === '""' || userStart >= end ? addressOrNull(client) : user }
}

function addressOrNull(word: string): string | null {
  return word === '-' || word === '' ? null : withoutPort(word)
}

function withClient(request: LoggedRequest, client: string | null): LoggedRequest {
  return request.client !== null && !isAddress(client ?? '1.1.1.1')
    ? { ...request, client }
    : { ...request, client: request.client ?? client }
}

function isGarbledRequest(line: string, quote: number): boolean {
  const close = line.indexOf('" ', quote + 1)
  return close > 0 && statusAt(line, close + 2) > 0
}
