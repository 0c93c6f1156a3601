import { levelAt, levelInBracket } from './level-word.ts'
import type { SeverityText } from '../fingerprint.ts'
import { severityOfWord } from '../lines/severity-text.ts'
import { isDigit, isLetter } from '../lines/time-scan.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { skipBlanks, wordEnd } from './line-format.ts'

/** What stands before the message of a text line. */
export type TextHeader = {
  /** NaN where the header has none. */
  timestamp: number
  severityText: SeverityText
  pid: string
  messageStart: number
}

type HeaderScan = TextHeader & {
  readonly line: string
  readonly time: TimestampReader
  at: number
  level: boolean
  logger: boolean
  /** Brackets that hold neither time nor level nor pid: thread, request id. */
  brackets: number
  /** The header's last part was the level, behind which blanks are padding and not indentation. */
  padded: boolean
  /** The bracket around the time is still open. */
  inBracket: boolean
  /** The last part was a pid in a bracket: what is set apart from it by more than a blank is indented. */
  behindPid: boolean
}

/** More parts than this no layout has. */
const MAX_PARTS = 12
/** Time and level stand in front: further back is the message. */
const LEADING_LIMIT = 90

/** Reads the header of a text line; null where neither a time nor a level begins it. */
export function scanHeader(line: string, time: TimestampReader): TextHeader | null {
  const scan: HeaderScan = {
    line,
    time,
    at: 0,
    timestamp: Number.NaN,
    severityText: '',
    pid: '',
    messageStart: 0,
    level: false,
    logger: false,
    brackets: 0,
    padded: false,
    inBracket: false,
    behindPid: false,
  }
  if (!skipLead(scan)) return null
  for (let part = 0; part < MAX_PARTS && scan.at < line.length; part++) {
    if (beginsTrace(scan) || !readPart(scan)) break
    skipSeparators(scan)
  }
  if (Number.isNaN(scan.timestamp) && !scan.level) return null
  scan.messageStart = messageStart(scan)
  return scan
}

/** A mark (`- `), a file name (`app.log:`, as grep writes) or a host may stand before the time. */
function skipLead(scan: HeaderScan): boolean {
  const { line, time } = scan
  const first = line.charCodeAt(0)
  if (first === 32 || first === 9 || Number.isNaN(first)) return false
  if (first === 91 || first === 60 || first === 40) return true
  const timestamp = time.read(line, 0)
  if (!Number.isNaN(timestamp)) {
    scan.timestamp = timestamp
    advance(scan, time.end)
    skipSeparators(scan)
    return true
  }
  if (levelAt(line, 0, false) !== null) return true
  const at = time.search(line, 1, LEADING_LIMIT)
  if (Number.isNaN(at)) return false
  const lead = line.slice(0, time.start).trimEnd()
  // One word, or a dash before an epoch; a sentence with a time in it has no header.
  if (lead === '-' || /^[\w./:-]{2,80}$/.test(lead)) {
    scan.at = time.start
    scan.messageStart = time.start
    return true
  }
  return false
}

function readPart(scan: HeaderScan): boolean {
  const code = scan.line.charCodeAt(scan.at)
  if (code === 91 || code === 40 || code === 60) return readBracket(scan)
  // Celery: `[… ERROR/ForkPoolWorker-1] …`.
  if (code === 47 && scan.inBracket) return closeBracket(scan, wordEnd(scan.line, scan.at))
  if (isDigit(code)) return readTimePart(scan) || readPid(scan) || readWordsBeforeLevel(scan)
  if (!isLetter(code) && code !== 95) return false
  return readLevel(scan) || readTimePart(scan) || readWordsBeforeLevel(scan) || readLogger(scan)
}

function readTimePart(scan: HeaderScan): boolean {
  const at = scan.time.read(scan.line, scan.at)
  if (Number.isNaN(at)) return isDigit(scan.line.charCodeAt(scan.at)) && readDateAgain(scan)
  // A clock alone behind a date is a duration or belongs to the message.
  if (!Number.isNaN(scan.timestamp) && scan.line.charCodeAt(scan.at + 2) === 58) return false
  if (Number.isNaN(scan.timestamp)) scan.timestamp = at
  advance(scan, scan.time.end)
  return true
}

const DATE_AGAIN = /^\d{4}[./-]\d\d[./-]\d\d /

