import type { CauseId } from '../contract/causes.ts'
import { catalogue } from './causes/catalogue.ts'
import { type CausalChain, type CauseContext, fillIn } from './causes/cause.ts'
import type { ExplainedFrame } from './collectors/collector.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import type { CodeLocation, Factor } from './factor.ts'
import type { WeighedFingerprint } from './failing-fingerprints.ts'
import type { Finding } from './finding.ts'
import { changedLine } from './place-today.ts'
import type { RankedCause, WeighedFinding } from './rank-factors.ts'
import { commitFor } from './trigger-commit.ts'

/** What the words are made of, besides the cause itself. */
export type Materials = {
  readonly findings: readonly Finding[]
  readonly fingerprints: readonly WeighedFingerprint[]
  readonly explained: readonly ExplainedFrame[]
  readonly candidates: readonly CommitCandidate[]
  readonly places: ReadonlyMap<string, CodeLocation>
}

/** A ranked cause as a factor of this incident: place, commit, chain, summary, fixes. */
export function putIntoWords(ranked: RankedCause, rank: number, materials: Materials): Factor {
  const candidate = commitFor(ranked.cause, materials.candidates)
  // What other commits did speaks neither for nor against this one.
  const findings = ranked.findings.filter(
    ({ kind, subject }) => !kind.startsWith('commit-') || subject.commit === candidate?.sha,
  )
  const supporting = findings.filter((finding) => finding.supports)
  const frame = frameFor(ranked.cause, supporting, materials)
  const context: CauseContext = {
    findings: supporting,
    commit: candidate,
    location: locationFor(ranked.cause, { frame, supporting, changed: placeOfChange(candidate, materials) }),
    resource: resourceFor(supporting),
    exception: exceptionFor(supporting, materials),
    impact: impactOf(materials),
  }
  const cause = catalogue[ranked.cause]
  const fill = (texts: readonly string[]) => texts.map((text) => fillIn(text, context))
  return {
    rank,
    cause: ranked.cause,
    confidence: Math.round(ranked.confidence * 1000) / 1000,
    summary: sentence(cause.summary(context)),
    service: supporting.find((finding) => finding.subject.service !== undefined)?.subject.service ?? null,
    resource: context.resource,
    commit: candidate && {
      sha: candidate.sha,
      subject: candidate.subject,
      committedAt: candidate.committedAt,
    },
    location: context.location,
    chain: withMechanism(cause.chain(context), sentence(cause.summary(context))),
    findings: withImpact(findings, materials.findings),
    immediateFix: fill(cause.immediateFix),
    permanentFix: fill(cause.permanentFix),
    verify: fill(cause.verify),
    prevention: fill(cause.prevention),
  }
}

/** That a line was logged is what was seen, not how it came about: then the summary's first sentence says that. */
function withMechanism(chain: CausalChain, summary: string): CausalChain {
  const [trigger, component, mechanism, symptom] = chain
  const [first = ''] = summary.split(/(?<=[.;]) (?=["A-Z])/, 1)
  const isOnlySeen = /" was logged (?:once|\d+ times)/.test(mechanism)
  if (!isOnlySeen || / was logged /.test(first)) return chain
  const withoutTrigger = first.replace(/[.;]$/, '').replace(/,? since commit [0-9a-f]{7,} ".*"$/, '')
  return [trigger, component, withoutTrigger, symptom]
}

/** What users felt belongs to every factor, also where it weighs nothing for the cause. */
function withImpact(weighed: readonly WeighedFinding[], all: readonly Finding[]): readonly WeighedFinding[] {
  const felt = all.filter(
    (finding) => finding.kind.startsWith('route-fails') && !weighed.some((one) => one.kind === finding.kind),
  )
  return [...weighed, ...felt.map((finding) => ({ ...finding, supports: true, weight: 0 }))]
}

/** The failing code is innocent here: what it waits for is used up, changed or slow because of another place. */
const feltElsewhere: ReadonlySet<CauseId> = new Set([
  'connection-leak',
  'pool-too-small',
  'connections-exhausted',
  'missing-index',
  'memory-leak',
  'file-descriptors-exhausted',
  'wrong-configuration',
])

function frameFor(
  cause: CauseId,
  supporting: readonly Finding[],
  materials: Materials,
): ExplainedFrame | null {
  const { explained } = materials
  if (cause === 'nondeterministic-failure') {
    const chance = explained.find((frame) => frame.explanation.guard?.kind === 'nondeterministic')
    if (chance) return chance
  }
  const spoken = supporting.map((finding) => finding.subject.fingerprint).filter((id) => id !== undefined)
  const matching = spoken.map((id) => explained.find((frame) => frame.fingerprint.fingerprint.id === id))
  return matching.find((frame) => frame !== undefined) ?? explained[0] ?? null
}

function locationFor(
  cause: CauseId,
  about: { frame: ExplainedFrame | null; supporting: readonly Finding[]; changed: CodeLocation | null },
): CodeLocation | null {
  if (feltElsewhere.has(cause) && about.changed) return about.changed
  if (about.frame) {
    const { file, line, function: name } = about.frame.explanation
    return { file, line, function: name }
  }
  const subject = about.supporting.find((finding) => finding.subject.file !== undefined)?.subject
  if (subject?.file === undefined) return about.changed
  return { file: subject.file, line: subject.line ?? null, function: subject.function ?? null }
}

function placeOfChange(candidate: CommitCandidate | null, { places }: Materials): CodeLocation | null {
  const hunk = candidate?.hunks[0]
  if (candidate === null || hunk === undefined) return null
  return places.get(candidate.sha) ?? { file: hunk.file, line: changedLine(hunk), function: null }
}

function resourceFor(supporting: readonly Finding[]): string | null {
  return supporting.find((finding) => finding.subject.resource !== undefined)?.subject.resource ?? null
}

function exceptionFor(supporting: readonly Finding[], materials: Materials): CauseContext['exception'] {
  const spoken = new Set(supporting.map((finding) => finding.subject.fingerprint))
  const candidates = materials.fingerprints.filter(
    (one) => one.fingerprint.exception !== null && one.relevance >= 0.5,
  )
  const best = candidates.find((one) => spoken.has(one.fingerprint.id)) ?? candidates[0]
  const link = best?.fingerprint.exception?.at(-1)
  return link ? { type: link.type, message: link.message } : null
}

function impactOf({ findings }: Materials): string {
  const felt = findings.find((finding) => finding.kind.startsWith('route-fails'))
  const ended = findings.find(
    (finding) => finding.kind === 'process-killed' || finding.kind === 'process-exited',
  )
  const logged = findings.find(
    (finding) => finding.kind === 'unhandled-exception' || finding.kind === 'new-error',
  )
  return felt?.summary ?? ended?.summary ?? logged?.summary ?? 'errors were logged'
}

/** Capital first, unless a path or a name of code stands there; no doubled full stop after a quoted message. */
function sentence(text: string): string {
  const mended = text.replaceAll(/\.{2,}(?=\s|$)/g, '.').trim()
  return /^[a-z]+[ ,]/.test(mended) ? mended.charAt(0).toUpperCase() + mended.slice(1) : mended
}
