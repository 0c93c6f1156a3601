import type { Detection } from '../detect/index.ts'
import type { Diagnosis } from '../diagnose/index.ts'
import type { Impact, Severity, SlaAccount, TimelineEvent } from '../incident/index.ts'
import type { Deploy, LogDigest, ProcessRecord, RequestSummary } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Proof } from '../verify/index.ts'

/** All facts that a review is made from; nothing is looked up later. */
export type ReviewInput = {
  readonly how: 'run' | 'investigate'
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly deploys: readonly Deploy[]
  /** Null: nothing wrong was found. */
  readonly detection: Detection | null
  readonly impact: Impact
  readonly severity: { readonly severity: Severity; readonly reason: string }
  readonly sla: SlaAccount | null
  readonly diagnosis: Diagnosis | null
  readonly proof: Proof
  readonly timeline: readonly TimelineEvent[]
  readonly diagnosedAt: EpochMs | null
  readonly generatedAt: EpochMs
}

/** A pointer to a finding, by which a reader can check. */
export type FindingRef = { readonly source: string; readonly summary: string }

/** One step of the five whys; never without a finding. */
export type Why = {
  readonly why: string
  readonly because: string
  readonly findings: readonly FindingRef[]
}

export type FiveWhys = {
  readonly steps: readonly Why[]
  /** What the evidence cannot answer, for the people who can. */
  readonly askPeople: readonly string[]
}

export type ActionItem = {
  readonly title: string
  readonly kind: 'fix' | 'detect' | 'mitigate' | 'process'
  readonly priority: 'high' | 'medium' | 'low'
}

export type IncidentStatus = 'open' | 'resolved' | 'closed'

/** The finished post-incident review, ready to be written down. Text may hold `code` between backticks. */
export type Review = ReviewInput & {
  readonly title: string
  readonly status: IncidentStatus
  /** Sentences that a manager understands. */
  readonly summary: readonly string[]
  /** Ids of fingerprints that were not seen before the incident. */
  readonly newFingerprints: ReadonlySet<string>
  readonly fiveWhys: FiveWhys
  readonly wentWell: readonly string[]
  readonly wentBadly: readonly string[]
  readonly lessons: readonly string[]
  readonly prevention: readonly string[]
  readonly actionItems: readonly ActionItem[]
}
