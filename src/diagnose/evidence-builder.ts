import type {
  DatabaseProbe,
  DatabaseSession,
  Deploy,
  Fingerprint,
  ProcessRecord,
  SeverityText,
} from '../telemetry/index.ts'
import { createRequestLedger } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { windowStart } from '../time.ts'
import type { CollectorInput, ExplainedFrame } from './collectors/collector.ts'
import type { CommitCandidate } from './commit-candidate.ts'
import type { Evidence } from './evidence.ts'
import { weighFingerprints } from './failing-fingerprints.ts'
import type { FindingKind } from './finding.ts'
import type { Guard } from './source-explanation.ts'

// Builders of evidence for tests: incidents in the words of people, without a log, a database or a repository.

export const T0: EpochMs = Date.UTC(2026, 2, 3, 9, 0, 0)
export const MINUTE = 60_000

export type LogKind = {
  /** `Type: message` of one exception, or of a chain with its root last; absent for an ordinary line. */
  readonly exception?: string | readonly string[]
  readonly line?: string
  readonly severity?: SeverityText
  readonly count?: number
  /** First seen, minutes after T0. */
  readonly at?: number
  /** It was there before, as often. */
  readonly old?: boolean
  readonly frame?: string
  readonly frameLine?: number
}

export type Traffic = {
  readonly route: string
  readonly perMinute?: number
  /** Minutes; 30 by default. */
  readonly minutes?: number
  /** The failing share at a minute. */
  readonly failing?: (minute: number) => number
  readonly answer?: 500 | 502 | 503 | 504 | 'timed-out'
  readonly durationMs?: number
  readonly traffic?: (minute: number) => number
}

export type IncidentPlan = {
  readonly logs?: readonly LogKind[]
  readonly traffic?: readonly Traffic[]
  readonly origin?: 'sent' | 'access-log'
  readonly process?: Partial<ProcessRecord> & { readonly memoryMb?: readonly number[] }
  readonly deployAt?: number | null
  readonly probes?: readonly Partial<DatabaseProbe>[]
  readonly guard?: Partial<Guard> & { readonly raises?: boolean }
  readonly commits?: readonly CommitPlan[]
  readonly onsetAt?: number
}

export type CommitPlan = {
  readonly kinds: readonly (readonly [FindingKind, number])[]
  readonly probability: number
  readonly subject?: string
}

/** Everything that a diagnosis would have read, for a plan. */
export function incident(plan: IncidentPlan): CollectorInput {
  const fingerprints = (plan.logs ?? []).map((kind, index) => fingerprintOf(kind, index))
  const requests = requestsOf(plan)
  const failing = fingerprints.filter((_, index) => !(plan.logs?.[index]?.old ?? false))
  const errors = failing.filter(
    (one) => one.exception !== null || ['FATAL', 'ERROR'].includes(one.severityText),
  )
  const firstError = errors.reduce((first, one) => Math.min(first, one.firstSeen ?? Infinity), Infinity)
  const onset =
    plan.onsetAt === undefined
      ? (requests.routes[0]?.firstFailureAt ?? firstError)
      : T0 + plan.onsetAt * MINUTE
  const end = T0 + 30 * MINUTE
  const evidence: Evidence = {
    logs: {
      lines: 1000,
      bytes: 100_000,
      files: [],
      firstSeen: T0,
      lastSeen: end,
      fingerprints,
      groups: null,
    },
    requests,
    process: processOf(plan),
    detection: {
      onsetAt: Number.isFinite(onset) ? onset : null,
      detectedAt: Number.isFinite(onset) ? onset + 10_000 : null,
      endedAt: null,
      signal: requests.failed > 0 ? 'failed-requests' : 'errors',
      summary: 'something is wrong',
      newFingerprints: errors.filter((one) => (one.firstSeen ?? 0) > T0 + MINUTE / 2).map((one) => one.id),
      failingFingerprints: errors.map((one) => one.id),
    },
    repository: plan.guard || plan.commits ? '/repository' : null,
    deploys: deploysOf(plan),
    databaseProbes: (plan.probes ?? []).map((probe, index) => probeOf(probe, index)),
    observedFrom: T0,
    observedUntil: end,
  }
  const weighed = weighFingerprints(evidence.logs, evidence.detection)
  const candidates = (plan.commits ?? []).map((commit, index) => candidateOf(commit, index))
  return {
    evidence,
    fingerprints: weighed,
    explained: explainedOf(plan, weighed),
    range: null,
    candidates,
    places: new Map(),
  }
}

