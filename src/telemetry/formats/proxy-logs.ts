import type { ParsedLine } from '../lines/parsed-line.ts'
import type { NoAnswer } from '../request.ts'
import { isDigit } from '../lines/time-scan.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { parsedLine, readHead, skipBlanks, wordEnd } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { durationOf, loggedDuration } from './logged-duration.ts'
import {
  closingQuote,
  findQuotedRequest,
  isAddress,
  methodAt,
  pathOf,
  quotedRequest,
  statusAt,
  withoutPort,
} from './request-line.ts'

/**
 * HAProxy's HTTP log (most often inside syslog):
 * `10.0.1.2:33317 [06/Feb/2026:12:14:14.655] front back/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"`.
 */
export const haproxy: LineParser = {
  name: 'haproxy',
  kind: 'record',
  starts: /[\da-fA-F:[]/,
  parse: (line, time) => {
    const bracket = line.indexOf(' [')
    if (bracket < 4 || bracket > 60 || !isDigit(line.charCodeAt(bracket + 2))) return null
    const found = HAPROXY.exec(line.slice(bracket, bracket + 600))
    if (found === null) return null
    const timestamp = time.read(line, bracket + 2)
    const quote = findQuotedRequest(line, bracket)
    if (Number.isNaN(timestamp) || quote < 0) return null
    const [, backend = '', timers = '', status = '', state = ''] = found
    const total = Number((timers.split('/').at(-1) ?? '').replace('+', ''))
    const target = line.slice(quote + 1, closingQuote(line, quote)).split(' ')
    return parsedLine({
      timestamp,
      message: line.slice(bracket + 1),
      messageStart: bracket + 1,
      service: backend.split('/', 1)[0] ?? null,
      request: {
        method: target[0] ?? '',
        path: pathOf(target[1] ?? '/'),
        status: Number(status) > 0 ? Number(status) : null,
        noAnswer: haproxyNoAnswer(state, { hasStatus: Number(status) > 0, totalMs: total }),
        durationMs: Number.isFinite(total) && total >= 0 ? total : null,
        client: withoutPort(line.slice(line.lastIndexOf(' ', bracket - 1) + 1, bracket)),
      },
    })
  },
}

const HAPROXY =
  /^ \[[^\]]{10,40}\] \S+ (\S+\/\S+) ((?:[+-]?\d+\/){4}\+?-?\d+) (-1|\d{3}) \+?\d+ (?:\S+ \S+ ([A-Za-z-]{2,4}) )?/

/** Who hangs up after so long has waited in vain; sooner, people have gone somewhere else. */
const PATIENCE_MS = 5000

/**
 * Why a request got no answer, by HAProxy's termination state (its manual, 8.5, "Session state at disconnection"): first who
 * ended it, then when. `C`, the client hung up: after five seconds and more it had waited in vain. `c`, the client did
 * not send or read in time: its own affair. `s`, the server was too slow; any other, it was cut off.
 */
function haproxyNoAnswer(
  state: string,
  { hasStatus, totalMs }: { readonly hasStatus: boolean; readonly totalMs: number },
): NoAnswer | null {
  const [who = '-', when = '-'] = state
  // A status says enough, unless the server broke off in the middle of the answer.
  if (hasStatus) return when !== 'D' ? null : who === 'S' ? 'reset' : who === 's' ? 'timed-out' : null
  if (who === 'C') return totalMs >= PATIENCE_MS ? 'timed-out' : null
  if (who === 's') return 'timed-out'
  return who === '-' || who === 'c' ? null : 'no-answer'
}

/** Amazon's load balancers: type, time, balancer, client, target, three times in seconds, two statuses, …, request. */
export const awsLoadBalancer: LineParser = {
  name: 'aws-load-balancer',
  kind: 'record',
  starts: /[\dhgw]/,
  parse: (line, time) => {
    const typed = /^(?:https?|h2|grpcs|wss?) /.exec(line.slice(0, 7))
    const start = typed?.[0].length ?? 0
    if (line.charCodeAt(start + 10) !== 84) return null
    const quote = findQuotedRequest(line, start)
    const timestamp = quote < 0 ? Number.NaN : time.read(line, start)
    if (Number.isNaN(timestamp)) return null
    const words = line.slice(time.end + 1, quote - 1).split(' ')
    if (words.length !== 10 || !/^-?\d+(?:\.\d+)?$/.test(words[3] ?? '')) return null
    const seconds = words.slice(3, 6).map(Number)
    const target = line.slice(quote + 1, closingQuote(line, quote)).split(' ')
    const status = statusAt(words[6] ?? '', 0)
    return parsedLine({
      timestamp,
      message: line.slice(quote),
      messageStart: quote,
      service: words[0] ?? null,
      request: {
        method: target[0] ?? '',
        path: pathOf(target[1] ?? '/').replace(/^\/\?$/, '/'),
        status: status > 0 ? status : null,
        durationMs: seconds.some((part) => part < 0)
          ? null
          : durationOf(
              seconds.reduce((a, b) => a + b, 0),
              's',
            ),
        client: withoutPort(words[1] ?? ''),
      },
    })
  },
}

