import type { EpochMs } from '../time.ts'
import type { FindingKind } from './finding.ts'

/** One changed place of a commit. `lines` carry their diff mark: ' ', '+' or '-'. */
export type ChangedHunk = {
  readonly file: string
  readonly oldStart: number
  readonly newStart: number
  readonly lines: readonly string[]
}

/** Why a commit may explain the failure; `weight` is in log odds and may be negative. */
export type CandidateReason = {
  readonly kind: FindingKind
  readonly summary: string
  readonly weight: number
}

/** A commit between the last good and the failing release, ranked by how well it explains the failure. */
export type CommitCandidate = {
  readonly sha: string
  readonly subject: string
  readonly committedAt: EpochMs
  /** Sum of the reasons' weights. */
  readonly score: number
  /** 0–1 over all candidates of the range. */
  readonly probability: number
  readonly reasons: readonly CandidateReason[]
  /** The hunks that the reasons speak of, the most telling first. */
  readonly hunks: readonly ChangedHunk[]
}

/** The commits that came with the failing release. */
export type ChangeRange = {
  readonly goodCommit: string | null
  readonly badCommit: string
  /** How the range was found, for the reader: `deploys file`, `tags v1.2..v1.3`, `last 50 commits`. */
  readonly how: string
  /** When the failing release went live; null where nobody said so. */
  readonly deployedAt: EpochMs | null
  readonly commits: number
  /** `shallow clone: history ends at …` and the like. */
  readonly notes: readonly string[]
}
