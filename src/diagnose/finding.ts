import type { EpochMs } from '../time.ts'

/** What a finding can be of. Each kind has its weight per cause in weights.ts. */
export const findingKinds = [
  // logs and exceptions
  'pool-timed-out',
  'too-many-connections',
  'connection-leak-reported',
  'database-unreachable-error',
  'schema-mismatch-error',
  'idle-transaction-ended',
  'connection-refused',
  'connection-reset',
  'name-not-resolved',
  'dependency-timed-out',
  'dependency-failed',
  'certificate-expired-error',
  'certificate-untrusted-error',
  'rate-limited-error',
  'authentication-error',
  'out-of-memory-error',
  'no-space-error',
  'too-many-open-files',
  'missing-configuration-error',
  'invalid-configuration-error',
  'missing-module-error',
  'lock-wait-error',
  'statement-timed-out',
  'slow-query-logged',
  'input-error',
  'programming-error',
  'unhandled-exception',
  'new-error',
  'old-error',
  // requests
  'route-fails-partly',
  'route-fails-always',
  'healthy-route',
  'failures-grow',
  'failures-from-start',
  'latency-grows',
  'traffic-grows',
  'no-failed-requests',
  // the process
  'process-killed',
  'process-exited',
  'memory-grows',
  'memory-steady',
  // source
  'nondeterministic-guard',
  'failure-rate-matches-guard',
  'failure-rate-contradicts-guard',
  'deterministic-raise',
  'error-swallowed',
  'error-unhandled',
  'resource-not-released',
  // what changed
  'release-before-onset',
  'onset-without-release',
  'commit-explains-failure',
  'commit-touches-trace',
  'commit-stopped-releasing',
  'commit-changed-call',
  'commit-changed-limit',
  'commit-dropped-index',
  'commit-bumped-dependency',
  'commit-changed-configuration',
  'commit-added-nondeterminism',
  // the database
  'database-connections-high',
  'database-connections-normal',
  'database-connections-grow',
  'sessions-mostly-idle',
  'sessions-idle-in-transaction',
  'sessions-blocked',
  'statements-long-running',
  'database-quiet',
  'database-probe-refused',
  // an experiment
  'fix-proven',
] as const

export type FindingKind = (typeof findingKinds)[number]

/** What a finding speaks of; only what is known is there. */
export type Subject = {
  readonly service?: string
  readonly resource?: string
  readonly route?: string
  readonly commit?: string
  readonly file?: string
  readonly line?: number
  readonly function?: string
  readonly fingerprint?: string
}

/** One observation, with where it was made. A collector makes findings; only weights.ts says what they mean. */
export type Finding = {
  readonly kind: FindingKind
  /** One sentence with the numbers: `214 of 430 requests to GET / failed (49.8 %)`. */
  readonly summary: string
  readonly observedAt: EpochMs | null
  /** Where a reader can check: `app.log:812`, `git 1a2b3c4`, `probe postgresql`, `app.py:15`. */
  readonly source: string
  readonly subject: Subject
  /** 0–1: how clear the observation is; scales its weight. */
  readonly strength: number
  /** The lines themselves: log, code or diff; shown in the review. */
  readonly evidence: string | null
}
