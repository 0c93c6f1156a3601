import type { ChangeRange, CommitCandidate } from './commit-candidate.ts'
import type { Factor } from './factor.ts'
import type { ProposedFix } from './fix.ts'
import type { SourceExplanation } from './source-explanation.ts'

/** The answer to "why", with everything that a review shows of it. */
export type Diagnosis = {
  /** Most likely first. Empty, or all of low confidence, when `inconclusive`. */
  readonly factors: readonly Factor[]
  readonly inconclusive: boolean
  /** What to look at next; never empty when inconclusive. */
  readonly nextSteps: readonly string[]
  readonly candidates: readonly CommitCandidate[]
  readonly range: ChangeRange | null
  readonly explanations: readonly SourceExplanation[]
  readonly fixes: readonly ProposedFix[]
  /** Collectors that failed, in words; the others' findings stand. */
  readonly problems: readonly string[]
}
