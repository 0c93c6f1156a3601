import { confirmFirstFactor, type Diagnosis, type Evidence, type ProposedFix } from '../diagnose/index.ts'
import type { Detection } from '../detect/index.ts'
import { detect } from '../detect/index.ts'
import {
  accountSla,
  assessImpact,
  buildTimeline,
  proposeSeverity,
  severityFallback,
} from '../incident/index.ts'
import { buildReview, type Review } from '../review/index.ts'
import type { DowntimeObjective } from '../duration.ts'
import type { DatabaseProbe, Deploy, LogDigest, ProcessRecord, RequestSummary } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Proof } from '../verify/index.ts'

/** Everything that was seen, before anybody asked why. */
export type Observed = {
  readonly how: 'run' | 'investigate'
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly repository: string | null
  readonly deploys: readonly Deploy[]
  readonly databaseProbes: readonly DatabaseProbe[]
  readonly observedFrom: EpochMs | null
  readonly observedUntil: EpochMs | null
  readonly objective: DowntimeObjective | null
}

export type Responders = {
  readonly now: () => EpochMs
  readonly diagnose: (evidence: Evidence) => Promise<Diagnosis>
  /** Tries the first fix; says why where it cannot. */
  readonly prove: (fix: ProposedFix, detection: Detection) => Promise<Proof>
  readonly onProgress: (text: string) => void
}

export type Response = {
  readonly review: Review
  readonly diagnosis: Diagnosis | null
  readonly patch: string | null
}

const NOTHING_TO_PROVE: Proof = {
  kind: 'not-tried',
  reason: 'no patch was found that would remove the cause',
}

/**
 * The response loop: notice, find out why, prove the fix, learn. Each step sees only what the steps before it found;
 * all the waiting is in the functions that were handed in.
 */
export async function respond(responders: Responders, observed: Observed): Promise<Response> {
  const detection = detect(observed)
  const impact = assessImpact({ ...observed, detection })
  const sla = observed.objective ? accountSla(observed.objective, impact.downtimeMs) : null
  const facts = { ...observed, detection, impact, sla }
  if (!detection) {
    const timeline = buildTimeline({ ...facts, milestones: [] })
    const review = buildReview({
      ...facts,
      severity: proposeSeverity(impact, severityFallback(null)),
      diagnosis: null,
      proof: NOTHING_TO_PROVE,
      timeline,
      diagnosedAt: null,
      generatedAt: responders.now(),
    })
    return { review, diagnosis: null, patch: null }
  }

  responders.onProgress(`${detection.summary}; looking for the cause`)
  const first = await responders.diagnose({ ...observed, detection })
  const diagnosedAt = responders.now()

  const fix = first.fixes.find((candidate) => candidate.kind === 'remove-cause' && candidate.patch !== null)
  const proof = fix ? await responders.prove(fix, detection) : NOTHING_TO_PROVE
  const isProven = proof.kind === 'tried' && proof.proven
  const diagnosis = isProven ? confirmFirstFactor(first, { ...proof, at: responders.now() }) : first

  const milestones = [
    {
      at: diagnosedAt,
      kind: 'diagnosed',
      summary: diagnosis.factors[0]?.summary ?? 'nothing that was seen explains the failure',
    },
    ...(proof.kind === 'tried' ? [{ at: responders.now(), kind: 'fix-tried', summary: proof.note }] : []),
  ]
  const review = buildReview({
    ...facts,
    severity: proposeSeverity(impact, severityFallback(detection)),
    diagnosis,
    proof,
    timeline: buildTimeline({ ...facts, milestones }),
    diagnosedAt,
    generatedAt: responders.now(),
  })
  return { review, diagnosis, patch: fix?.patch ?? null }
}
