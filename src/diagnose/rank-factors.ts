import { type CauseId, causeIds } from '../contract/causes.ts'
import type { Finding, FindingKind } from './finding.ts'
import { type CauseWeights, groups, weights } from './weights.ts'

/** A finding with what it weighs for one cause, in log odds; 0 where another of its group counts instead. */
export type WeighedFinding = Finding & { readonly supports: boolean; readonly weight: number }

/** A cause with its log odds against "something else", before it is put into words. */
export type RankedCause = {
  readonly cause: CauseId
  readonly score: number
  /** 0–1 over all causes and "something else". */
  readonly confidence: number
  /** For and against, what weighs most first. */
  readonly findings: readonly WeighedFinding[]
}

/** However clear the findings: the catalogue may lack the true cause, and the logs may not show it. */
const NEVER_SURER_THAN = 0.97

/** Under this even the best cause is only a guess, and the diagnosis says so. */
export const CONCLUSIVE = 0.5

/**
 * Causes by how well the findings speak for them. Per cause:
 *
 *     score = prior + Σ over groups of the finding with the largest |weight × strength|
 *     confidence = 0.97 · e^score / (e^0 + Σ over causes e^score)
 *
 * The 0 is "something else". Worked: a certificate error (7 × 1) with prior −3.2 alone gives 3.8, and
 * e^3.8 / (1 + e^3.8) = 0.98, times 0.97 = 0.95. A second, equally good cause would leave 0.48 for each: inconclusive.
 */
export function rankFactors(findings: readonly Finding[]): readonly RankedCause[] {
  const kinds = new Set(findings.filter((finding) => finding.strength > 0).map((finding) => finding.kind))
  const scored = causeIds
    .filter((cause) => isSupported(weights[cause], kinds))
    .map((cause) => ({ cause, ...scoreOf(weights[cause], findings) }))
  const mass = scored.reduce((sum, { score }) => sum + Math.exp(score), 1)
  return scored
    .map((one) => ({ ...one, confidence: (NEVER_SURER_THAN * Math.exp(one.score)) / mass }))
    .toSorted((a, b) => b.score - a.score)
}

function isSupported(cause: CauseWeights, kinds: ReadonlySet<FindingKind>): boolean {
  return cause.needs.every((anyOf) => anyOf.some((kind) => kinds.has(kind)))
}

const groupOfKind: ReadonlyMap<FindingKind, number> = new Map(
  groups.flatMap((kinds, index) => kinds.map((kind) => [kind, index] as const)),
)

function scoreOf(
  cause: CauseWeights,
  findings: readonly Finding[],
): { score: number; findings: readonly WeighedFinding[] } {
  const weighed = findings
    .map((finding) => ({ finding, weight: (cause.given[finding.kind] ?? 0) * finding.strength }))
    .filter(({ weight }) => weight !== 0)
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
  const counted = new Set<number | FindingKind>()
  let score = cause.prior
  const shown = weighed.map(({ finding, weight }) => {
    const group = groupOfKind.get(finding.kind) ?? finding.kind
    const counts = !counted.has(group)
    counted.add(group)
    if (counts) score += weight
    return { ...finding, supports: weight > 0, weight: counts ? weight : 0 }
  })
  return { score, findings: shown }
}
