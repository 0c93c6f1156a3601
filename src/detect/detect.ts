import type { Deploy, Fingerprint, LogDigest, ProcessRecord, RequestSummary } from '../telemetry/index.ts'
import { toIso, type EpochMs } from '../time.ts'
import type { Detection } from './detection.ts'
import { errorOnsets, type ErrorOnset } from './error-onset.ts'
import { failingFingerprints, tellingClass } from './failing-fingerprints.ts'
import { markNew } from './mark-new.ts'
import type { Onset } from './onset.ts'
import { requestOnset } from './request-onset.ts'

export type DetectInput = {
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly deploys: readonly Deploy[]
}

type Sign = Pick<Detection, 'onsetAt' | 'detectedAt' | 'endedAt' | 'signal' | 'summary'>

const MAX_NEW = 50
/** Ended from outside, and politely: not a failure by itself. */
const ASKED_TO_END = new Set(['SIGINT', 'SIGTERM', 'SIGHUP'])
/** Requests that fail this shortly before the program's end fail because of it. */
const DYING_MS = 2000
const TOGETHER_MS = 5 * 60_000

/**
 * When something began to be wrong, and by what sign; null where nothing is wrong. In this order: a program that ended
 * by itself, requests that fail more often than before, an error that is new or comes in a burst, errors at all.
 */
export function detect(input: DetectInput): Detection | null {
  const sign = firstSign(input)
  if (!sign) return null
  const isNew = markNew(input.logs, input.deploys, sign.onsetAt)
  const failing = failingFingerprints(input.logs, { ...sign, failed: input.requests.failed }, isNew)
  return {
    ...sign,
    newFingerprints: tellingFirst(
      input.logs.fingerprints.filter((one) => isNew.has(one.id)),
      failing,
    ),
    failingFingerprints: failing.map((one) => one.id),
  }
}

function firstSign(input: DetectInput): Sign | null {
  const requests = requestSign(input.requests)
  const ended = processSign(input.process, input.requests)
  if (ended?.onsetAt && (!requests?.onsetAt || requests.onsetAt >= ended.onsetAt - DYING_MS)) return ended
  return requests ?? errorSign(errorOnsets(input.logs)) ?? ended
}

function requestSign(requests: RequestSummary): Sign | null {
  const onset = requestOnset(requests)
  if (!onset) return null
  const { routes, failed } = onset
  const where = routes.length === 1 ? (routes[0] ?? '') : `${routes.length} routes`
  const share = `${((failed / Math.max(onset.requests, 1)) * 100).toFixed(1)} %`
  const before = onset.before === null ? '' : `; ${beforeInWords(onset.before)}`
  return {
    onsetAt: onset.onsetAt,
    detectedAt: onset.detectedAt,
    endedAt: onset.endedAt,
    signal: 'failed-requests',
    summary: `${failed} of ${onset.requests} requests to ${where} failed (${share}), the first at ${toIso(onset.onsetAt)}${before}`,
  }
}

function beforeInWords(rate: number): string {
  return rate === 0 ? 'none failed before' : `before, ${(rate * 100).toFixed(2)} % failed`
}

function errorSign(onsets: readonly ErrorOnset[]): Sign | null {
  const [main] = onsets
  if (!main) return null
  const dated = onsets
    .map((one) => one.onset)
    .filter((onset) => onset !== null)
    .filter((onset) => isTogether(onset, main.onset))
  const ends = dated.map((onset) => onset.endedAt)
  const onsetAt = dated.length === 0 ? null : Math.min(...dated.map((onset) => onset.onsetAt))
  return {
    onsetAt,
    detectedAt: dated.length === 0 ? null : Math.min(...dated.map((onset) => onset.detectedAt)),
    endedAt:
      dated.length === 0 || ends.includes(null) ? null : Math.max(...ends.filter((end) => end !== null)),
    signal: main.signal,
    summary: errorSummary(main, onsetAt),
  }
}

/** Errors that began with the main one, or minutes before it, are of one incident; an old trickle is not. */
function isTogether(onset: Onset, main: Onset | null): boolean {
  if (!main) return true
  return onset.onsetAt >= main.onsetAt - TOGETHER_MS && onset.onsetAt <= (main.endedAt ?? Infinity)
}

function errorSummary(main: ErrorOnset, onsetAt: EpochMs | null): string {
  const name = nameOf(main.fingerprint)
  const times = main.fingerprint.count === 1 ? 'once' : `${main.fingerprint.count} times`
  const since = onsetAt === null ? '' : ` from ${toIso(onsetAt)} on`
  if (main.signal === 'new-error') return `A new error, \`${name}\`, was logged ${times}${since}`
  if (main.signal === 'error-burst')
    return `\`${name}\` was logged far more often than before${since}, ${times} in all`
  return `\`${name}\` was logged ${times}${since}; too little was logged before to compare with`
}

function nameOf(fingerprint: Fingerprint): string {
  const link = fingerprint.exception?.[0]
  const text = link ? `${link.type}: ${link.message}` : fingerprint.template
  return text.replaceAll('`', "'").replaceAll(/\s+/g, ' ').slice(0, 160).trim()
}

function processSign(process: ProcessRecord | null, requests: RequestSummary): Sign | null {
  if (!process || process.exitedAt === null || process.exitCode === 0) return null
  if (process.signal !== null && ASKED_TO_END.has(process.signal) && requests.failed === 0) return null
  const how =
    process.signal === null ? `with exit code ${process.exitCode ?? 'unknown'}` : `by ${process.signal}`
  const afterMs = process.exitedAt - process.startedAt
  return {
    onsetAt: process.exitedAt,
    detectedAt: process.exitedAt,
    endedAt: null,
    signal: 'process-ended',
    summary: `The program ended ${how}, ${(afterMs / 1000).toFixed(1)} s after it was started`,
  }
}

function tellingFirst(fresh: readonly Fingerprint[], failing: readonly Fingerprint[]): readonly string[] {
  const place = new Map(failing.map((one, index) => [one.id, index]))
  const rank = (one: Fingerprint): number => place.get(one.id) ?? failing.length + tellingClass(one)
  return fresh
    .toSorted((a, b) => rank(a) - rank(b) || a.order - b.order)
    .slice(0, MAX_NEW)
    .map((one) => one.id)
}
