import type { Detection } from '../detect/index.ts'
import type { Fingerprint, LogDigest } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** A fingerprint with how much it belongs to this incident. */
export type WeighedFingerprint = {
  readonly fingerprint: Fingerprint
  /** 0–1: 1 for one that carries the failure, near 0 for an error that was always there. */
  readonly relevance: number
  /** 0–1: of all error lines of the incident, weighed by relevance. */
  readonly share: number
  readonly isNew: boolean
}

/** An error by its severity, an exception, or a line whose severity nobody told. */
export function mayBeError(fingerprint: Fingerprint): boolean {
  if (fingerprint.exception !== null) return true
  return ['FATAL', 'ERROR', 'WARN', ''].includes(fingerprint.severityText)
}

/** All kinds of lines that may speak of the failure, the telling ones first. */
export function weighFingerprints(logs: LogDigest, detection: Detection): readonly WeighedFingerprint[] {
  const failing = new Set(detection.failingFingerprints)
  const fresh = new Set(detection.newFingerprints)
  const weighed = logs.fingerprints.map((fingerprint) => ({
    fingerprint,
    relevance: relevanceOf(fingerprint, { failing, fresh, onsetAt: detection.onsetAt }),
    isNew: fresh.has(fingerprint.id),
  }))
  const isLoud = ({ fingerprint }: { fingerprint: Fingerprint }) =>
    fingerprint.exception !== null || ['FATAL', 'ERROR'].includes(fingerprint.severityText)
  const total = weighed.filter(isLoud).reduce((sum, one) => sum + one.fingerprint.count * one.relevance, 0)
  return weighed
    .map((one) => ({
      ...one,
      share: total === 0 ? 1 : Math.min(1, (one.fingerprint.count * one.relevance) / total),
    }))
    .sort((a, b) => b.relevance - a.relevance || b.fingerprint.count - a.fingerprint.count)
}

type Marks = {
  readonly failing: ReadonlySet<string>
  readonly fresh: ReadonlySet<string>
  readonly onsetAt: EpochMs | null
}

function relevanceOf(fingerprint: Fingerprint, marks: Marks): number {
  if (marks.failing.has(fingerprint.id)) return 1
  if (marks.fresh.has(fingerprint.id)) return 0.9
  const { firstSeen, lastSeen } = fingerprint
  const { onsetAt } = marks
  if (onsetAt === null || firstSeen === null || lastSeen === null) return 0.7
  if (lastSeen < onsetAt - 60_000) return 0.05
  // A minute of grace: a full disk or an ageing certificate is logged a little before the first user feels it.
  if (firstSeen >= onsetAt - 60_000) return 0.8
  return rateRatio(fingerprint, onsetAt) >= 3 ? 0.7 : 0.15
}

/** How much more often it is written after the onset than before, per window in which it was written. */
function rateRatio(fingerprint: Fingerprint, onsetAt: EpochMs): number {
  let before = 0
  let after = 0
  for (const [start, count] of fingerprint.windows) {
    if (start < onsetAt) before += count
    else after += count
  }
  const first = fingerprint.firstSeen ?? onsetAt
  const last = fingerprint.lastSeen ?? onsetAt
  const perMsBefore = before / Math.max(10_000, onsetAt - first)
  const perMsAfter = after / Math.max(10_000, last - onsetAt)
  return perMsBefore === 0 ? Infinity : perMsAfter / perMsBefore
}
