import type { CauseId } from '../contract/causes.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import { weights } from './weights.ts'

/** Causes that somebody's code brings about; the others come from the world around it, unless a commit says so. */
const broughtByCode: ReadonlySet<CauseId> = new Set([
  'nondeterministic-failure',
  'bad-release',
  'unhandled-input',
  'connection-leak',
  'pool-too-small',
  'slow-query',
  'missing-index',
  'lock-contention',
  'idle-in-transaction',
  'schema-mismatch',
  'memory-leak',
  'file-descriptors-exhausted',
  'missing-configuration',
  'wrong-configuration',
])

/** A reason of this weight is as clear as it gets; lighter ones scale down. */
const CLEAR_REASON = 1.5

/** 0–1: how much of a reason there is. */
export function reasonStrength(weight: number): number {
  return Math.max(0, Math.min(1, weight / CLEAR_REASON))
}

/**
 * The commit that set a cause off, or null. The likeliest candidate is not always it: a leak is set off by the commit
 * that stopped releasing, though another one wrote the line that fails.
 */
export function commitFor(cause: CauseId, candidates: readonly CommitCandidate[]): CommitCandidate | null {
  const fits = candidates
    .slice(0, 10)
    .map((candidate) => ({ candidate, fit: fitOf(cause, candidate) }))
    .filter(({ candidate, fit }) => isSuspect(cause, candidate, fit))
    .toSorted((a, b) => b.fit + Math.log(b.candidate.probability) - a.fit - Math.log(a.candidate.probability))
  return fits[0]?.candidate ?? null
}

function isSuspect(cause: CauseId, candidate: CommitCandidate, fit: number): boolean {
  // A commit that did what this cause needs is a suspect even where another one explains the words of the error better.
  if (broughtByCode.has(cause)) return candidate.probability >= (fit >= 2 ? 0.01 : 0.1)
  return candidate.probability >= 0.3 && fit >= 0.4
}

function fitOf(cause: CauseId, candidate: CommitCandidate): number {
  const { given } = weights[cause]
  const fits = candidate.reasons.map((reason) => (given[reason.kind] ?? 0) * reasonStrength(reason.weight))
  return Math.max(0, ...fits)
}
