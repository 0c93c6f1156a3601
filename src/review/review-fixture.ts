import { detect } from '../detect/index.ts'
import type { Diagnosis, Factor } from '../diagnose/index.ts'
import { parseObjective } from '../duration.ts'
import {
  accountSla,
  assessImpact,
  buildTimeline,
  proposeSeverity,
  severityFallback,
} from '../incident/index.ts'
import {
  createRequestLedger,
  type Deploy,
  type ExceptionChain,
  type Fingerprint,
  type LogDigest,
  type ProcessRecord,
  type RequestOutcome,
} from '../telemetry/index.ts'
import { windowStart, type EpochMs } from '../time.ts'
import type { Proof } from '../verify/index.ts'
import type { ReviewInput } from './review.ts'

/** Builders of realistic review inputs for tests: everything but the diagnosis is made by the real stages. */

export type Observed = {
  readonly how: 'run' | 'investigate'
  readonly requests?: readonly RequestOutcome[]
  readonly origin?: 'sent' | 'access-log'
  readonly fingerprints?: readonly Fingerprint[]
  readonly lines?: number
  readonly firstSeen?: EpochMs
  readonly lastSeen?: EpochMs
  readonly process?: ProcessRecord | null
  readonly deploys?: readonly Deploy[]
  readonly objective?: string
  readonly diagnosis?: Diagnosis | null
  readonly proof?: Proof
  readonly generatedAt: EpochMs
}

/** Runs the stages before the review over what was observed. */
export function reviewInput(observed: Observed): ReviewInput {
  const ledger = createRequestLedger()
  for (const outcome of observed.requests ?? []) ledger.record(outcome, observed.origin ?? 'access-log')
  const requests = ledger.summary()
  const logs = logDigest(observed)
  const { process = null, deploys = [], diagnosis = null, generatedAt, how } = observed
  const seen = { logs, requests, process, deploys }
  const detection = detect(seen)
  const impact = assessImpact({ ...seen, detection })
  const proof = observed.proof ?? {
    kind: 'not-tried',
    reason: 'no patch was found that would remove the cause',
  }
  const diagnosedAt = diagnosis ? generatedAt - 40_000 : null
  const milestones = [
    ...(diagnosedAt === null
      ? []
      : [
          { at: diagnosedAt, kind: 'diagnosed', summary: diagnosis?.factors[0]?.summary ?? 'no cause found' },
        ]),
    ...(proof.kind === 'tried' ? [{ at: generatedAt - 1000, kind: 'fix-tried', summary: proof.note }] : []),
  ]
  return {
    ...seen,
    how,
    detection,
    impact,
    severity: proposeSeverity(impact, severityFallback(detection)),
    sla: observed.objective ? accountSla(parseObjective(observed.objective), impact.downtimeMs) : null,
    diagnosis: detection ? diagnosis : null,
    proof,
    timeline: buildTimeline({ ...seen, detection, milestones }),
    diagnosedAt,
    generatedAt,
  }
}

function logDigest(observed: Observed): LogDigest {
  const fingerprints = observed.fingerprints ?? []
  const seen = fingerprints.flatMap((one) => [one.firstSeen, one.lastSeen]).filter((at) => at !== null)
  const firstSeen = observed.firstSeen ?? (seen.length > 0 ? Math.min(...seen) : null)
  const lastSeen = observed.lastSeen ?? (seen.length > 0 ? Math.max(...seen) : null)
  const lines = observed.lines ?? fingerprints.reduce((sum, one) => sum + one.count, 0)
  const files = [...new Set(fingerprints.flatMap((one) => one.examples.map((example) => example.file)))]
  return {
    lines,
    bytes: lines * 90,
    files: files.map((file) => ({
      file,
      format: 'python-logging',
      lines,
      bytes: lines * 90,
      firstSeen,
      lastSeen,
      notes: [],
    })),
    firstSeen,
    lastSeen,
    fingerprints,
    groups: null,
  }
}

export type KindOfLine = Pick<Fingerprint, 'id' | 'template' | 'severityText'> & {
  readonly times: readonly EpochMs[]
  readonly exception?: ExceptionChain
  readonly file?: string
  readonly line?: number
  readonly text?: string
  readonly order?: number
}

/** One kind of log line that was seen at these times. */
export function fingerprint(kind: KindOfLine): Fingerprint {
  const windows = new Map<EpochMs, number>()
  for (const at of kind.times) windows.set(windowStart(at), (windows.get(windowStart(at)) ?? 0) + 1)
  const times = kind.times.toSorted((a, b) => a - b)
  const example = {
    file: kind.file ?? 'app.log',
    line: kind.line ?? 1,
    text: kind.text ?? kind.template,
    before: [],
    after: [],
  }
  return {
    id: kind.id,
    template: kind.template,
    severityText: kind.severityText,
    count: times.length,
    firstSeen: times[0] ?? null,
    lastSeen: times.at(-1) ?? null,
    exception: kind.exception ?? null,
    order: kind.order ?? 0,
    windows,
    examples: [example],
  }
}

/** A request that was answered. */
export function answer(at: EpochMs, route: string, status: number): RequestOutcome {
  return { at, route, status, noAnswer: null, durationMs: status >= 500 ? 6 : 4, client: null }
}

/** A factor with nothing in it yet but its cause. */
export function factor(of: Partial<Factor> & Pick<Factor, 'cause' | 'summary'>): Factor {
  return {
    rank: 1,
    confidence: 0.9,
    service: null,
    resource: null,
    commit: null,
    location: null,
    chain: ['a change', 'the application', 'a mechanism', 'failed requests'],
    findings: [],
    immediateFix: [],
    permanentFix: [],
    verify: [],
    prevention: [],
    ...of,
  }
}

export type FindingOf = Factor['findings'][number]

/** A finding that speaks for its factor when its weight is positive. */
export function finding(
  of: Pick<FindingOf, 'kind' | 'summary' | 'source' | 'weight'> & Partial<FindingOf>,
): FindingOf {
  return { observedAt: null, subject: {}, strength: 1, evidence: null, supports: of.weight > 0, ...of }
}

export function diagnosis(of: Partial<Diagnosis>): Diagnosis {
  return {
    factors: [],
    inconclusive: false,
    nextSteps: [],
    candidates: [],
    range: null,
    explanations: [],
    fixes: [],
    problems: [],
    ...of,
  }
}

/** `count` times, `stepMs` apart. */
export function every(from: EpochMs, stepMs: number, count: number): readonly EpochMs[] {
  return Array.from({ length: count }, (_, index) => from + index * stepMs)
}

/** The same row of coin tosses in every run. */
export function coins(count: number, share = 0.5): readonly boolean[] {
  let state = 20_261_120
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648 < share
  })
}
