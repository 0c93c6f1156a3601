import { severityOfWord } from '../lines/severity-text.ts'
import { digitRun, digitsValue, isDigit } from '../lines/time-scan.ts'
import { parsedLine, skipBlanks, wordEnd } from './line-format.ts'
import type { LineParser } from './line-format.ts'

/** Python's default layout: `WARNING:app.web:message`. */
export const pythonDefault: LineParser = {
  name: 'python-logging',
  kind: 'record',
  starts: /[A-Z]/,
  parse: (line) => {
    const colon = line.indexOf(':')
    if (colon < 4 || colon > 8) return null
    const severityText = PYTHON_LEVELS.has(line.slice(0, colon)) ? severityOfWord(line.slice(0, colon)) : null
    if (severityText === null) return null
    const second = line.indexOf(':', colon + 1)
    if (second < 0 || !/^[\w.-]{1,120}$/.test(line.slice(colon + 1, second))) return null
    // `INFO:     127.0.0.1:5000` is uvicorn's; `ERROR: 12:00` a sentence.
    if (isDigit(line.charCodeAt(colon + 1))) return null
    return parsedLine({ severityText, message: line.slice(second + 1), messageStart: second + 1 })
  },
}

const PYTHON_LEVELS = new Set(['DEBUG', 'INFO', 'WARNING', 'WARN', 'ERROR', 'CRITICAL', 'FATAL'])

