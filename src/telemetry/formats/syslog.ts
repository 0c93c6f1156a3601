import type { ParsedLine } from '../lines/parsed-line.ts'
import { severityOfSyslog, severityOfWord } from '../lines/severity-text.ts'
import type { TimestampReader } from '../lines/timestamp.ts'
import { parsedLine, skipBlanks, wordEnd } from './line-format.ts'
import type { LineParser } from './line-format.ts'

/** RFC 5424: `<14>1 2026-03-03T09:00:00.480Z web01 shop 4121 ID47 [data] message`. */
export const syslog5424: LineParser = {
  name: 'syslog-5424',
  kind: 'envelope',
  starts: /</,
  parse: (line, time) => {
    const priority = readPriority(line)
    if (
      priority === null ||
      line.charCodeAt(priority.end) !== 49 ||
      line.charCodeAt(priority.end + 1) !== 32
    ) {
      return null
    }
    const timeStart = priority.end + 2
    const timestamp = line.charCodeAt(timeStart) === 45 ? Number.NaN : time.read(line, timeStart)
    const timeEnd = Number.isNaN(timestamp) ? timeStart + 1 : time.end
    const words = readWords(line, skipBlanks(line, timeEnd), 4)
    if (words === null) return null
    const [host = '', program = '', pid = ''] = words.list
    const messageStart = behindStructuredData(line, words.end)
    return parsedLine({
      timestamp,
      severityText: severityOfSyslog(priority.value & 7),
      message: line.slice(messageStart),
      messageStart,
      stream: `${host} ${program} ${pid}`,
      service: program === '-' ? null : program,
    })
  },
}

function readPriority(line: string): { value: number; end: number } | null {
  if (line.charCodeAt(0) !== 60) return null
  const close = line.indexOf('>')
  if (close < 2 || close > 4) return null
  const value = Number(line.slice(1, close))
  return Number.isInteger(value) && value <= 191 ? { value, end: close + 1 } : null
}

function readWords(line: string, from: number, count: number): { list: string[]; end: number } | null {
  const list: string[] = []
  let at = from
  for (let i = 0; i < count; i++) {
    const end = wordEnd(line, at)
    if (end === at) return null
    list.push(line.slice(at, end))
    at = end + 1
  }
  return { list, end: at }
}

/** `-`, or `[id key="value"]…` where `\]` does not close; then a space and perhaps a byte-order mark. */
function behindStructuredData(line: string, from: number): number {
  let at = from
  if (line.charCodeAt(at) === 45) at++
  while (line.charCodeAt(at) === 91) {
    let close = line.indexOf(']', at)
    while (close > 0 && line.charCodeAt(close - 1) === 92) close = line.indexOf(']', close + 1)
    if (close < 0) break
    at = close + 1
  }
  if (line.charCodeAt(at) === 32) at++
  return line.charCodeAt(at) === 0xfe_ff ? at + 1 : Math.min(at, line.length)
}

/**
 * RFC 3164 and what syslog daemons and journald write to files: `Mar  3 09:00:00 web01 shop[4121]: message`, with or
 * without priority, with the ISO times of newer daemons; Elastic Beanstalk's `web.stdout.log` is of this kind.
 */
export const syslog3164: LineParser = {
  name: 'syslog-3164',
  kind: 'envelope',
  starts: /[<\dA-Z]/,
  parse: parse3164,
}

function parse3164(line: string, time: TimestampReader): ParsedLine | null {
  const priority = readPriority(line)
  const start = priority?.end ?? 0
  const first = line.charCodeAt(start)
  const named = first >= 65 && first <= 90
  // With digits first only `2026-03-03T…` is syslog.
  if (!named && (line.charCodeAt(start + 10) !== 84 || !(first >= 48 && first <= 57))) return null
  const timestamp = time.read(line, start)
  if (Number.isNaN(timestamp) || line.charCodeAt(time.end) !== 32) return null
  const origin = readOrigin(line, skipBlanks(line, time.end), { strict: !named && priority === null })
  if (origin === null) {
    // A priority and a time are enough; the rest is the message.
    if (priority === null) return null
    const messageStart = skipBlanks(line, time.end)
    const severityText = severityOfSyslog(priority.value & 7)
    return parsedLine({ timestamp, severityText, message: line.slice(messageStart), messageStart })
  }
  return parsedLine({
    timestamp,
    severityText: priority === null ? '' : severityOfSyslog(priority.value & 7),
    message: line.slice(origin.messageStart),
    messageStart: origin.messageStart,
    stream: `${origin.host} ${origin.program} ${origin.pid}`,
    service: origin.program,
  })
}

