import type { FindingKind } from './finding.ts'
import type { Ailment } from './symptoms.ts'

/** What a clue can see. */
export type Signal = keyof typeof clueWeights

type Weight = { readonly kind: FindingKind; readonly weight: number }

/**
 * What each sighting is worth at full strength, in log odds: +1 makes a commit 2.7 times as likely. The one table of
 * weights for commits; several sightings of one signal count as one, stronger, sighting.
 */
export const clueWeights = {
  // The trace
  'wrote-failing-line': { kind: 'commit-touches-trace', weight: 3.2 },
  'moved-failing-line': { kind: 'commit-touches-trace', weight: 0.3 },
  'edited-failing-function': { kind: 'commit-touches-trace', weight: 2.2 },
  'edited-called-function': { kind: 'commit-touches-trace', weight: 1.8 },
  'shares-failing-names': { kind: 'commit-touches-trace', weight: 1.6 },
  'touched-traced-file': { kind: 'commit-touches-trace', weight: 0.4 },
  // The words of the failure
  'wrote-message': { kind: 'commit-explains-failure', weight: 3 },
  'changed-named-thing': { kind: 'commit-explains-failure', weight: 2.2 },
  'subject-names-it': { kind: 'commit-explains-failure', weight: 0.6 },
  // The mechanism
  'changed-call': { kind: 'commit-changed-call', weight: 0.9 },
  'changed-answer': { kind: 'commit-changed-call', weight: 2.8 },
  'lost-guard': { kind: 'commit-changed-call', weight: 1.5 },
  'lost-await': { kind: 'commit-changed-call', weight: 3 },
  'changed-signature': { kind: 'commit-changed-call', weight: 1.2 },
  'stopped-releasing': { kind: 'commit-stopped-releasing', weight: 0.5 },
  'stopped-releasing-while-exhausted': { kind: 'commit-stopped-releasing', weight: 6.5 },
  'changed-limit': { kind: 'commit-changed-limit', weight: 0.2 },
  'changed-limit-in-question': { kind: 'commit-changed-limit', weight: 2.6 },
  'dropped-index': { kind: 'commit-dropped-index', weight: 0.3 },
  'dropped-index-while-slow': { kind: 'commit-dropped-index', weight: 5.5 },
  'bumped-dependency': { kind: 'commit-bumped-dependency', weight: 0.2 },
  'bumped-failing-dependency': { kind: 'commit-bumped-dependency', weight: 4 },
  'changed-configuration': { kind: 'commit-changed-configuration', weight: 0.2 },
  'changed-configuration-in-question': { kind: 'commit-changed-configuration', weight: 2.5 },
  'added-nondeterminism': { kind: 'commit-added-nondeterminism', weight: 1 },
  // Against
  'changes-nothing-that-runs': { kind: 'commit-explains-failure', weight: -5 },
  'changes-only-how-code-looks': { kind: 'commit-explains-failure', weight: -3.5 },
  'made-after-the-onset': { kind: 'commit-explains-failure', weight: -3 },
} as const satisfies Record<string, Weight>

/** Who starves for a connection, memory or an index is rarely who took it: then the trace says so much of what it says else. */
export const traceShares: Partial<Record<Ailment, number>> = {
  exhaustion: 0.5,
  memory: 0.5,
  locking: 0.7,
  slowness: 0.6,
}
export const traceSignals: ReadonlySet<Signal> = new Set<Signal>([
  'wrote-failing-line',
  'moved-failing-line',
  'edited-failing-function',
  'edited-called-function',
  'shares-failing-names',
  'touched-traced-file',
])

/** Log odds per natural logarithm of the changed lines that run: more change, more chances to break. */
export const SIZE_WEIGHT = 0.25
/** The score that an unseen cause (infrastructure, data, another service) has against the commits. */
export const NONE_OF_THESE = { releaseKnown: 1.5, releaseUnknown: 2.5 } as const
