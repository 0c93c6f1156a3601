import { accessLog } from '../formats/access-log.ts'
import { bundleHeading } from '../formats/bundle-heading.ts'
import { composePrefix, kubectlPrefix, kubernetesCri } from '../formats/container.ts'
import { cloudEvent, dockerJson, journaldJson } from '../formats/json-envelope.ts'
import { jsonLines } from '../formats/json-lines.ts'
import {
  dotnetConsole,
  flaskDefault,
  glog,
  logcat,
  pythonDefault,
  redis,
  rubyLogger,
} from '../formats/library-lines.ts'
import { parsedLine } from '../formats/line-format.ts'
import type { LineParser } from '../formats/line-format.ts'
import { logfmt } from '../formats/logfmt.ts'
import { requestInPairs } from '../formats/pairs-in-text.ts'
import { awsLoadBalancer, barTable, envoy, haproxy, phpServer } from '../formats/proxy-logs.ts'
import { requestIn } from '../formats/request-line.ts'
import { apacheError, mysql, nginxError, postgres } from '../formats/server-errors.ts'
import { createJournalExport, createTwoLineRequests, createW3cExtended } from '../formats/stateful-lines.ts'
import type { TwoLineRequests } from '../formats/stateful-lines.ts'
import { heroku, syslog3164, syslog5424 } from '../formats/syslog.ts'
import { textHeader } from '../formats/text-header.ts'
import type { SeverityText } from '../fingerprint.ts'
import type { EpochMs } from '../../time.ts'
import type { ParseContext, ParsedLine } from './parsed-line.ts'
import { withoutColours } from './shown-text.ts'
import { inferSeverity } from './severity-text.ts'
import { createTimestampReader } from './timestamp.ts'
import type { TimestampReader } from './timestamp.ts'

export type { ParseContext, ParsedLine } from './parsed-line.ts'

/** How the lines of one source are read. Keeps what a line needs of those before it: one per source. */
export type LineFormat = {
  /** What most lines are, outermost first: `docker-json-file/python-logging`; `plain` where none has a header. */
  readonly name: string
  /** Takes one line apart; null only for an empty one. Never throws. */
  parse(line: string, context: ParseContext): ParsedLine | null
}

/** Enough lines to see what a file is made of. */
const SAMPLE_LINES = 200
/** Enough where all are of one format. */
const ENOUGH_LINES = 60
/** Docker in syslog in a cloud event; nobody wraps deeper. */
const MAX_DEPTH = 4

/**
 * Finds out how the lines of a source are written, by looking at some of them. Any line may be of any format all the
 * same (a program's own lines, its server's and tracebacks share one file): the sample only decides the name, and
 * which format is asked first.
 */
export function recogniseFormat(sample: readonly string[]): LineFormat {
  const parsers = createParsers()
  const reader = createLineReader(parsers)
  const seen = new Map<string, number>()
  const context: ParseContext = { timeZone: 'UTC', now: Date.UTC(2099, 0, 1) }
  let yearNear: EpochMs | undefined
  for (const line of sample.slice(0, SAMPLE_LINES)) {
    const found = reader(line, context)
    const names = found?.names ?? ''
    if (found?.withYear === true) yearNear ??= found.parsed.timestamp ?? undefined
    // What has no header goes on with the record before it and says nothing of the format; headings neither.
    if (names === '' || names === bundleHeading.name) continue
    const count = (seen.get(names) ?? 0) + 1
    seen.set(names, count)
    if (seen.size === 1 && count === ENOUGH_LINES) break
  }
  const [name = 'plain'] = [...seen].sort((a, b) => b[1] - a[1])[0] ?? []
  const timeAnywhere = name === 'plain' && haveTimeSomewhere(sample.slice(0, SAMPLE_LINES))
  const read = createLineReader(preferring(createParsers(), name.split('/', 1)[0] ?? name), timeAnywhere)
  return { name, parse: withYears(read, yearNear) }
}

/** So near to the year-less lines that follow it a time with a year must be: the reader is made anew for each. */
const ANCHOR_MS = 30 * 86_400_000

/** Lines without a year take theirs from the lines of the same file that have one, those read last before others. */
function withYears(read: LineReader, first: EpochMs | undefined): LineFormat['parse'] {
  let yearNear = first
  return (line, context) => {
    const found = read(line, yearNear === undefined ? context : { ...context, yearNear })
    const at = found?.withYear === true ? found.parsed.timestamp : null
    if (at !== null && (yearNear === undefined || Math.abs(at - yearNear) > ANCHOR_MS)) yearNear = at
    return found?.parsed ?? null
  }
}

