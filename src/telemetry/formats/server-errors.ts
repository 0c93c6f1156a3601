import type { SeverityText } from '../fingerprint.ts'
import { severityOfWord } from '../lines/severity-text.ts'
import { isDigit } from '../lines/time-scan.ts'
import { parsedLine, readHead, skipBlanks } from './line-format.ts'
import type { LineParser } from './line-format.ts'

const NGINX = /^ \[(debug|info|notice|warn|error|crit|alert|emerg)\] (\d+)#\d+: (?:\*\d+ )?/

/** nginx's error log: `2026/03/03 09:00:00 [error] 7#7: *1 connect() failed … client: 10.0.0.1, request: "GET /x …"`. */
export const nginxError: LineParser = {
  name: 'nginx-error',
  kind: 'record',
  starts: /\d/,
  parse: (line, time) => {
    if (line.charCodeAt(4) !== 47 || line.charCodeAt(20) !== 91) return null
    const head = readHead(line, time, { from: 0, pattern: NGINX, within: 80 })
    if (head === null) return null
    const { timestamp, found, messageStart } = head
    return parsedLine({
      timestamp,
      severityText: severityOfWord(found[1] ?? '') ?? '',
      message: line.slice(messageStart),
      messageStart,
      stream: found[2] ?? '',
      service: 'nginx',
    })
  },
}

const APACHE =
  /^\] \[(?:\w*:)?(debug|info|notice|warn|error|crit|alert|emerg|trace)\d?\] (?:\[pid (\d+)(?::tid \d+)?\] )?(?:\[(?:client|remote) [^\]]+\] )?/

/** Apache's error log: `[Sun Dec 04 04:47:44.12 2005] [core:error] [pid 7:tid 8] [client 10.0.0.1:9] message`. */
export const apacheError: LineParser = {
  name: 'apache-error',
  kind: 'record',
  starts: /\[/,
  parse: (line, time) => {
    if (line.charCodeAt(0) !== 91 || line.charCodeAt(4) !== 32) return null
    const head = readHead(line, time, { from: 1, pattern: APACHE, within: 200 })
    if (head === null) return null
    const { timestamp, found, messageStart } = head
    return parsedLine({
      timestamp,
      severityText: severityOfWord(found[1] ?? '') ?? '',
      message: line.slice(messageStart),
      messageStart,
      stream: found[2] ?? '',
    })
  },
}

const POSTGRES: Readonly<Record<string, SeverityText>> = {
  PANIC: 'FATAL',
  FATAL: 'FATAL',
  ERROR: 'ERROR',
  WARNING: 'WARN',
  NOTICE: 'INFO',
  LOG: 'INFO',
  INFO: 'INFO',
  STATEMENT: 'INFO',
  DETAIL: 'INFO',
  HINT: 'INFO',
  CONTEXT: 'INFO',
  QUERY: 'INFO',
  LOCATION: 'INFO',
  DEBUG: 'DEBUG',
  DEBUG1: 'DEBUG',
  DEBUG2: 'DEBUG',
}

/** PostgreSQL: `2026-03-03 09:00:02.000 UTC [27] user@db ERROR:  relation "x" does not exist`. */
export const postgres: LineParser = {
  name: 'postgresql',
  kind: 'record',
  starts: /\d/,
  parse: (line, time) => {
    if (line.charCodeAt(4) !== 45 || line.charCodeAt(10) !== 32) return null
    const colon = line.indexOf(':  ', 20)
    if (colon < 0 || colon > 220) return null
    const word = line.slice(line.lastIndexOf(' ', colon) + 1, colon)
    const severityText = Object.hasOwn(POSTGRES, word) ? POSTGRES[word] : undefined
    if (severityText === undefined) return null
    const timestamp = time.read(line, 0)
    if (Number.isNaN(timestamp)) return null
    const pid = /\[(\d+)(?:-\d+)?\]/.exec(line.slice(time.end, colon))
    const messageStart = colon + 3
    return parsedLine({
      timestamp,
      severityText,
      message: line.slice(messageStart),
      messageStart,
      stream: pid?.[1] ?? '',
      service: 'postgresql',
    })
  },
}

const MYSQL = /^\s+(\d+) \[(ERROR|Warning|Note|System)\] (?:\[MY-\d+\] )?(?:\[\w+\] )?/

/** MySQL and MariaDB: `2026-03-03T09:00:00.123456Z 8 [ERROR] [MY-010584] [Repl] message`. */
export const mysql: LineParser = {
  name: 'mysql',
  kind: 'record',
  starts: /\d/,
  parse: (line, time) => {
    const first = line.charCodeAt(0)
    if (first < 48 || first > 57 || !line.includes(' [')) return null
    const timestamp = time.read(line, 0)
    if (Number.isNaN(timestamp) || !isDigit(line.charCodeAt(skipBlanks(line, time.end)))) return null
    const found = MYSQL.exec(line.slice(time.end, time.end + 100))
    if (found === null) return null
    const messageStart = skipBlanks(line, time.end + found[0].length)
    const word = found[2] === 'System' ? 'Note' : (found[2] ?? '')
    return parsedLine({
      timestamp,
      severityText: severityOfWord(word) ?? '',
      message: line.slice(messageStart),
      messageStart,
      service: 'mysql',
    })
  },
}
