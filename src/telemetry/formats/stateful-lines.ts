import type { LoggedRequest, ParsedLine } from '../lines/parsed-line.ts'
import { severityOfSyslog } from '../lines/severity-text.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { parsedLine, wordEnd } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { loggedDuration } from './logged-duration.ts'
import { isMethod, methodAt, statusAt } from './request-line.ts'

/** Formats whose lines need what stood before them; each source has its own, so that files don't mix. */

type Columns = ReadonlyMap<string, number>

/** W3C extended logs (IIS, CloudFront): a `#Fields:` line names the columns of those that follow. */
export function createW3cExtended(): LineParser {
  let columns: Columns | null = null
  let separator = ' '
  return {
    name: 'w3c-extended',
    kind: 'record',
    starts: /[\d#]/,
    parse: (line, time) => {
      if (line.startsWith('#Fields: ')) {
        columns = new Map(
          line
            .slice(9)
            .trim()
            .split(/\s+/)
            .map((name, index) => [name, index] as const),
        )
        return parsedLine({ message: line, messageStart: 0 })
      }
      if (columns === null || line.charCodeAt(0) === 35) return null
      separator = line.includes('\t') ? '\t' : ' '
      const values = line.split(separator)
      return values.length === columns.size ? parseW3c({ line, columns, values }, time) : null
    },
  }
}

type W3cRow = { line: string; columns: Columns; values: readonly string[] }

function parseW3c(row: W3cRow, time: TimestampReader): ParsedLine | null {
  const value = (...names: readonly string[]) => {
    for (const name of names) {
      const found = row.values[row.columns.get(name) ?? -1]
      if (found !== undefined && found !== '-') return found
    }
    return null
  }
  // The format's times are UTC, whatever zone the reader assumes for others.
  const timestamp = time.read(`${value('date') ?? ''} ${value('time') ?? ''}Z`, 0)
  const method = value('cs-method') ?? ''
  const status = statusAt(value('sc-status') ?? '', 0)
  if (Number.isNaN(timestamp) || !isMethod(method)) return null
  const taken = Number(value('time-taken') ?? Number.NaN)
  const durationMs = Number.isNaN(taken) ? null : row.columns.has('x-edge-location') ? taken * 1000 : taken
  return parsedLine({
    timestamp,
    message: row.line,
    messageStart: 0,
    request: {
      method,
      path: value('cs-uri-stem') ?? '/',
      status: status > 0 ? status : null,
      durationMs,
      client: value('cs-username', 'c-ip'),
    },
  })
}

/** The request that a message answers; `part` where one begins, or ends whose beginning is unknown; else null. */
export type TwoLineRequests = (message: string, stream: string) => LoggedRequest | 'part' | null

/** More requests than this are not under way in one process. */
const STARTED_LIMIT = 500

/**
 * Rails and Phoenix tell a request on two lines: `Started GET "/x" for 127.0.0.1 …` (or `GET /x`), then `Completed 500
 * Internal Server Error in 12ms` (or `Sent 500 in 12ms`). Lines belong together by their tag, else by their stream.
 */
export function createTwoLineRequests(): TwoLineRequests {
  const started = new Map<string, StartedRequest>()
  // A line may be asked about twice (as the first of its shape, within a trace): the answer must be the same.
  let answered: { key: string; message: string; request: StartedRequest } | null = null
  return (message, stream) => {
    const tagEnd = message.charCodeAt(0) === 91 ? message.indexOf('] ') : -1
    const at = tagEnd > 0 ? tagEnd + 2 : 0
    const initial = message.charCodeAt(at)
    if (initial !== 83 && initial !== 67 && initial !== 71 && initial !== 80 && initial !== 68) return null
    const key = tagEnd > 0 ? message.slice(0, tagEnd) : stream
    const start = startedRequest(message, at)
    if (start !== null) {
      if (started.size >= STARTED_LIMIT) started.clear()
      started.set(key, start)
      return 'part'
    }
    const answer = ANSWER.exec(message.slice(at, at + 200))
    if (answer === null) return null
    const isAgain = answered !== null && answered.key === key && answered.message === message
    const request = started.get(key) ?? (isAgain ? answered?.request : undefined)
    if (request === undefined) return 'part'
    started.delete(key)
    answered = { key, message, request }
    const durationMs = loggedDuration(answer[2] ?? '')
    return { ...request, status: Number(answer[1]), durationMs: Number.isNaN(durationMs) ? null : durationMs }
  }
}

const ANSWER = /^(?:Completed|Sent|Chunked) (\d{3})\b.*? in (\d+(?:\.\d+)?[mµ]?s)\b/
const STARTED = /^Started ([A-Z]+) "([^"]+)" for (\S+) at /

type StartedRequest = { readonly method: string; readonly path: string; readonly client: string | null }

function startedRequest(message: string, at: number): StartedRequest | null {
  if (message.startsWith('Started ', at)) {
    const found = STARTED.exec(message.slice(at, at + 2000))
    return found === null ? null : { method: found[1] ?? '', path: found[2] ?? '', client: found[3] ?? null }
  }
  const method = methodAt(message, at)
  const pathStart = at + method.length + 1
  if (method === '' || message.charCodeAt(pathStart) !== 47) return null
  // Only a line that says nothing else begins a request.
  return wordEnd(message, pathStart) === message.length
    ? { method, path: message.slice(pathStart), client: null }
    : null
}

/** `journalctl -o export`: one field per line; the message comes after the time and the priority of its record. */
export function createJournalExport(): LineParser {
  let timestamp = Number.NaN
  let priority = ''
  let program = ''
  return {
    name: 'journald-export',
    kind: 'envelope',
    starts: /[_MPS]/,
    parse: (line, time) => {
      const first = line.charCodeAt(0)
      if (first !== 95 && first !== 77 && first !== 80 && first !== 83) return null
      if (line.startsWith('__CURSOR=')) {
        timestamp = Number.NaN
        priority = ''
        program = ''
      } else if (line.startsWith('__REALTIME_TIMESTAMP=')) timestamp = time.fromValue(line.slice(21))
      else if (line.startsWith('PRIORITY=')) priority = line.slice(9)
      else if (line.startsWith('SYSLOG_IDENTIFIER=')) program = line.slice(18)
      else if (line.startsWith('MESSAGE=') && !Number.isNaN(timestamp)) {
        const severityText = priority === '' ? '' : severityOfSyslog(Number(priority))
        const service = program === '' ? null : program
        return parsedLine({
          timestamp,
          severityText,
          message: line.slice(8),
          messageStart: 8,
          stream: program,
          service,
        })
      }
      return null
    },
  }
}