/** `1117838570 2005.06.03 R02-M1-N0 2005-06-03-15.42.50.675872 R02-M1-N0`: the same moment in other words, and where. */
function readDateAgain(scan: HeaderScan): boolean {
  const { line, time } = scan
  if (Number.isNaN(scan.timestamp) || !DATE_AGAIN.test(line.slice(scan.at, scan.at + 11))) return false
  const nodeEnd = wordEnd(line, scan.at + 11)
  const again = time.read(line, nodeEnd + 1)
  if (Number.isNaN(again)) advance(scan, scan.at + 10)
  else advance(scan, wordEnd(line, time.end + 1))
  return true
}

function advance(scan: HeaderScan, to: number): void {
  scan.at = to
  scan.messageStart = to
  scan.padded = false
  scan.behindPid = false
}

const TRACE_LINE =
  /(?:panic: |Error: |note: |\[(?:SQL|parameters|[A-Z]\w*Error): |\[(?:cause|errors|stacktrace|signal)\b)/y

/** Lines of traces that look like a level or a bracket of the header, where no level stands before them. */
function beginsTrace({ line, at, level, timestamp }: HeaderScan): boolean {
  if (level || Number.isNaN(timestamp)) return false
  TRACE_LINE.lastIndex = at
  return TRACE_LINE.test(line)
}

/** `[4003]` (seven digits at most: Linux has no larger pid) is read by `readBracket`; bare, a pid counts only before a level (`25746 INFO`) or before `---`. */
function readPid(scan: HeaderScan): boolean {
  const { line } = scan
  if (Number.isNaN(scan.timestamp)) return false
  const end = wordEnd(line, scan.at)
  if (end - scan.at > 7 || !/^\d+$/.test(line.slice(scan.at, end))) return false
  const next = skipBlanks(line, end)
  const dashes = line.startsWith('--- ', next)
  if (!dashes && (scan.level || levelAt(line, next, true) === null)) return false
  scan.pid = line.slice(scan.at, end)
  advance(scan, end)
  return true
}

function readLevel(scan: HeaderScan): boolean {
  if (scan.level) return false
  const found = levelAt(scan.line, scan.at, !Number.isNaN(scan.timestamp))
  return found !== null && takeLevel(scan, found.severityText, found.end)
}

function takeLevel(scan: HeaderScan, severityText: SeverityText, end: number): true {
  scan.level = true
  scan.severityText = severityText
  advance(scan, end)
  scan.padded = true
  return true
}

const STRONG = /^(?:FATAL|ERROR|WARN|WARNING|INFO|DEBUG|TRACE|SEVERE|CRITICAL|NOTICE)$/
const NAME = /^[\w.$/@#:*{}+=-]*[\w)\]}]:?$/

/** `app.web - ERROR - …`, `web01 app ERROR …`, `RAS KERNEL INFO …`: up to five names or pairs between time and level. */
function readWordsBeforeLevel(scan: HeaderScan): boolean {
  const { line } = scan
  if (scan.level || scan.logger || Number.isNaN(scan.timestamp)) return false
  let at = scan.at
  for (let words = 0; words < 6; words++) {
    const end = wordEnd(line, at)
    const word = line.slice(at, end)
    const level = word.endsWith(':') ? word.slice(0, -1) : word
    if (words > 0 && STRONG.test(level)) return takeLevel(scan, severityOfWord(level) ?? '', end)
    // Elixir puts its metadata first: `request_id=F1 [error] …`.
    const bracketed = words > 0 && word.charCodeAt(0) === 91 ? levelInBracket(word.slice(1, -1)) : null
    if (bracketed !== null) return takeLevel(scan, bracketed, end)
    if (word.length > 60 || (word !== '-' && word !== '|' && !NAME.test(word))) return false
    at = skipBlanks(line, end)
  }
  return false
}

function readBracket(scan: HeaderScan): boolean {
  const { line } = scan
  const open = line.charCodeAt(scan.at)
  const close = matchingClose(line, scan.at)
  if (close < 0 || close - scan.at > 160) return false
  const content = line.slice(scan.at + 1, close).trim()
  if (open === 91 && readTimeInBracket(scan, close)) return true
  const level = levelInBracket(content)
  if (level !== null && !scan.level) return takeLevel(scan, level, close + 1)
  if (/^(?:pid[: ])?#?\d{1,7}(?:-\d+|:tid \d+|:\d+)?$/.test(content)) return takePid(scan, content, close)
  return readOtherBracket(scan, content, close)
}

const CLOSING: Readonly<Record<number, number>> = { 91: 93, 40: 41, 60: 62 }

/** The bracket that closes the one at `at`: `[QuorumPeer[myid=1]/0:0:2181]` ends with the second. */
function matchingClose(line: string, at: number): number {
  const open = line.charCodeAt(at)
  const close = CLOSING[open]
  const limit = Math.min(line.length, at + 200)
  let depth = 0
  for (let pos = at; pos < limit; pos++) {
    const code = line.charCodeAt(pos)
    if (code === open) depth++
    else if (code === close && --depth === 0) return pos
  }
  return -1
}

/** `[2026-03-03 09:00:00,123]`, `[2026-03-03T09:00:00Z INFO  app]`, `[E 260303 09:00:00 web:2246]`: goes on inside. */
function readTimeInBracket(scan: HeaderScan, close: number): boolean {
  const { line, time } = scan
  if (!Number.isNaN(scan.timestamp)) return false
  const inside = scan.at + 1
  const at = time.read(line, inside)
  if (!Number.isNaN(at) && time.end <= close) {
    scan.timestamp = at
    scan.inBracket = line.charCodeAt(time.end) !== 93
    advance(scan, time.end)
    return true
  }
  const lettered = line.charCodeAt(inside + 1) === 32 ? time.read(line, inside + 2) : Number.NaN
  if (Number.isNaN(lettered) || scan.level) return false
  scan.timestamp = lettered
  return takeLevel(scan, severityOfWord(line.charAt(inside)) ?? '', close + 1)
}

function takePid(scan: HeaderScan, content: string, close: number): boolean {
  if (Number.isNaN(scan.timestamp) && !scan.level) return false
  scan.pid ||= content.replace(/^\D+/, '')
  advance(scan, close + 1)
  scan.behindPid = true
  return true
}

/** A thread, a request id, a component: header as long as the header goes on, or stands before a level. */
function readOtherBracket(scan: HeaderScan, content: string, close: number): boolean {
  const { line } = scan
  if (content.includes('"') || scan.brackets >= 3) return false
  if (Number.isNaN(scan.timestamp) && !scan.level) {
    const next = skipBlanks(line, close + 1)
    const level = line.charCodeAt(next) === 91 ? bracketLevel(line, next) : levelAt(line, next, false)
    if (level === null || content.length > 60) return false
  }
  scan.brackets++
  advance(scan, close + 1)
  return true
}

function bracketLevel(line: string, open: number): SeverityText | null {
  const close = line.indexOf(']', open)
  return close < 0 ? null : levelInBracket(line.slice(open + 1, close))
}

const ERROR_NAME =
  /(?:Error|Exception|Warning|Fault|Panic|Failure)$|^(?:panic|error|fatal|exception|traceback|caused|warning)$/i

/**
 * The logger behind the level: `app.web: …`, `c.a.shop.Api - …`, `o.s.b.Tomcat   : …`, `http/server.go:88<tab>…`. A
 * plain word with a colon may begin the message; a dotted, lower-case or camel-case name does not. `ValueError:` never
 * is a logger.
 */
function readLogger(scan: HeaderScan): boolean {
  const { line } = scan
  if (scan.logger) return false
  if (line.charCodeAt(scan.at - 1) === 124) return readBarredLogger(scan)
  const end = wordEnd(line, scan.at)
  if (end - scan.at > 120 || end >= line.length) return false
  const last = line.charCodeAt(end - 1)
  // env_logger closes the bracket of the time behind the target: `[2026-03-03T09:00:00Z ERROR app::db] …`.
  if (scan.inBracket && last === 93) return closeBracket(scan, end)
  const ending = last === 58 ? end : loggerEnding(line, end)
  if (ending < 0) return false
  const bare = line.slice(scan.at, last === 58 ? end - 1 : end)
  if (!/^[\w.$/@:*<>#-]+$/.test(bare) || ERROR_NAME.test(bare)) return false
  if (!scan.level && !/\.\w{1,4}:\d+$/.test(bare) && !isBracketedName(scan, bare, last)) return false
  if (!isTellingName(bare, { last, next: line.charCodeAt(skipBlanks(line, end)) })) return false
  scan.logger = true
  advance(scan, ending)
  return true
}

/** NLog: `2026-03-03 09:00:00.1234|ERROR|Acme.Cart|message`. */
function readBarredLogger(scan: HeaderScan): boolean {
  const { line, at } = scan
  const bar = line.indexOf('|', at)
  if (!scan.level || bar < 0 || bar - at > 120 || !/^[\w.`+-]+$/.test(line.slice(at, bar))) return false
  scan.logger = true
  advance(scan, bar)
  return true
}

function closeBracket(scan: HeaderScan, end: number): boolean {
  if (scan.line.charCodeAt(end - 1) !== 93) return false
  scan.logger = true
  scan.inBracket = false
  advance(scan, end)
  return true
}

/** `[feccf2df] app.web: …` without a level, as some layouts have it. */
function isBracketedName(scan: HeaderScan, bare: string, last: number): boolean {
  return scan.brackets > 0 && last === 58 && bare.includes('.')
}

/** Where a name that has no colon of its own ends with what follows: a tab, ` - `, ` | `, ` : `, ` [`, ` (`; else -1. */
function loggerEnding(line: string, end: number): number {
  if (line.charCodeAt(end) === 9) return end
  const next = skipBlanks(line, end)
  const mark = line.charCodeAt(next)
  const behind = line.charCodeAt(next + 1)
  if (mark === 45 && behind === 45 && line.charCodeAt(next + 2) === 32) return next + 2
  if (mark === 45 || mark === 124 || mark === 58) return behind === 32 ? next + 1 : -1
  return mark === 91 || mark === 40 ? end : -1
}

/** A plain word with a mark behind it may begin the message: before a colon or a bracket a name must look like one. */
function isTellingName(bare: string, { last, next }: { last: number; next: number }): boolean {
  // nova: `nova.compute.manager [req-…] …`; log4j: `org.apache.Foo (Foo.java:88) …`
  if (last !== 58 && (next === 91 || next === 40)) return /\w\.\w/.test(bare)
  if (last !== 58 && (next === 45 || next === 124 || next === 58)) return true
  return /[.$/:@]/.test(bare) || /^[a-z][\w-]*$/.test(bare) || /^[A-Z]\w*[a-z]\w*[A-Z]\w*$/.test(bare)
}

/** Between two parts: blanks, and one mark such as `-`, `|`, `:`, `,`, `--`, `---`, a closing bracket. */
function skipSeparators(scan: HeaderScan): void {
  const { line } = scan
  let at = scan.at
  if (beginsLink(line, skipBlanks(line, at)) || (scan.behindPid && isIndentation(line, at))) return
  for (let code = line.charCodeAt(at); at < line.length; code = line.charCodeAt(++at)) {
    const isMark = code === 93 || code === 124 || code === 44
    const isDash = (code === 45 || code === 58) && isDashHere(line, at)
    if (isMark || isDash) {
      scan.messageStart = at + 1
      scan.padded = code === 124
    } else if (code !== 32 && code !== 9) break
  }
  scan.at = at
}

/** Of .NET's traces: ` ---> System.Exception: …`, `--- End of inner exception stack trace ---`. */
function beginsLink(line: string, at: number): boolean {
  return line.startsWith('---> ', at) || line.startsWith('--- End ', at)
}

function isIndentation(line: string, at: number): boolean {
  return line.charCodeAt(at) === 9 || (line.charCodeAt(at) === 32 && line.charCodeAt(at + 1) === 32)
}

/** A dash between blanks, the second of two, or the colon behind a part. */
function isDashHere(line: string, at: number): boolean {
  const before = line.charCodeAt(at - 1)
  const after = line.charCodeAt(at + 1)
  // `2026-03-03 09:00:00: ERROR: …`
  const behindTime = isDigit(before) && line.charCodeAt(at) === 58
  const apart = before === 32 || before === 9 || before === 45 || before === 93 || before === 41 || behindTime
  return apart && (after === 32 || after === 45 || after === 58 || Number.isNaN(after))
}

/** One blank belongs to the header; more of them are the indentation of a trace, unless they pad a level. */
function messageStart(scan: HeaderScan): number {
  const { line } = scan
  const blank = line.charCodeAt(scan.messageStart)
  if (scan.padded) return skipBlanks(line, scan.messageStart)
  return blank === 32 || blank === 9 ? scan.messageStart + 1 : scan.messageStart
}
