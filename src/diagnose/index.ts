// In: what was seen, the source, its history, a look at the database. Out: ranked factors with evidence, and fixes.
// Refuses to know: how a fix is tried, and how a review reads.
export type { FindingKind } from './finding.ts'
export type { ChangedHunk, CommitCandidate, ChangeRange } from './commit-candidate.ts'
export type { Factor } from './factor.ts'
export type { ProposedFix } from './fix.ts'
export type { Evidence } from './evidence.ts'
export type { Diagnosis } from './diagnosis.ts'
export type { SourceExplanation } from './source-explanation.ts'
export { findChangeRange } from './change-range.ts'
export { rankCommits } from './rank-commits.ts'
export type { Symptoms } from './symptoms.ts'
export { diagnose } from './diagnose.ts'
export { confirmFirstFactor } from './confirm-factor.ts'