type Origin = { host: string; program: string; pid: string; messageStart: number }

const LABEL = /^([A-Za-z_][\w./()@+-]{0,80}?)(?:\[([\w./-]{1,40})\])?:$/
/** macOS writes the service behind the pid: `com.apple.xpc.launchd[1] (com.apple.mdworker[2]): …` */
const LABEL_AND_SERVICE = /^([A-Za-z_][\w./@+-]{0,80}?)(?:\[(\d+)\])? \([^)]{1,160}\):/

function readOrigin(line: string, at: number, options: { strict: boolean }): Origin | null {
  const hostEnd = wordEnd(line, at)
  const host = line.slice(at, hostEnd)
  const own = LABEL.exec(host)
  // No host: `Mar  3 09:00:00 shop[4121]: message`.
  if (own !== null && (own[2] !== undefined || !options.strict)) {
    return severityOfWord(own[1] ?? '') === null ? originOf(own, '', hostEnd, line) : null
  }
  if (severityOfWord(host) !== null || host.startsWith('[') || hostEnd >= line.length) return null
  const programAt = skipBlanks(line, hostEnd)
  const programEnd = wordEnd(line, programAt)
  const label = LABEL.exec(line.slice(programAt, programEnd))
  if (
    label !== null &&
    (label[2] !== undefined || !options.strict || severityOfWord(label[1] ?? '') === null)
  ) {
    return originOf(label, host, programEnd, line)
  }
  if (line.charCodeAt(programEnd + 1) !== 40) return null
  const withService = LABEL_AND_SERVICE.exec(line.slice(programAt, programAt + 300))
  return withService === null ? null : originOf(withService, host, programAt + withService[0].length, line)
}

/** Seconds since the start: `[12345.678901] `. */
const KERNEL_CLOCK = /^\[ *\d+\.\d+\] /

// oxlint-disable-next-line max-params -- the four places of one match
function originOf(label: RegExpExecArray, host: string, end: number, line: string): Origin {
  const program = label[1] ?? ''
  let messageStart = line.charCodeAt(end) === 32 ? end + 1 : end
  if (program === 'kernel')
    messageStart += KERNEL_CLOCK.exec(line.slice(messageStart, messageStart + 24))?.[0].length ?? 0
  return { host, program, pid: label[2] ?? '', messageStart }
}

/** Heroku's log stream: `2026-03-03T09:00:00.371+00:00 app[web.1]: message`. */
export const heroku: LineParser = {
  name: 'heroku',
  kind: 'envelope',
  starts: /\d/,
  parse: (line, time) => {
    if (line.charCodeAt(10) !== 84) return null
    const open = line.indexOf('[', 19)
    if (open < 0 || open > 60) return null
    const close = line.indexOf(']: ', open)
    if (close < 0 || close - open > 60) return null
    const timestamp = time.read(line, 0)
    if (Number.isNaN(timestamp) || line.charCodeAt(time.end) !== 32) return null
    const source = line.slice(time.end + 1, open)
    if (!/^[a-z][a-z0-9-]*$/.test(source)) return null
    const dyno = line.slice(open + 1, close)
    const service = source === 'app' ? dyno.replace(/\.\d+$/, '') : source
    const messageStart = close + 3
    return parsedLine({
      timestamp,
      message: line.slice(messageStart),
      messageStart,
      stream: `${source} ${dyno}`,
      service,
    })
  },
}
