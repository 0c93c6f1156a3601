import type { EpochMs } from '../time.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { RequestOutcome } from './request.ts'

/** What was found out about one input. */
export type LogFileSummary = {
  readonly file: string
  /** A short name of the recognised format, such as `json-lines`, `syslog-3164`, `python-logging`, `plain`. */
  readonly format: string
  readonly lines: number
  readonly bytes: number
  readonly firstSeen: EpochMs | null
  readonly lastSeen: EpochMs | null
  /** What a reader should know: `clock jumped back 3 h at line 812`, `12 lines were cut at 1 MB`, … */
  readonly notes: readonly string[]
}

/** Everything that the stages after it learn from logs: bounded, whatever the size of the input. */
export type LogDigest = {
  /** Physical lines. */
  readonly lines: number
  readonly bytes: number
  readonly files: readonly LogFileSummary[]
  readonly firstSeen: EpochMs | null
  readonly lastSeen: EpochMs | null
  /** Errors first (FATAL, ERROR, exceptions), then WARN, then the rest; within a class by order of appearance. */
  readonly fingerprints: readonly Fingerprint[]
  /** One group id per physical line, files in the order given; only where it was asked for. */
  readonly groups: readonly number[] | null
}

/**
 * Takes log bytes as they arrive and keeps what `LogDigest` needs. Chunks of one source may split lines and
 * characters anywhere. Requests found in access-log lines are handed to `onRequest` as they are read.
 */
export type LogDigester = {
  write(source: string, chunk: Uint8Array): void
  /** The source is complete: its last line and last exception are finished. `isCut`: what waits is no whole line. */
  end(source: string, how?: { readonly isCut: boolean }): void
  /** May be called at any time, also between writes; the digester goes on afterwards. */
  digest(): LogDigest
}

export type LogDigesterOptions = {
  /** IANA zone for times without one; UTC by default. */
  readonly timeZone?: string
  readonly since?: EpochMs | null
  readonly until?: EpochMs | null
  /** The year for formats that have none is the latest that does not lie after this. */
  readonly now: EpochMs
  /** Paths of the repository's files, to tell the application's own frames from library code. */
  readonly repositoryFiles?: ReadonlySet<string>
  readonly withGroups?: boolean
  readonly onRequest?: (outcome: RequestOutcome) => void
}