/** The narrow ones first: what claims a line there never claims one of a format behind it. */
function createParsers(): LineParser[] {
  return [
    bundleHeading,
    dockerJson,
    journaldJson,
    cloudEvent,
    jsonLines,
    kubernetesCri,
    syslog5424,
    heroku,
    awsLoadBalancer,
    envoy,
    accessLog,
    haproxy,
    createW3cExtended(),
    nginxError,
    apacheError,
    phpServer,
    postgres,
    mysql,
    flaskDefault,
    pythonDefault,
    rubyLogger,
    glog,
    logcat,
    dotnetConsole,
    redis,
    barTable,
    syslog3164,
    composePrefix,
    kubectlPrefix,
    createJournalExport(),
    logfmt,
    textHeader,
  ]
}

/** The commonest format is asked first, but the two that claim most never before the narrower ones. */
function preferring(parsers: readonly LineParser[], name: string): LineParser[] {
  if (name === jsonLines.name || name === textHeader.name) return [...parsers]
  return [
    ...parsers.filter((parser) => parser.name === name),
    ...parsers.filter((parser) => parser.name !== name),
  ]
}

/** `said`: the line itself names its severity, not only the envelope around it. */
type Read = { parsed: ParsedLine; names: string; said: boolean }
/** `withYear`: the line's time has its year with it. */
type Found = { readonly parsed: ParsedLine; readonly names: string; readonly withYear: boolean }
type LineReader = (line: string, context: ParseContext) => Found | null

function createLineReader(parsers: readonly LineParser[], timeAnywhere = false): LineReader {
  const twoLineRequest = createTwoLineRequests()
  const all = tableOf(parsers)
  const records = tableOf(parsers.filter((parser) => parser.kind === 'record'))
  let known: ParseContext | null = null
  let time: TimestampReader | null = null
  return (line, context) => {
    if (line.length === 0) return null
    if (time === null || known === null || !isSame(known, context)) {
      known = context
      time = createTimestampReader(context)
    }
    const plain = line.includes('\u001b') || line.charCodeAt(0) === 0xfe_ff ? withoutColours(line) : line
    const read =
      readLayers(plain, { all, records, parsers: all, time, depth: 0 }) ??
      headless(plain, timeAnywhere ? time : null)
    const parsed = finished(read, time, twoLineRequest)
    // Offsets of the line as it was given are lost with the colours.
    return {
      parsed: plain === line ? parsed : { ...parsed, messageStart: -1 },
      names: read.names,
      withYear: parsed.timestamp !== null && parsed.timestamp === time.withYear,
    }
  }
}

function isSame(a: ParseContext, b: ParseContext): boolean {
  return a === b || (a.timeZone === b.timeZone && a.now === b.now && a.yearNear === b.yearNear)
}

/** Parsers by the first character of a line, all that is not ASCII being one. */
type ParserTable = (first: number) => readonly LineParser[]

/** Filled as characters come: of many small files each has its own, and meets few. */
function tableOf(parsers: readonly LineParser[]): ParserTable {
  const known: (readonly LineParser[])[] = []
  return (first) => {
    const code = first < 128 ? first : 128
    return (known[code] ??= parsers.filter(({ starts }) =>
      starts.test(String.fromCharCode(code === 128 ? 0xe4 : code)),
    ))
  }
}

type Layer = {
  all: ParserTable
  records: ParserTable
  parsers: ParserTable
  time: TimestampReader
  depth: number
}

/** The first format that claims the line; what an envelope carries is read in turn. */
function readLayers(line: string, layer: Layer): Read | null {
  const first = line.charCodeAt(0)
  // Indentation is a continuation, whatever it holds.
  if (first === 32 || first === 9) return null
  for (const parser of layer.parsers(first)) {
    const parsed = parser.parse(line, layer.time)
    if (parsed === null) continue
    const said = parser.kind !== 'envelope' && parsed.severityText !== ''
    const inner =
      mayCarry(parser, parsed) && layer.depth < MAX_DEPTH ? readInner(parsed, parser, layer) : null
    if (inner === null) return { parsed, names: parser.name, said }
    const yearless = parser.name === syslog3164.name
    const names = `${parser.name}/${inner.names}`
    return { parsed: unwrapped(parsed, inner.parsed, yearless), names, said: said || inner.said }
  }
  return null
}

