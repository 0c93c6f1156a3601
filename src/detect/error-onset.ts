import type { Fingerprint, LogDigest } from '../telemetry/index.ts'
import { WINDOW_MS } from '../time.ts'
import { dateOnset, type Onset } from './onset.ts'
import { findShift, type Point } from './shift.ts'

/** An error kind with the onset that its occurrences show. */
export type ErrorOnset = {
  readonly fingerprint: Fingerprint
  readonly signal: 'new-error' | 'error-burst' | 'errors'
  /** Null where the log has no times. */
  readonly onset: Onset | null
}

/** A steady trickle of one error in a log this long, and this thin, is how the system always was. */
const LONG_LOG_MS = 3_600_000
const THIN_SHARE = 0.01
const COVERED = 0.9
/** Looked at one by one; of more kinds of error than this, the most frequent. */
const MAX_ERRORS = 2000

/** FATAL, ERROR, or an exception that nobody marked as handled by logging it lower. */
export function isError(fingerprint: Fingerprint): boolean {
  if (fingerprint.severityText === 'FATAL' || fingerprint.severityText === 'ERROR') return true
  return fingerprint.exception !== null && fingerprint.severityText === ''
}

/** The errors in a log that are more than its usual background, the most telling first; empty where there are none. */
export function errorOnsets(logs: LogDigest): readonly ErrorOnset[] {
  const all = logs.fingerprints.filter(isError)
  const errors =
    all.length <= MAX_ERRORS ? all : all.toSorted((a, b) => b.count - a.count).slice(0, MAX_ERRORS)
  return errors
    .map((fingerprint) => errorOnset(fingerprint, logs, errors.length))
    .filter((onset) => onset !== null)
    .toSorted((a, b) => weight(b) - weight(a))
}

function errorOnset(fingerprint: Fingerprint, logs: LogDigest, alternatives: number): ErrorOnset | null {
  const points = toPoints(fingerprint, logs)
  if (points.length === 0) return { fingerprint, signal: 'errors', onset: null }
  const edges = { first: fingerprint.firstSeen, last: fingerprint.lastSeen }
  const shift = findShift(points, alternatives)
  if (shift) {
    const onset = dateOnset(points, shift, edges)
    const isFirst = fingerprint.firstSeen !== null && onset.onsetAt <= fingerprint.firstSeen
    if (onset.before === null) return { fingerprint, signal: 'errors', onset }
    return { fingerprint, signal: isFirst ? 'new-error' : 'error-burst', onset }
  }
  if (isBackground(fingerprint, logs)) return null
  const from = points.findIndex((point) => point.hits > 0)
  const to = points.findLastIndex((point) => point.hits > 0)
  const exposure = points.slice(from, to + 1).reduce((sum, point) => sum + point.exposure, 0)
  const steady = { from, to, rateIn: fingerprint.count / Math.max(exposure, 1), rateOut: 0, gain: 0 }
  const onset = dateOnset(points, steady, edges)
  return { fingerprint, signal: cameLate(fingerprint, logs) ? 'new-error' : 'errors', onset }
}

/** Thin, in a long log, and there from end to end. A FATAL line never is. */
function isBackground(fingerprint: Fingerprint, logs: LogDigest): boolean {
  if (fingerprint.severityText === 'FATAL') return false
  const { firstSeen, lastSeen } = fingerprint
  if (logs.firstSeen === null || logs.lastSeen === null || firstSeen === null || lastSeen === null)
    return false
  const spanMs = logs.lastSeen - logs.firstSeen
  if (spanMs < LONG_LOG_MS || fingerprint.count < 5) return false
  const isThin = fingerprint.count < THIN_SHARE * logs.lines
  return isThin && lastSeen - firstSeen > COVERED * spanMs - LONG_LOG_MS / 10
}

function cameLate(fingerprint: Fingerprint, logs: LogDigest): boolean {
  if (logs.firstSeen === null || logs.lastSeen === null || fingerprint.firstSeen === null) return false
  const beforeMs = fingerprint.firstSeen - logs.firstSeen
  return beforeMs > 3 * WINDOW_MS && beforeMs > 0.1 * (logs.lastSeen - logs.firstSeen)
}

/** Occurrences per window over the whole log; a gap is one point without hits, as wide as it is. */
function toPoints(fingerprint: Fingerprint, logs: LogDigest): readonly Point[] {
  const { firstSeen: start, lastSeen: end } = logs
  if (start === null || end === null || fingerprint.windows.size === 0) return []
  const points: Point[] = []
  let next = Math.floor(start / WINDOW_MS) * WINDOW_MS
  for (const [at, hits] of [...fingerprint.windows].toSorted(([a], [b]) => a - b)) {
    if (at > next) points.push({ at: next, exposure: (at - next) / WINDOW_MS, hits: 0 })
    points.push({ at, exposure: 1, hits })
    next = at + WINDOW_MS
  }
  if (end >= next) points.push({ at: next, exposure: (end - next) / WINDOW_MS + 1, hits: 0 })
  return points
}

/** Fatal before raised before logged, new before known, often before once; a factor of ten outweighs one class. */
function weight({ fingerprint, signal }: ErrorOnset): number {
  const kind = fingerprint.severityText === 'FATAL' ? 3 : fingerprint.exception ? 2 : 1
  const novelty = { 'new-error': 2, 'error-burst': 1.5, errors: 1 }[signal]
  return Math.log(fingerprint.count + 2) * kind * novelty
}
