import type { EpochMs } from '../time.ts'
import type { Tally } from '../telemetry/index.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Factor } from './factor.ts'

/** What trying the first factor's fix showed. */
export type Confirmation = { readonly before: Tally; readonly after: Tally; readonly at: EpochMs }

/**
 * Log odds of an experiment: the same program, asked the same, no longer fails without the suspected code. More than
 * any single observation, less than certainty: what was taken out may only have hidden the cause.
 */
const PROVEN = 2.5

/**
 * The diagnosis after the first factor's fix was proven: that factor gains, the others give way in proportion, and
 * nothing is inconclusive any more. A first factor at 43 % ends at 90 %.
 */
export function confirmFirstFactor(diagnosis: Diagnosis, confirmation: Confirmation): Diagnosis {
  const [first, ...others] = diagnosis.factors
  if (first === undefined) return diagnosis
  const confidence = gained(first.confidence)
  const giveWay = first.confidence < 1 ? (1 - confidence) / (1 - first.confidence) : 1
  return {
    ...diagnosis,
    inconclusive: false,
    factors: [
      { ...first, confidence, findings: [fixProven(first, confirmation), ...first.findings] },
      ...others.map((factor) => ({ ...factor, confidence: factor.confidence * giveWay })),
    ],
  }
}

function gained(confidence: number): number {
  if (confidence <= 0 || confidence >= 1) return confidence
  const odds = (confidence / (1 - confidence)) * Math.exp(PROVEN)
  return odds / (1 + odds)
}

function fixProven(factor: Factor, { before, after, at }: Confirmation): Factor['findings'][number] {
  const suspect = factor.commit
    ? `what commit ${factor.commit.sha.slice(0, 10)} did taken back`
    : 'the suspected code taken out'
  return {
    kind: 'fix-proven',
    summary: `With ${suspect}, ${after.failed} of ${after.requests} requests failed, against ${before.failed} of ${before.requests} before.`,
    observedAt: at,
    source: 'fix.patch',
    subject: factor.commit ? { commit: factor.commit.sha } : {},
    strength: 1,
    evidence: null,
    supports: true,
    weight: PROVEN,
  }
}
