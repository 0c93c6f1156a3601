import type { Deploy, Fingerprint, LogDigest } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'

/** A line that a failing request writes may be dated a little before the request that is counted as failed. */
const SLACK_MS = WINDOW_MS

/**
 * The ids of the fingerprints that were not seen before: before the last deploy that precedes the onset, where the
 * log covers time before it, else before the onset. Without any times the order of appearance speaks.
 */
export function markNew(
  logs: LogDigest,
  deploys: readonly Deploy[],
  onsetAt: EpochMs | null,
): ReadonlySet<string> {
  const since = newSince(logs, deploys, onsetAt)
  const firstError = firstOrder(logs)
  const fresh = logs.fingerprints.filter((fingerprint) => {
    if (fingerprint.firstSeen === null || since === null) return fingerprint.order >= firstError
    return fingerprint.firstSeen >= since - (isLoud(fingerprint) ? SLACK_MS : 0)
  })
  return new Set(fresh.map((fingerprint) => fingerprint.id))
}

/** A loop, not a spread: there can be more kinds of line than a call takes arguments. */
function firstOrder(logs: LogDigest): number {
  return logs.fingerprints.filter(isFailure).reduce((least, one) => Math.min(least, one.order), Infinity)
}

function newSince(logs: LogDigest, deploys: readonly Deploy[], onsetAt: EpochMs | null): EpochMs | null {
  if (onsetAt === null) return null
  const covered = deploys
    .map((deploy) => deploy.at)
    .filter((at) => at <= onsetAt + SLACK_MS && logs.firstSeen !== null && at > logs.firstSeen)
  return covered.length === 0 ? onsetAt : Math.min(Math.max(...covered), onsetAt)
}

/** What a program says as it starts, warnings too, comes before its first error and is no sign of it. */
function isFailure(fingerprint: Fingerprint): boolean {
  return fingerprint.exception !== null || ['FATAL', 'ERROR'].includes(fingerprint.severityText)
}

/** A single warning just before the onset is what programs say as they start; one that is repeated goes with failures. */
function isLoud(fingerprint: Fingerprint): boolean {
  return isFailure(fingerprint) || (fingerprint.severityText === 'WARN' && fingerprint.count > 1)
}
