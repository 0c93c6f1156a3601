import type { Git } from '../git.ts'
import { attempt } from './attempt.ts'
import type { CollectorInput } from './collectors/collector.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import type { Factor } from './factor.ts'
import { weighFingerprints } from './failing-fingerprints.ts'
import { fixesFor } from './fixes-for.ts'
import { placeToday } from './place-today.ts'
import type { Changes } from './read-changes.ts'
import { readChanges } from './read-changes.ts'
import type { SourceDeps } from './read-sources.ts'
import { readSources } from './read-sources.ts'
import { collectFindings, weighEvidence } from './weigh-evidence.ts'

export type DiagnoseDeps = SourceDeps & { readonly git: Git }

/**
 * Why it fails: findings of all sources, ranked causes in words, fixes, and what to look at next.
 *
 *     logs, process, database ──► findings ─┬─► commits ranked ─┐
 *     stack traces ──► source explained ────┴───────────────────┴─► findings ──► causes ──► factors ──► fixes
 *
 * A source that fails is named in `problems`; the others' findings stand.
 */
export async function diagnose(deps: DiagnoseDeps, evidence: Evidence): Promise<Diagnosis> {
  const problems: string[] = []
  const fingerprints = weighFingerprints(evidence.logs, evidence.detection)
  const { repository } = evidence
  const explained =
    repository === null
      ? []
      : await attempt('source', () => readSources(deps, fingerprints), { problems, otherwise: [] })
  const sighted: CollectorInput = { evidence, fingerprints, explained, range: null, candidates: [] }
  const changes = await attempt('git history', () => changesFor(deps, sighted), {
    problems,
    otherwise: { range: null, candidates: [] },
  })
  const input = { ...sighted, ...changes }
  const weighed = await weighEvidence(input)
  const factors = await attempt('places', () => placeFactors(deps, weighed.factors, changes.candidates), {
    problems,
    otherwise: weighed.factors,
  })
  const [first] = factors
  const fixes =
    repository === null || first === undefined
      ? []
      : await attempt('fixes', () => fixesFor(deps, first, { repository, ...input }), {
          problems,
          otherwise: [],
        })
  return {
    ...weighed,
    ...changes,
    factors,
    fixes,
    explanations: explained.map((frame) => frame.explanation),
    problems: [...new Set([...problems, ...weighed.problems])],
  }
}

/** A factor that a commit's hunk located is located in the work tree as it is now. */
function placeFactors(
  deps: SourceDeps,
  factors: readonly Factor[],
  candidates: readonly CommitCandidate[],
): Promise<Factor[]> {
  return Promise.all(
    factors.map(async (factor) => {
      const { location } = factor
      if (location === null || location.function !== null) return factor
      const hunk = candidates.find(({ sha }) => sha === factor.commit?.sha)?.hunks[0] ?? null
      const fits = hunk?.file === location.file ? hunk : null
      return { ...factor, location: await placeToday(deps.readFile, location, fits) }
    }),
  )
}

/** What was seen says which kinds of change are suspicious: a full pool makes a removed `close` telling. */
async function changesFor(deps: DiagnoseDeps, input: CollectorInput): Promise<Changes> {
  const findings = await collectFindings(input, [])
  return readChanges(deps, input.evidence, { fingerprints: input.fingerprints, findings })
}
