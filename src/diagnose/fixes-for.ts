import { type Git, readBlobs, renamedSince } from '../git.ts'
import type { CauseId } from '../contract/causes.ts'
import type { ExplainedFrame } from './collectors/collector.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import type { Factor } from './factor.ts'
import type { ProposedFix } from './fix.ts'
import type { WeighedFingerprint } from './failing-fingerprints.ts'
import { proposeFixes } from './propose-fixes.ts'

export type FixDeps = { readonly readFile: (path: string) => Promise<string | null>; readonly git: Git }

type Material = {
  readonly repository: string
  readonly explained: readonly ExplainedFrame[]
  readonly candidates: readonly CommitCandidate[]
  readonly fingerprints: readonly WeighedFingerprint[]
}

/** Something that is taken and must be given back. */
const runsOut: ReadonlySet<CauseId> = new Set([
  'connection-leak',
  'idle-in-transaction',
  'file-descriptors-exhausted',
  'memory-leak',
])

/** The fixes for the first factor: what its commit or its guard did, taken back; the error handled; better observed. */
export async function fixesFor(
  deps: FixDeps,
  factor: Factor,
  material: Material,
): Promise<readonly ProposedFix[]> {
  const { explanation } = frameOf(factor, material) ?? { explanation: null }
  const culprit = material.candidates.find((candidate) => candidate.sha === factor.commit?.sha) ?? null
  const failing = material.fingerprints.find(
    (one) => one.fingerprint.exception !== null && one.relevance >= 0.5,
  )
  const link = failing?.fingerprint.exception?.at(-1)
  const readAt = async (revision: string, path: string): Promise<string | null> => {
    const name = `${revision}:${path}`
    return (await readBlobs(deps.git, material.repository, [name])).get(name) ?? null
  }
  const movedTo = async (path: string): Promise<string | null> =>
    culprit && renamedSince(deps.git, material.repository, { commit: culprit.sha, path })
  return proposeFixes(
    { readFile: deps.readFile, readAt, movedTo },
    {
      explanation,
      nondeterministic: factor.cause === 'nondeterministic-failure',
      culprit,
      exceptionType: link?.type ?? null,
      message: link?.message ?? null,
      releaseStopped: culprit !== null && runsOut.has(factor.cause),
    },
  )
}

function frameOf(factor: Factor, { explained }: Material): ExplainedFrame | null {
  const there = explained.find(
    ({ explanation }) =>
      explanation.file === factor.location?.file && explanation.line === factor.location.line,
  )
  return there ?? explained[0] ?? null
}
