import type { ChangeRange, CommitCandidate } from '../commit-candidate.ts'
import type { Evidence } from '../evidence.ts'
import type { WeighedFingerprint } from '../failing-fingerprints.ts'
import type { CodeLocation } from '../factor.ts'
import type { Finding } from '../finding.ts'
import type { SourceExplanation } from '../source-explanation.ts'

/** A failing frame with what the source around it says. */
export type ExplainedFrame = {
  readonly explanation: SourceExplanation
  readonly fingerprint: WeighedFingerprint
  /** 0 for the innermost frame of the application's own, 1 for its caller. */
  readonly depth: number
}

/** All that a collector may look at: what was seen, and what was read of source and history because of it. */
export type CollectorInput = {
  readonly evidence: Evidence
  readonly fingerprints: readonly WeighedFingerprint[]
  readonly explained: readonly ExplainedFrame[]
  readonly range: ChangeRange | null
  readonly candidates: readonly CommitCandidate[]
  /** By commit: where its most telling change stands in the source as it is now. */
  readonly places: ReadonlyMap<string, CodeLocation>
}

/** Makes findings from one source of evidence. It says what was observed, never what that means. */
export type Collector = (input: CollectorInput) => Promise<readonly Finding[]>
