import type { EpochMs } from '../../time.ts'
import { toIso } from '../../time.ts'
import type { CommitCandidate } from '../commit-candidate.ts'
import type { Finding, FindingKind, Subject } from '../finding.ts'
import { reasonStrength } from '../trigger-commit.ts'
import type { Collector, CollectorInput } from './collector.ts'

const MINUTE_MS = 60_000
/** Clocks of the deployer and of the program differ; failures may seem to start a little before the release. */
const CLOCK_SLACK_MS = 2 * MINUTE_MS

/** Whether a release came before the onset, and what its commits changed. */
export const collectFromChanges: Collector = async (input) => [
  ...releaseOf(input),
  ...input.candidates.slice(0, 3).flatMap((candidate, rank) => commitOf(candidate, rank)),
]

function releaseOf({ evidence, range }: CollectorInput): readonly Finding[] {
  const { onsetAt } = evidence.detection
  const times = [
    ...evidence.deploys.map((deploy) => deploy.at),
    ...(range?.deployedAt ? [range.deployedAt] : []),
  ]
  if (onsetAt === null || times.length === 0) return []
  const last = times.filter((at) => at <= onsetAt + CLOCK_SLACK_MS).toSorted((a, b) => b - a)[0]
  if (last === undefined) {
    const summary = 'no release is known before the failures began'
    return [made('onset-without-release', { summary, strength: 0.6, observedAt: onsetAt, subject: {} })]
  }
  const delayMs = Math.max(0, onsetAt - last)
  const strength = nearness(delayMs)
  const summary = `the failures began ${words(delayMs)} after the release of ${toIso(last)}`
  const subject = range ? { commit: range.badCommit } : {}
  if (strength > 0) return [made('release-before-onset', { summary, strength, observedAt: last, subject })]
  return [
    made('onset-without-release', {
      summary: `${summary}: too long to suspect it`,
      strength: 0.7,
      observedAt: onsetAt,
      subject: {},
    }),
  ]
}

/** A leak or a rare input may need hours to show; most bad releases show at once. */
function nearness(delayMs: number): number {
  if (delayMs <= 10 * MINUTE_MS) return 1
  if (delayMs <= 60 * MINUTE_MS) return 0.7
  if (delayMs <= 6 * 60 * MINUTE_MS) return 0.45
  return delayMs <= 24 * 60 * MINUTE_MS ? 0.25 : 0
}

function commitOf(candidate: CommitCandidate, rank: number): readonly Finding[] {
  const telling = candidate.reasons.filter((reason) => reason.weight > 0)
  if (telling.length === 0 || candidate.probability < 0.08) return []
  const observedAt = candidate.committedAt
  const subject: Subject = commitSubject(candidate)
  const name = `commit ${candidate.sha.slice(0, 10)} "${candidate.subject}"`
  const findings = telling.map((reason) =>
    made(reason.kind, {
      summary: `${name}: ${reason.summary}`,
      strength: candidate.probability * reasonStrength(reason.weight),
      observedAt,
      subject,
      evidence: hunkText(candidate),
    }),
  )
  if (rank > 0 || candidate.probability < 0.3 || saysMore(telling[0]?.kind)) return findings
  const summary = `${name} explains the failure best of all commits that were looked at (${Math.round(candidate.probability * 100)} %)`
  return [
    made('commit-explains-failure', {
      summary,
      strength: candidate.probability,
      observedAt,
      subject,
      evidence: hunkText(candidate),
    }),
    ...findings,
  ]
}

/** A mechanism, or the explanation itself, was named already: "it explains it best" adds nothing to that. */
function saysMore(kind: FindingKind | undefined): boolean {
  return (
    kind !== 'commit-touches-trace' && kind !== 'commit-changed-call' && kind !== 'commit-bumped-dependency'
  )
}

function commitSubject(candidate: CommitCandidate): Subject {
  const hunk = candidate.hunks[0]
  return hunk ? { commit: candidate.sha, file: hunk.file, line: hunk.newStart } : { commit: candidate.sha }
}

const LONGEST_HUNK = 40

function hunkText(candidate: CommitCandidate): string | null {
  const hunk = candidate.hunks[0]
  return hunk ? [hunk.file, ...hunk.lines.slice(0, LONGEST_HUNK)].join('\n') : null
}

function words(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / 1000)} s`
  if (ms < 120 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`
  return `${Math.round(ms / (60 * MINUTE_MS))} h`
}

function made(
  kind: FindingKind,
  details: {
    summary: string
    strength: number
    observedAt: EpochMs | null
    subject: Subject
    evidence?: string | null
  },
): Finding {
  const { subject, ...rest } = details
  const source = subject.commit === undefined ? 'deploys' : `git ${subject.commit.slice(0, 10)}`
  return {
    kind,
    source,
    subject,
    ...rest,
    strength: Math.min(1, rest.strength),
    evidence: rest.evidence ?? null,
  }
}
