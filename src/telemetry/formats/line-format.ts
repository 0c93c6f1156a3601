import type { SeverityText } from '../fingerprint.ts'
import type { LoggedRequest, ParsedLine } from '../lines/parsed-line.ts'
import type { TimestampReader } from '../lines/timestamp.ts'

/**
 * One way of writing a line. A format looks at one line at a time, refuses in a few comparisons what is not its own,
 * and never guesses: what no format claims is read by `text-header.ts`.
 */
export type LineParser = {
  /** The name that a reader knows it by. */
  readonly name: string
  /**
   * `envelope`: its message is a line of another format, which is read in turn. `record`: the message is what was
   * said. `loose`: fits many lines, asked last.
   */
  readonly kind: 'envelope' | 'record' | 'loose'
  /** The characters that its lines begin with; it is not asked about others. */
  readonly starts: RegExp
  parse(line: string, time: TimestampReader): ParsedLine | null
}

type Parts = {
  readonly message: string
  readonly messageStart?: number
  readonly timestamp?: number
  readonly severityText?: SeverityText
  readonly stream?: string
  readonly service?: string | null
  readonly request?: LoggedRequest | null
  readonly fields?: Record<string, unknown> | null
  readonly partial?: boolean
  readonly headed?: boolean
}

/** A parsed line from the parts that a format has; NaN is no time. One shape of object, so that readers stay fast. */
export function parsedLine(parts: Parts): ParsedLine {
  const { timestamp = Number.NaN } = parts
  return {
    timestamp: Number.isNaN(timestamp) ? null : timestamp,
    severityText: parts.severityText ?? '',
    message: parts.message,
    messageStart: parts.messageStart ?? -1,
    stream: parts.stream ?? '',
    service: parts.service ?? null,
    request: parts.request ?? null,
    fields: parts.fields ?? null,
    partial: parts.partial ?? false,
    headed: parts.headed ?? true,
  }
}

/** Behind any spaces and tabs at `pos`. */
export function skipBlanks(line: string, pos: number): number {
  let at = pos
  while (line.charCodeAt(at) === 32 || line.charCodeAt(at) === 9) at++
  return at
}

/** The end of the word at `pos`: the next space or tab, or the end of the line. */
export function wordEnd(line: string, pos: number): number {
  let at = pos
  while (at < line.length && line.charCodeAt(at) !== 32 && line.charCodeAt(at) !== 9) at++
  return at
}

/** The time at `from`, and what `pattern` finds within so many characters behind it; null where either is missing. */
export function readHead(
  line: string,
  time: TimestampReader,
  { from, pattern, within }: { readonly from: number; readonly pattern: RegExp; readonly within: number },
): { readonly timestamp: number; readonly found: RegExpExecArray; readonly messageStart: number } | null {
  const timestamp = time.read(line, from)
  if (Number.isNaN(timestamp)) return null
  const found = pattern.exec(line.slice(time.end, time.end + within))
  return found && { timestamp, found, messageStart: time.end + found[0].length }
}
