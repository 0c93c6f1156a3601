import type { EpochMs } from '../time.ts'
import type { ExceptionChain } from './exception.ts'

/** OpenTelemetry's short severity names; '' where the line says none. */
export type SeverityText = 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG' | 'TRACE' | ''

/** Where something stands in the logs; `line` counts physical lines from 1. */
export type LogPosition = { readonly file: string; readonly line: number }

/** One occurrence as it was written, secrets redacted, with what stood around it. Bounded: 4 kB of text. */
export type LogExample = LogPosition & {
  readonly text: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** One kind of log line or exception. */
export type Fingerprint = {
  /** Stable across runs: a hash of the template, or of an exception's types and in-app functions. */
  readonly id: string
  /** The line without its header, `<*>` where the lines of this kind differ. */
  readonly template: string
  readonly severityText: SeverityText
  readonly count: number
  readonly firstSeen: EpochMs | null
  readonly lastSeen: EpochMs | null
  /** The chain of the first occurrence; null for an ordinary line. */
  readonly exception: ExceptionChain | null
  /** The order of first occurrence over all input, from 0. */
  readonly order: number
  /** Occurrences per 10 s window (start of window → count); empty for lines without a time. */
  readonly windows: ReadonlyMap<EpochMs, number>
  /** First occurrence first; one to three. */
  readonly examples: readonly LogExample[]
}
