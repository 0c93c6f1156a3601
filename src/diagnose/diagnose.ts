import type { Git } from '../git.ts'
import { attempt } from './attempt.ts'
import type { CollectorInput } from './collectors/collector.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import type { CodeLocation } from './factor.ts'
import { weighFingerprints } from './failing-fingerprints.ts'
import { fixesFor } from './fixes-for.ts'
import { placeToday } from './place-today.ts'
import type { Changes } from './read-changes.ts'
import { readChanges } from './read-changes.ts'
import type { SourceDeps } from './read-sources.ts'
import { readSources } from './read-sources.ts'
import { collectFindings, weighEvidence } from './weigh-evidence.ts'

const MOST_PLACES = 10

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
  const sighted: CollectorInput = {
    evidence,
    fingerprints,
    explained,
    range: null,
    candidates: [],
    places: new Map(),
  }
  const changes = await attempt('git history', () => changesFor(deps, sighted), {
    problems,
    otherwise: { range: null, candidates: [] },
  })
  const places = await attempt('places', () => placesOf(deps, changes.candidates), {
    problems,
    otherwise: new Map(),
  })
  const input = { ...sighted, ...changes, places }
  const weighed = await weighEvidence(input)
  const [first] = weighed.factors
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
    fixes,
    explanations: explained.map((frame) => frame.explanation),
    problems: [...new Set([...problems, ...weighed.problems])],
  }
}

/** Where the likeliest commits' changes stand in the work tree now. */
async function placesOf(
  deps: SourceDeps,
  candidates: readonly CommitCandidate[],
): Promise<ReadonlyMap<string, CodeLocation>> {
  const places = new Map<string, CodeLocation>()
  for (const { sha, hunks } of candidates.slice(0, MOST_PLACES)) {
    const [hunk] = hunks
    if (hunk) places.set(sha, await placeToday(deps.readFile, hunk))
  }
  return places
}

/** What was seen says which kinds of change are suspicious: a full pool makes a removed `close` telling. */
async function changesFor(deps: DiagnoseDeps, input: CollectorInput): Promise<Changes> {
  const findings = await collectFindings(input, [])
  return readChanges(deps, input.evidence, { fingerprints: input.fingerprints, findings })
}