/** Gin: `[GIN] 2026/03/03 - 09:00:00 | 500 |  31.2ms |  172.17.0.1 | GET      "/x"`; Fiber without the mark. */
export const barTable: LineParser = { name: 'gin', kind: 'record', starts: /[\d[]/, parse: parseBars }

function parseBars(line: string, time: TimestampReader): ParsedLine | null {
  if (!line.includes(' | ')) return null
  const marked = line.startsWith('[GIN] ')
  const first = line.charCodeAt(0)
  if (!marked && !isDigit(first) && first !== 91) return null
  const bars = line.split('|', 7)
  if (bars.length < 5) return null
  const start = marked ? 6 : first === 91 ? 1 : 0
  const timestamp = time.read(line, start)
  const status = statusAt((bars[1] ?? '').trim(), 0)
  const durationMs = loggedDuration((bars[2] ?? '').trim())
  if (Number.isNaN(timestamp) || status < 0 || Number.isNaN(durationMs)) return null
  const target = bars.slice(4).join(' ').replace(/["|]/g, ' ').trim()
  const method = methodAt(`${target} `, 0)
  const pathStart = skipBlanks(target, method.length)
  const path = target.slice(pathStart, wordEnd(target, pathStart))
  if (method === '' || path === '') return null
  const client = (bars[3] ?? '').trim() || null
  const messageStart = line.indexOf('|') + 1
  return parsedLine({
    timestamp,
    message: line.slice(messageStart).trimStart(),
    messageStart: skipBlanks(line, messageStart),
    request: { method, path: pathOf(path), status, durationMs, client },
  })
}

const PHP_SERVER = /^\] (\S+) \[(\d{3})\]: /

/** PHP's built-in server: `[Tue Mar  3 09:00:00 2026] 127.0.0.1:55222 [500]: GET /x - Uncaught …`. */
export const phpServer: LineParser = {
  name: 'php-server',
  kind: 'record',
  starts: /\[/,
  parse: (line, time) => {
    if (line.charCodeAt(0) !== 91 || line.charCodeAt(4) !== 32) return null
    const head = readHead(line, time, { from: 1, pattern: PHP_SERVER, within: 80 })
    if (head === null) return null
    const { timestamp, found, messageStart } = head
    const method = methodAt(line, messageStart)
    const pathStart = messageStart + method.length + 1
    if (method === '') return null
    const path = line.slice(pathStart, wordEnd(line, pathStart))
    const client = withoutPort(found[1] ?? '')
    return parsedLine({
      timestamp,
      message: line.slice(messageStart),
      messageStart,
      request: { method, path, status: Number(found[2]), durationMs: null, client },
    })
  },
}

/** Envoy and Istio: `[2026-03-03T09:00:00.000Z] "GET /x HTTP/1.1" 503 UF - 0 17 12 - "10.0.0.1" …` (12 ms). */
export const envoy: LineParser = {
  name: 'envoy',
  kind: 'record',
  starts: /\[/,
  parse: (line, time) => {
    if (line.charCodeAt(0) !== 91 || line.charCodeAt(11) !== 84) return null
    const close = line.indexOf('] "', 20)
    if (close < 0 || close > 40) return null
    const timestamp = time.read(line, 1)
    const request = Number.isNaN(timestamp) ? null : quotedRequest(line, close + 2)
    if (request === null) return null
    const tail = line.slice(closingQuote(line, close + 2) + 1)
    const forwarded = /"([^"]*)"/.exec(tail)?.[1]?.split(',', 1)[0] ?? ''
    const client = isAddress(forwarded) ? withoutPort(forwarded) : null
    const behind = tail.replace(/"[^"]*"/g, '-')
    // status, flags, (details in newer layouts: words and quoted texts), received, sent, duration
    const numbers = /^ +\d+ \S+(?: [^\d\s]\S*| -)* (\d+) (\d+) (\d+)\b/.exec(behind)
    const durationMs = numbers === null ? null : Number(numbers[3])
    return parsedLine({
      timestamp,
      message: line.slice(close + 2),
      messageStart: close + 2,
      request: { ...request, durationMs, client },
    })
  },
}
