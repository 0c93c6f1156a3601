import type { FingerprintJson, IncidentJson } from '../contract/incident-json.ts'
import type { CommitCandidate, Factor } from '../diagnose/index.ts'
import type { Fingerprint, LogDigest, RouteStats } from '../telemetry/index.ts'
import { toIso, toIsoOrNull } from '../time.ts'
import type { Review } from './review.ts'

/** The review as `incident.json` carries it: ISO 8601 UTC, seconds, shares as fractions. */
export function toIncidentJson(review: Review): IncidentJson {
  const { detection, diagnosis, timeline } = review
  return {
    schema: 1,
    title: review.title,
    summary: review.summary.join(' '),
    severity: review.severity.severity,
    status: review.status,
    incidentFound: detection !== null,
    ...milestones(review),
    impact: impactOf(review),
    sla: slaOf(review),
    fingerprints: reviewFingerprints(review),
    factors: (diagnosis?.factors ?? []).map(factorJson),
    candidates: (diagnosis?.candidates ?? []).slice(0, MAX_CANDIDATES).map(candidateJson),
    inconclusive: diagnosis?.inconclusive ?? false,
    nextSteps: [...(diagnosis?.nextSteps ?? [])],
    fixes: (diagnosis?.fixes ?? []).map((fix) => ({ ...fix })),
    ...proofOf(review),
    actions: [],
    timeline: timeline.map(({ at, kind, summary }) => ({ at: toIso(at), kind, summary })),
    fiveWhys: review.fiveWhys.steps.map(({ why, because, findings }) => ({
      why,
      because,
      findings: findings.map((finding) => finding.source),
    })),
    actionItems: review.actionItems.map(({ title, kind, priority }) => ({ title, kind, priority })),
  }
}

/** Errors come first in a digest; past this many kinds only those that carry the failure are told. */
const MAX_FINGERPRINTS = 1000

function reviewFingerprints({ logs, detection, newFingerprints }: Review): FingerprintJson[] {
  const failing = new Set(detection?.failingFingerprints)
  const told = logs.fingerprints.filter((one, index) => index < MAX_FINGERPRINTS || failing.has(one.id))
  return told.map((one) => fingerprintJson(one, logs, newFingerprints))
}

/** The fingerprints of a log as JSON; `fresh` holds the ids of those that count as new. */
export function fingerprintsJson(logs: LogDigest, fresh: ReadonlySet<string>): FingerprintJson[] {
  return logs.fingerprints.map((one) => fingerprintJson(one, logs, fresh))
}

function milestones({ detection, diagnosedAt }: Review) {
  return {
    startedAt: toIsoOrNull(detection?.onsetAt ?? null),
    detectedAt: toIsoOrNull(detection?.detectedAt ?? null),
    acknowledgedAt: null,
    containedAt: null,
    diagnosedAt: toIsoOrNull(diagnosedAt),
    resolvedAt: toIsoOrNull(detection?.endedAt ?? null),
    verifiedAt: null,
  }
}

function impactOf({ impact }: Review): IncidentJson['impact'] {
  return {
    requests: impact.requests,
    failed: impact.failed,
    errorRate: impact.errorRate,
    routes: impact.routes.map(routeJson),
    healthyRoutes: impact.healthyRoutes.map(routeJson),
    downtimeSeconds: impact.downtimeMs / 1000,
    partialOutageSeconds: impact.partialOutageMs / 1000,
    areas: impact.areas.map(({ area, impact: text }) => ({ area, impact: text })),
    usersAffected: impact.usersAffected,
    revenue: null,
  }
}

function routeJson({ route, requests, failed }: RouteStats) {
  return { route, requests, failed }
}

function slaOf({ sla }: Review): IncidentJson['sla'] {
  if (!sla) return null
  return {
    objective: sla.objective,
    windowSeconds: sla.windowMs / 1000,
    allowedSeconds: sla.allowedMs / 1000,
    usedSeconds: sla.usedMs / 1000,
    share: sla.share,
  }
}

function proofOf({ proof }: Review): Pick<IncidentJson, 'proof' | 'proofNote'> {
  if (proof.kind === 'not-tried') return { proof: null, proofNote: proof.reason }
  const { before, after, proven } = proof
  return {
    proof: { patch: 'fix.patch', before: tally(before), after: tally(after), proven },
    proofNote: proof.note,
  }
}

function tally({ requests, failed }: { requests: number; failed: number }) {
  return { requests, failed }
}

const MAX_CANDIDATES = 10

function candidateJson({ sha, subject, committedAt, probability, reasons }: CommitCandidate) {
  const words = reasons.map(({ summary }) => summary)
  return { sha, subject, committedAt: toIso(committedAt), probability, reasons: words }
}

function factorJson(factor: Factor): IncidentJson['factors'][number] {
  const { rank, cause, confidence, summary, service, resource, commit, location } = factor
  return {
    rank,
    cause,
    confidence,
    summary,
    service,
    resource,
    commit: commit && { sha: commit.sha, subject: commit.subject, committedAt: toIso(commit.committedAt) },
    location: location && { file: location.file, line: location.line, function: location.function },
    chain: [...factor.chain],
    findings: factor.findings.map(({ kind, summary: text, observedAt, supports, source }) => ({
      kind,
      summary: text,
      observedAt: toIsoOrNull(observedAt),
      supports,
      source,
    })),
    immediateFix: [...factor.immediateFix],
    permanentFix: [...factor.permanentFix],
  }
}

function fingerprintJson(one: Fingerprint, logs: LogDigest, fresh: ReadonlySet<string>): FingerprintJson {
  const [example] = one.examples
  return {
    id: one.id,
    template: one.template,
    severityText: one.severityText,
    count: one.count,
    // Continuation lines belong to their head, so a share counts heads against physical lines.
    share: logs.lines === 0 ? 0 : Math.min(1, one.count / logs.lines),
    firstSeen: toIsoOrNull(one.firstSeen),
    lastSeen: toIsoOrNull(one.lastSeen),
    isNew: fresh.has(one.id),
    exception: one.exception && {
      chain: one.exception.map(({ type, message, frames }) => ({
        type,
        message,
        frames: frames.map((frame) => ({ ...frame })),
      })),
    },
    source: example ? { file: example.file, line: example.line } : null,
    example: example?.text ?? one.template,
  }
}