/** Besides envelopes: a time with nothing behind it but a whole line of another format (`2026-… {"level":…}`). */
function mayCarry(parser: LineParser, parsed: ParsedLine): boolean {
  if (parser.kind === 'envelope') return true
  return parser.kind === 'loose' && (parsed.severityText === '' || parsed.message.charCodeAt(0) === 123)
}

function readInner(parsed: ParsedLine, parser: LineParser, layer: Layer): Read | null {
  const parsers = parser.kind === 'envelope' ? layer.all : layer.records
  return readLayers(parsed.message, { ...layer, parsers, depth: layer.depth + 1 })
}

const DAY_MS = 86_400_000

function unwrapped(outer: ParsedLine, inner: ParsedLine, yearless: boolean): ParsedLine {
  const known = outer.messageStart >= 0 && inner.messageStart >= 0
  return {
    timestamp: betterTime(outer.timestamp, inner.timestamp, yearless),
    severityText: inner.severityText || outer.severityText,
    message: inner.message,
    messageStart: known ? outer.messageStart + inner.messageStart : -1,
    // Trace lines have the envelope's stream only: their head must not have another one.
    stream: outer.stream || inner.stream,
    service: inner.service ?? outer.service,
    request: inner.request,
    fields: inner.fields,
    partial: outer.partial,
    headed: true,
  }
}

/** The envelope's time is of one clock and always whole; only syslog's, to the second and without a year, is not. */
function betterTime(outer: number | null, inner: number | null, yearless: boolean): number | null {
  if (outer === null || inner === null) return outer ?? inner
  const apart = Math.abs(outer - inner)
  return yearless && (apart < DAY_MS || apart > 300 * DAY_MS) ? inner : outer
}

/** `time` is given where the lines of this source have their time somewhere in the middle. */
function headless(line: string, time: TimestampReader | null): Read {
  const first = line.charCodeAt(0)
  const searched = time !== null && first !== 32 && first !== 9
  const timestamp = searched ? time.search(line, 0, TIME_WITHIN) : Number.NaN
  return {
    parsed: parsedLine({ message: line, messageStart: 0, timestamp, headed: false }),
    names: '',
    said: false,
  }
}

/** A time further back is what the line speaks of. */
const TIME_WITHIN = 160

/** Have nearly all lines a time, though none begins with one? Then it is theirs. */
function haveTimeSomewhere(lines: readonly string[]): boolean {
  const time = createTimestampReader({ timeZone: 'UTC', now: Date.UTC(2099, 0, 1) })
  const filled = lines.filter((line) => line.trim() !== '')
  const timed = filled.filter((line) => !Number.isNaN(time.search(line, 0, TIME_WITHIN)))
  return timed.length > filled.length * 0.8
}

/** What no header says is read from the message: the severity, and an answered request. */
function finished(read: Read, time: TimestampReader, twoLineRequest: TwoLineRequests): ParsedLine {
  const { parsed, said } = read
  const severityText = said ? parsed.severityText : severityBeyond(parsed)
  if (parsed.request !== null || parsed.fields !== null) {
    return severityText === parsed.severityText ? parsed : { ...parsed, severityText }
  }
  // Werkzeug through logging: an access line as the message of another line.
  const access = parsed.headed ? accessLog.parse(parsed.message, time) : null
  if (access !== null) return { ...unwrapped(parsed, access, false), severityText }
  const told = requestIn(parsed.message) ?? requestInPairs(parsed.message)
  const request = told ?? twoLineRequest(parsed.message, parsed.stream)
  if (severityText === parsed.severityText && request === null) return parsed
  if (request === 'part') return { ...parsed, severityText, opensRequest: true }
  return { ...parsed, severityText, request }
}

/** systemd and GCP call all of a stream one severity: a line that plainly tells of an error knows better. */
function severityBeyond(parsed: ParsedLine): SeverityText {
  const inferred = inferSeverity(parsed.message)
  if (parsed.severityText === '' || inferred === 'ERROR' || inferred === 'FATAL') {
    return parsed.severityText === 'FATAL' ? 'FATAL' : inferred || parsed.severityText
  }
  return parsed.severityText
}
