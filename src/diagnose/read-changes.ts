import type { Git } from '../git.ts'
import { findChangeRange } from './change-range.ts'
import type { ChangeRange, CommitCandidate } from './commit-candidate.ts'
import type { Evidence } from './evidence.ts'
import { mayBeError, type WeighedFingerprint } from './failing-fingerprints.ts'
import type { Finding } from './finding.ts'
import { rankCommits } from './rank-commits.ts'
import type { Symptoms } from './symptoms.ts'

export type Changes = { readonly range: ChangeRange | null; readonly candidates: readonly CommitCandidate[] }

/** What the failing release brought, its commits ranked by how well they explain what was seen. */
export async function readChanges(
  deps: { readonly git: Git },
  evidence: Evidence,
  seen: { readonly fingerprints: readonly WeighedFingerprint[]; readonly findings: readonly Finding[] },
): Promise<Changes> {
  const { repository, deploys, detection } = evidence
  if (repository === null) return { range: null, candidates: [] }
  const range = await findChangeRange(deps, { repository, deploys, onsetAt: detection.onsetAt })
  if (range === null) return { range, candidates: [] }
  const symptoms = symptomsOf(evidence, seen)
  return { range, candidates: await rankCommits(deps, { repository, range, symptoms }) }
}

const MOST_MESSAGES = 30

function symptomsOf(
  evidence: Evidence,
  seen: { readonly fingerprints: readonly WeighedFingerprint[]; readonly findings: readonly Finding[] },
): Symptoms {
  const telling = seen.fingerprints.filter((one) => one.relevance >= 0.5)
  const clear = seen.findings.filter((finding) => finding.strength >= 0.25)
  return {
    exceptions: telling.flatMap(({ fingerprint, isNew }) =>
      fingerprint.exception === null
        ? []
        : [{ chain: fingerprint.exception, count: fingerprint.count, isNew }],
    ),
    messages: telling
      .filter(({ fingerprint }) => fingerprint.exception === null && mayBeError(fingerprint))
      .slice(0, MOST_MESSAGES)
      .map(({ fingerprint, isNew }) => ({
        template: fingerprint.template,
        severityText: fingerprint.severityText,
        count: fingerprint.count,
        isNew,
      })),
    findingKinds: [...new Set(clear.map((finding) => finding.kind))],
    onsetAt: evidence.detection.onsetAt,
  }
}