export function fingerprintOf(kind: LogKind, index = 0): Fingerprint {
  const count = kind.count ?? 40
  const firstSeen = T0 + (kind.at ?? (kind.old === true ? 0 : 10)) * MINUTE
  const lastSeen = Math.max(firstSeen, T0 + 30 * MINUTE)
  const links =
    kind.exception === undefined ? [] : typeof kind.exception === 'string' ? [kind.exception] : kind.exception
  const chain = links.map((text) => {
    const [, type = 'Error', message = ''] = /^([\w.$:\\*]+?)(?:: ([\s\S]*))?$/.exec(text) ?? [
      null,
      'Error',
      text,
    ]
    const file = kind.frame ?? 'app/service.py'
    return { type, message, frames: [{ file, line: kind.frameLine ?? 42, function: 'handle', inApp: true }] }
  })
  const text = kind.line ?? links.at(-1) ?? ''
  const windows = new Map<EpochMs, number>()
  const steps = Math.max(1, Math.min(count, 180))
  for (let step = 0; step < steps; step += 1) {
    const at = windowStart(firstSeen + (step * (lastSeen - firstSeen)) / steps)
    windows.set(at, (windows.get(at) ?? 0) + count / steps)
  }
  return {
    id: `f${index}`,
    template: text,
    severityText: kind.severity ?? 'ERROR',
    count,
    firstSeen,
    lastSeen,
    exception: chain.length === 0 ? null : chain,
    order: index,
    windows,
    examples: [{ file: 'app.log', line: index + 1, text, before: [], after: [] }],
  }
}

function requestsOf(plan: IncidentPlan) {
  const ledger = createRequestLedger()
  for (const traffic of plan.traffic ?? []) {
    for (let minute = 0; minute < (traffic.minutes ?? 30); minute += 1) {
      const perMinute = Math.round((traffic.perMinute ?? 60) * (traffic.traffic?.(minute) ?? 1))
      for (let index = 0; index < perMinute; index += 1) {
        const share = traffic.failing?.(minute) ?? 0
        // Spread evenly: in 60 requests at 0.5 every second one fails.
        const fails = Math.floor((index + 1) * share) > Math.floor(index * share)
        const answer = traffic.answer ?? 500
        const at = T0 + minute * MINUTE + (index * MINUTE) / perMinute
        const timedOut = fails && answer === 'timed-out'
        const status = fails ? (timedOut ? null : Number(answer)) : 200
        const durationMs = fails ? (traffic.durationMs ?? 20) : 20
        ledger.record(
          {
            at,
            route: traffic.route,
            status,
            noAnswer: timedOut ? 'timed-out' : null,
            durationMs,
            client: null,
          },
          plan.origin ?? 'access-log',
        )
      }
    }
  }
  return ledger.summary()
}

function processOf(plan: IncidentPlan): ProcessRecord | null {
  if (!plan.process) return null
  const { memoryMb, ...rest } = plan.process
  const memory = (memoryMb ?? []).map((mb, index) => ({ at: T0 + index * 10_000, bytes: mb * 1_048_576 }))
  return {
    command: ['app'],
    startedAt: T0,
    readyAt: T0 + 500,
    exitedAt: null,
    exitCode: null,
    signal: null,
    memory,
    ...rest,
  }
}

function deploysOf(plan: IncidentPlan): readonly Deploy[] {
  if (plan.deployAt === undefined || plan.deployAt === null) return []
  return [
    { at: T0 + plan.deployAt * MINUTE, service: null, version: '2', commit: 'bad', previousCommit: 'good' },
  ]
}

function probeOf(probe: Partial<DatabaseProbe>, index: number): DatabaseProbe {
  return {
    at: T0 + 10 * MINUTE + index * 2000,
    engine: 'postgresql',
    target: 'postgresql://db:5432/shop',
    version: '18.1',
    connections: { used: 10, limit: 100 },
    sessions: [],
    refused: null,
    ...probe,
  }
}

/** So many sessions in a state, since so many seconds. */
export function sessions(
  count: number,
  session: Partial<DatabaseSession> & { readonly seconds?: number },
): readonly DatabaseSession[] {
  const { seconds, ...rest } = session
  return Array.from({ length: count }, (_, index) => ({
    state: 'idle' as const,
    ageMs: 60_000,
    stateMs: (seconds ?? 10) * 1000,
    waitingFor: null,
    blockedBy: [],
    id: String(100 + index),
    user: 'app',
    application: 'shop',
    statement: null,
    ...rest,
  }))
}

function explainedOf(
  plan: IncidentPlan,
  fingerprints: CollectorInput['fingerprints'],
): readonly ExplainedFrame[] {
  const fingerprint = fingerprints.find((one) => one.fingerprint.exception !== null)
  if (!plan.guard || !fingerprint) return []
  const { raises = true, ...guard } = plan.guard
  return [
    {
      fingerprint,
      depth: 0,
      explanation: {
        file: 'app/service.py',
        line: 42,
        language: 'python',
        function: 'handle',
        functionRange: [30, 50],
        raises,
        guard:
          guard.kind === undefined
            ? null
            : { kind: guard.kind, text: 'guard', line: 41, chance: null, predictedShare: null, ...guard },
        handling: 'unhandled',
        handlerLine: null,
        snippet: [],
      },
    },
  ]
}

function candidateOf(commit: CommitPlan, index: number): CommitCandidate {
  const reasons = commit.kinds.map(([kind, weight]) => ({
    kind,
    weight,
    summary: `a reason of kind ${kind}`,
  }))
  return {
    sha: `${index}a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d`,
    subject: commit.subject ?? `Change ${index}`,
    committedAt: T0 - 60 * MINUTE,
    score: reasons.reduce((sum, reason) => sum + reason.weight, 0),
    probability: commit.probability,
    reasons,
    hunks: [
      {
        file: 'app/db.py',
        oldStart: 10,
        newStart: 10,
        lines: [' def f():', '-    with connect() as c:', '+    c = connect()'],
      },
    ],
  }
}
