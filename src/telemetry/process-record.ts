import type { EpochMs } from '../time.ts'

/** What was seen of a supervised program. */
export type ProcessRecord = {
  readonly command: readonly string[]
  readonly startedAt: EpochMs
  /** Its first HTTP answer, a 500 too; null when it never answered. */
  readonly readyAt: EpochMs | null
  /** Null while it runs, or when we ended it ourselves. */
  readonly exitedAt: EpochMs | null
  readonly exitCode: number | null
  readonly signal: string | null
  /** Resident memory of the process group, a sample every few seconds. */
  readonly memory: readonly { readonly at: EpochMs; readonly bytes: number }[]
}
