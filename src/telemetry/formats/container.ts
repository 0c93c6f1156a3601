import type { TimestampReader } from '../lines/timestamp.ts'
import type { ParsedLine } from '../lines/parsed-line.ts'
import { parsedLine, skipBlanks } from './line-format.ts'
import type { LineParser } from './line-format.ts'

/** Kubernetes' container runtime interface: `2026-03-03T09:00:00.175000123Z stdout F message`; P marks a cut line. */
export const kubernetesCri: LineParser = {
  name: 'kubernetes-cri',
  kind: 'envelope',
  starts: /\d/,
  parse: (line, time) => {
    const space = line.indexOf(' ')
    if (space < 20 || space > 40 || line.charCodeAt(10) !== 84) return null
    const stream = line.startsWith('stdout ', space + 1) ? 'stdout' : 'stderr'
    if (!line.startsWith(stream, space + 1)) return null
    const tag = line.charCodeAt(space + 8)
    if ((tag !== 70 && tag !== 80) || line.charCodeAt(space + 7) !== 32) return null
    const next = line.charCodeAt(space + 9)
    if (next !== 32 && !Number.isNaN(next)) return null
    const timestamp = time.read(line, 0)
    if (Number.isNaN(timestamp)) return null
    const messageStart = Math.min(space + 10, line.length)
    return parsedLine({
      timestamp,
      message: line.slice(messageStart),
      messageStart,
      stream,
      partial: tag === 80,
    })
  },
}

/** `docker compose logs` and the like: `web-1  | message`, also foreman's `09:00:00 web.1 | message`. */
export const composePrefix: LineParser = {
  name: 'docker-compose',
  kind: 'envelope',
  starts: /\w/,
  parse: parseCompose,
}

const COMPOSE_NAME = /^(?:\d+\|)?[A-Za-z][\w.-]{0,80}$/

function parseCompose(line: string, time: TimestampReader): ParsedLine | null {
  const bar = line.indexOf('| ')
  const end = bar >= 0 ? bar : line.endsWith(' |') ? line.length - 1 : -1
  if (end < 2 || end > 100 || line.charCodeAt(end - 1) !== 32) return null
  const timestamp = time.read(line, 0)
  const nameStart = Number.isNaN(timestamp) ? 0 : skipBlanks(line, time.end)
  const name = line.slice(nameStart, end).trimEnd()
  if (!COMPOSE_NAME.test(name)) return null
  // A bar behind a lone word is also how tables look: a number or at least two spaces tell a container.
  if (!/[-_.]\d+$/.test(name) && !line.startsWith('  |', end - 2) && Number.isNaN(timestamp)) return null
  const messageStart = Math.min(end + 2, line.length)
  const service = name.replace(/^\d+\|/, '').replace(/[-_.]\d+$/, '')
  return parsedLine({ timestamp, message: line.slice(messageStart), messageStart, stream: name, service })
}

/** `kubectl logs --prefix`: `[pod/web-7f9/app] message`. */
export const kubectlPrefix: LineParser = {
  name: 'kubectl-prefix',
  kind: 'envelope',
  starts: /\[/,
  parse: (line) => {
    if (!line.startsWith('[pod/')) return null
    const close = line.indexOf('] ')
    if (close < 0 || close > 200) return null
    const name = line.slice(5, close)
    const service = name.split('/', 2)[1] ?? null
    return parsedLine({ message: line.slice(close + 2), messageStart: close + 2, stream: name, service })
  },
}