/** Flask: `[2026-03-03 09:00:00,123] ERROR in app: Exception on / [GET]`. */
export const flaskDefault: LineParser = {
  name: 'python-logging',
  kind: 'record',
  starts: /[[A-Z]/,
  parse: (line, time) => {
    const start = line.charCodeAt(0) === 91 ? 1 : 0
    const timestamp = start === 1 ? time.read(line, 1) : Number.NaN
    if (start === 1 && (Number.isNaN(timestamp) || line.charCodeAt(time.end) !== 93)) return null
    const at = start === 1 ? skipBlanks(line, time.end + 1) : 0
    const end = wordEnd(line, at)
    if (!line.startsWith(' in ', end) || !PYTHON_LEVELS.has(line.slice(at, end))) return null
    const colon = line.indexOf(': ', end)
    if (colon < 0 || colon - end > 80 || line.slice(end + 4, colon).includes(' ')) return null
    const severityText = severityOfWord(line.slice(at, end)) ?? ''
    return parsedLine({ timestamp, severityText, message: line.slice(colon + 2), messageStart: colon + 2 })
  },
}

/** Ruby's Logger: `E, [2026-03-03T09:00:00.123456 #17] ERROR -- progname: message`. */
export const rubyLogger: LineParser = {
  name: 'ruby-logger',
  kind: 'record',
  starts: /[A-Z]/,
  parse: (line, time) => {
    if (line.charCodeAt(1) !== 44 || !line.startsWith(', [', 1)) return null
    const timestamp = time.read(line, 4)
    const close = line.indexOf(']', 4)
    if (Number.isNaN(timestamp) || close < 0) return null
    const pid = line.slice(time.end, close).trim().replace('#', '')
    const dashes = line.indexOf(' -- ', close)
    if (dashes < 0 || dashes - close > 12) return null
    const colon = line.indexOf(':', dashes + 4)
    if (colon < 0 || colon - dashes > 80) return null
    const messageStart = line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1
    const severityText =
      severityOfWord(line.slice(close + 1, dashes).trim()) ?? severityOfWord(line.charAt(0)) ?? 'INFO'
    return parsedLine({
      timestamp,
      severityText,
      message: line.slice(messageStart),
      messageStart,
      stream: pid,
    })
  },
}

/** Google's C++ and Kubernetes' loggers: `E0303 09:00:00.123456   17 server.go:88] message`. */
export const glog: LineParser = {
  name: 'glog',
  kind: 'record',
  starts: /[A-Z]/,
  parse: (line, time) => {
    const run = digitRun(line, 1)
    if ((run !== 4 && run !== 8) || !'IWEFD'.includes(line.charAt(0)) || line.charCodeAt(1 + run) !== 32)
      return null
    const close = line.indexOf('] ', 6)
    if (close < 0 || close > 160) return null
    const month = digitsValue(line, run - 3, 2)
    const day = digitsValue(line, run - 1, 2)
    const clock = line.slice(run + 2, run + 18).split(' ', 1)[0] ?? ''
    const date = run === 8 ? `${line.slice(1, 9)} ${clock}` : `${pad(month)}-${pad(day)} ${clock}`
    const timestamp = time.read(date, 0)
    if (Number.isNaN(timestamp)) return null
    return parsedLine({
      timestamp,
      severityText: severityOfWord(line.charAt(0)) ?? '',
      message: line.slice(close + 2),
      messageStart: close + 2,
    })
  },
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

const ANDROID_TAG = /^([VDIWEFA])\/([^(:]{1,80}?)\s*\(\s*(\d+)\): ?/
const ANDROID_THREADTIME = /^\s+(\d+)\s+(\d+) ([VDIWEFA]) ([^:]{0,80}?)\s*: ?/

/** Android's logcat: `03-17 16:13:38.811  1702  2395 D Tag: message`, and `E/Tag( 1702): message` with or without time. */
export const logcat: LineParser = {
  name: 'logcat',
  kind: 'record',
  starts: /[\dA-Z]/,
  parse: (line, time) => {
    const timed = isDigit(line.charCodeAt(0))
    if (!timed && line.charCodeAt(1) !== 47) return null
    const timestamp = timed ? time.read(line, 0) : Number.NaN
    if (timed && (Number.isNaN(timestamp) || time.end > 32 || !mayBeLogcat(line, time.end))) return null
    const rest = timed ? line.slice(time.end, time.end + 200) : line.slice(0, 200)
    const start = timed ? time.end : 0
    const threadtime = timed ? ANDROID_THREADTIME.exec(rest) : null
    const blank = timed && threadtime === null ? skipBlanks(rest, 0) : 0
    const found = threadtime ?? ANDROID_TAG.exec(rest.slice(blank))
    if (found === null) return null
    const messageStart = start + blank + found[0].length
    const [, first = '', , third = ''] = found
    return parsedLine({
      timestamp,
      severityText: severityOfLetter(threadtime === null ? first : third),
      message: line.slice(messageStart),
      messageStart,
      stream: threadtime === null ? third : first,
    })
  },
}

/** Behind the time: two numbers, or a letter and a slash. */
function mayBeLogcat(line: string, timeEnd: number): boolean {
  const at = skipBlanks(line, timeEnd)
  return isDigit(line.charCodeAt(at)) || line.charCodeAt(at + 1) === 47
}

function severityOfLetter(letter: string) {
  return letter === 'A' ? 'FATAL' : letter === 'F' ? 'FATAL' : (severityOfWord(letter) ?? '')
}

const DOTNET_LEVELS = new Set(['trce', 'dbug', 'info', 'warn', 'fail', 'crit'])

/** .NET's console logger: `fail: Acme.Cart[0]`, the message indented on the next lines, or behind on the same. */
export const dotnetConsole: LineParser = {
  name: 'dotnet-console',
  kind: 'record',
  starts: /[a-z]/,
  parse: (line) => {
    if (line.charCodeAt(4) !== 58 || line.charCodeAt(5) !== 32 || !DOTNET_LEVELS.has(line.slice(0, 4)))
      return null
    const close = line.indexOf(']', 6)
    const category = close < 0 ? '' : line.slice(6, close + 1)
    if (!/^[\w.`+<>,]+\[-?\d+\]$/.test(category)) return null
    const behind = skipBlanks(line, close + 1)
    const messageStart = behind < line.length ? behind : 6
    const severityText = severityOfWord(line.slice(0, 4)) ?? ''
    return parsedLine({ severityText, message: line.slice(messageStart), messageStart })
  },
}

const REDIS_MARKS: Readonly<Record<string, 'DEBUG' | 'INFO' | 'WARN'>> = {
  '.': 'DEBUG',
  '-': 'INFO',
  '*': 'INFO',
  '#': 'WARN',
}

/** Redis and Valkey: `1:M 03 Mar 2026 09:00:00.123 # message`. */
export const redis: LineParser = {
  name: 'redis',
  kind: 'record',
  starts: /\d/,
  parse: (line, time) => {
    const run = digitRun(line, 0)
    if (run === 0 || run > 7 || line.charCodeAt(run) !== 58 || !'MSCX'.includes(line.charAt(run + 1) || '?'))
      return null
    const timestamp = time.read(line, run + 3)
    const severityText = REDIS_MARKS[line.charAt(time.end + 1)]
    if (Number.isNaN(timestamp) || severityText === undefined) return null
    const messageStart = time.end + 3
    return parsedLine({
      timestamp,
      severityText,
      message: line.slice(messageStart),
      messageStart,
      stream: line.slice(0, run),
    })
  },
}
