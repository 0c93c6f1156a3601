import type { Fingerprint, LogDigest } from '../telemetry/index.ts'
import { WINDOW_MS, type EpochMs } from '../time.ts'

/** The stretch that counts as the incident, with how many requests failed in it (0: unknown). */
export type FailingSpan = {
  readonly onsetAt: EpochMs | null
  readonly endedAt: EpochMs | null
  readonly failed: number
}

type Candidate = {
  readonly fingerprint: Fingerprint
  readonly inside: number
  /** How much more often inside than outside; Infinity when only inside. */
  readonly lift: number
}

const MAX_TELLING = 20
const MAX_CHATTER = 3
/** Less than this above its usual rate is the background that was always there. */
const MIN_LIFT = 3

/**
 * The fingerprints that carry the failure, the telling ones first: exceptions of the application's own code, other
 * exceptions, errors, warnings, and last the ordinary lines that only accompany a failing request.
 */
export function failingFingerprints(
  logs: LogDigest,
  span: FailingSpan,
  isNew: ReadonlySet<string>,
): readonly Fingerprint[] {
  const candidates = logs.fingerprints
    .map((fingerprint) => toCandidate(fingerprint, logs, span))
    .filter((candidate) => candidate.inside > 0)
  const raised = candidates.filter((candidate) => candidate.lift >= MIN_LIFT || !hasOutside(logs, span))
  const loud = raised.filter(({ fingerprint }) => tellingClass(fingerprint) < 4)
  // Where every error was there before, the old ones are still the best answer that the log has.
  const telling =
    loud.length > 0 ? loud : candidates.filter(({ fingerprint }) => tellingClass(fingerprint) < 3)
  const chatter = raised
    .filter((candidate) => tellingClass(candidate.fingerprint) === 4 && isOfFailures(candidate, span, isNew))
    .toSorted((a, b) => closeness(b, span) - closeness(a, span))
  const order = (a: Candidate, b: Candidate): number =>
    tellingClass(a.fingerprint) - tellingClass(b.fingerprint) ||
    Number(isNew.has(b.fingerprint.id)) - Number(isNew.has(a.fingerprint.id)) ||
    closeness(b, span) - closeness(a, span) ||
    a.fingerprint.order - b.fingerprint.order
  const sorted = [...telling.toSorted(order).slice(0, MAX_TELLING), ...chatter.slice(0, MAX_CHATTER)]
  return sorted.map((candidate) => candidate.fingerprint)
}

/** 0 exception with a frame of the application, 1 other exception, 2 FATAL or ERROR, 3 WARN, 4 the rest. */
export function tellingClass(fingerprint: Fingerprint): 0 | 1 | 2 | 3 | 4 {
  const { exception, severityText } = fingerprint
  if (severityText === 'WARN') return 3
  if (exception && severityText !== 'INFO' && severityText !== 'DEBUG') {
    return exception.some((link) => link.frames.some((frame) => frame.inApp)) ? 0 : 1
  }
  return severityText === 'FATAL' || severityText === 'ERROR' ? 2 : 4
}

function toCandidate(fingerprint: Fingerprint, logs: LogDigest, span: FailingSpan): Candidate {
  const from = span.onsetAt === null ? -Infinity : span.onsetAt - 2 * WINDOW_MS
  const to = span.endedAt === null ? Infinity : span.endedAt + WINDOW_MS
  if (fingerprint.windows.size === 0) return withoutWindows(fingerprint, from, to)
  let inside = 0
  let outside = 0
  for (const [at, count] of fingerprint.windows) {
    if (at >= from && at <= to) inside += count
    else outside += count
  }
  if (outside === 0) return { fingerprint, inside, lift: Infinity }
  const insideMs = Math.min(to, logs.lastSeen ?? to) - Math.max(from, logs.firstSeen ?? from)
  const outsideMs = (logs.lastSeen ?? 0) - (logs.firstSeen ?? 0) - insideMs
  const rateIn = inside / Math.max(insideMs, WINDOW_MS)
  return { fingerprint, inside, lift: rateIn / (outside / Math.max(outsideMs, WINDOW_MS)) }
}

/** Only first and last sight are known: inside when they touch the span, raised when they begin in it. */
function withoutWindows(fingerprint: Fingerprint, from: number, to: number): Candidate {
  const first = fingerprint.firstSeen ?? from
  const last = fingerprint.lastSeen ?? to
  const touches = first <= to && last >= from
  return { fingerprint, inside: touches ? fingerprint.count : 0, lift: first >= from ? Infinity : 1 }
}

function hasOutside(logs: LogDigest, span: FailingSpan): boolean {
  if (span.onsetAt === null || logs.firstSeen === null || logs.lastSeen === null) return false
  const before = span.onsetAt - logs.firstSeen
  const after = span.endedAt === null ? 0 : logs.lastSeen - span.endedAt
  return before > 3 * WINDOW_MS || after > 3 * WINDOW_MS
}

/** An ordinary line belongs to the failure when it is new with it and comes about as often. */
function isOfFailures(candidate: Candidate, span: FailingSpan, isNew: ReadonlySet<string>): boolean {
  const isFresh = isNew.has(candidate.fingerprint.id) || candidate.lift === Infinity
  return isFresh && span.failed > 0 && closeness(candidate, span) >= 0.5
}

/** 0–1: how near its count is to the number of failed requests; without requests, more often is nearer. */
function closeness(candidate: Candidate, span: FailingSpan): number {
  const { inside } = candidate
  if (span.failed === 0) return 1 - 1 / (1 + inside)
  return Math.min(inside, span.failed) / Math.max(inside, span.failed)
}
