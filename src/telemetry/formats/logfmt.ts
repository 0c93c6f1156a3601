import type { ParsedLine } from '../lines/parsed-line.ts'
import { severityOfWord } from '../lines/severity-text.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import type { JsonRecord } from './json-values.ts'
import { textOf } from './json-values.ts'
import { fieldsByRole } from './json-roles.ts'
import { parsedLine, skipBlanks } from './line-format.ts'
import type { LineParser } from './line-format.ts'
import { requestInFields } from './request-fields.ts'

/** logfmt, as logrus, slog, Heroku's router, Grafana's and HashiCorp's programs write it: `level=info msg="x y" k=v`. */
export const logfmt: LineParser = { name: 'logfmt', kind: 'record', starts: /[A-Za-z@]/, parse }

const LEVEL_KEYS = ['level', 'lvl', 'severity', 'at', 'loglevel', 'log_level']
const MESSAGE_KEYS = ['msg', 'message', 'event']
/** Keys with which a record begins or which it must have: ordinary sentences have `key=value` pairs too. */
const TELLING = new Set([
  'level',
  'lvl',
  'severity',
  'msg',
  'ts',
  'time',
  't',
  'at',
  'timestamp',
  'method',
  'message',
])

function parse(line: string, time: TimestampReader): ParsedLine | null {
  const first = line.charCodeAt(0) | 32
  if ((first < 97 || first > 122) && line.charCodeAt(0) !== 64) return null
  const equals = line.indexOf('=')
  if (equals < 1 || equals > 40 || equals === line.length - 1) return null
  const pairs = readPairs(line)
  if (pairs === null || !pairs.keys.some((key) => TELLING.has(key))) return null
  const { record, spans } = pairs
  const roles = fieldsByRole(record)
  const messageKey = MESSAGE_KEYS.find((key) => typeof record[key] === 'string')
  const message = messageKey === undefined ? null : textOf(record, [messageKey])
  const span = messageKey === undefined ? null : (spans.get(messageKey) ?? null)
  return parsedLine({
    timestamp: roles.time === undefined ? Number.NaN : time.fromValue(roles.time),
    severityText: severityOfWord((textOf(record, LEVEL_KEYS) ?? '').toLowerCase()) ?? '',
    message: message ?? line,
    // Where the value stands in the line as it is, that is where the message begins.
    messageStart: message === null ? 0 : span !== null && line.startsWith(message, span) ? span : -1,
    stream: textOf(record, ['pid', 'dyno', 'pod', 'container']) ?? '',
    service: serviceOf(record),
    request: requestInFields(record, roles),
    fields: record,
  })
}

/** Heroku's router counts the milliseconds of the dyno under `service`. */
function serviceOf(record: JsonRecord): string | null {
  const name = textOf(record, ['service', 'app', 'component'])
  return name === null || /^\d/.test(name) ? null : name
}

type Pairs = { record: JsonRecord; keys: string[]; spans: Map<string, number> }

/** All pairs of a line that is nothing but pairs, but for a few stray words; null for a sentence. */
function readPairs(line: string): Pairs | null {
  const pairs: Pairs = { record: {}, keys: [], spans: new Map() }
  let stray = 0
  let at = 0
  while (at < line.length) {
    at = skipBlanks(line, at)
    const end = keyEnd(line, at)
    if (line.charCodeAt(end) !== 61) {
      if (end < line.length || end > at) stray++
      if (stray > 2 || pairs.keys.length === 0) return stray > 0 ? null : pairs
      at = Math.max(end, at + 1)
      continue
    }
    at = readPair(pairs, line, { at, equals: end })
  }
  return pairs.keys.length >= 2 && stray * 2 < pairs.keys.length ? pairs : null
}

function keyEnd(line: string, from: number): number {
  let at = from
  while (at < line.length) {
    const code = line.charCodeAt(at)
    if (code === 61 || code === 32 || code === 9 || code === 34) break
    at++
  }
  return at
}

/** Reads the value behind `equals` into the record; returns the offset behind it. */
function readPair(pairs: Pairs, line: string, { at, equals }: { at: number; equals: number }): number {
  const key = line.slice(at, equals)
  const start = equals + 1
  pairs.keys.push(key)
  if (line.charCodeAt(start) === 34) {
    const close = quoteEnd(line, start)
    const raw = line.slice(start + 1, close)
    pairs.record[key] = raw.includes('\\') ? unescaped(raw) : raw
    pairs.spans.set(key, start + 1)
    return Math.min(close + 1, line.length)
  }
  let end = start
  while (end < line.length && line.charCodeAt(end) !== 32 && line.charCodeAt(end) !== 9) end++
  pairs.record[key] = line.slice(start, end)
  pairs.spans.set(key, start)
  return end
}

function quoteEnd(line: string, open: number): number {
  let at = open + 1
  while (at < line.length && line.charCodeAt(at) !== 34) at += line.charCodeAt(at) === 92 ? 2 : 1
  return Math.min(at, line.length)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}
