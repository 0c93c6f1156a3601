import type { NoAnswer } from '../request.ts'
import type { EpochMs } from '../../time.ts'
import type { SeverityText } from '../fingerprint.ts'

/** What a format needs to know that no line says. */
export type ParseContext = {
  /** IANA zone of times that carry none. */
  readonly timeZone: string
  /** A missing year is the latest that does not lie after this. */
  readonly now: EpochMs
  /** A time with a year that other lines of the file have: a missing year is the one nearest to it. */
  readonly yearNear?: EpochMs
}

/** A request as a log line tells it. `client` is the user or session where the line has one, else the address. */
export type LoggedRequest = {
  readonly method: string
  /** As logged, query included. */
  readonly path: string
  readonly status: number | null
  readonly durationMs: number | null
  /** Why nobody was answered, where the log says so. */
  readonly noAnswer?: NoAnswer | null
  readonly client: string | null
}

/** One line, taken apart. */
export type ParsedLine = {
  readonly timestamp: EpochMs | null
  /** As the line says it, or inferred from how the message begins; '' where nothing tells. */
  readonly severityText: SeverityText
  /** The text without headers of any layer. */
  readonly message: string
  /** Offset in the line at which `message` begins; -1 when it was rebuilt (JSON escapes, colours taken out). */
  readonly messageStart: number
  /** Separates interleaved writers: pid, container, host and program; '' where the line does not tell. */
  readonly stream: string
  readonly service: string | null
  readonly request: LoggedRequest | null
  /** One of the two lines that tell a request together: such lines must not be skipped, though `request` is null. */
  readonly opensRequest?: boolean
  /** The record's fields where it has names for them (JSON, logfmt). */
  readonly fields: Record<string, unknown> | null
  /** The runtime cut the line here; the next one of the stream goes on with it. */
  readonly partial: boolean
  /** False: no header at all. The line goes on with the record before it, or is a plain `print`. */
  readonly headed: boolean
}
