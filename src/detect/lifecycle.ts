import { createHash } from 'node:crypto'
import type { EpochMs } from '../time.ts'
import type { DetectionSubject, LiveDetection } from './live-detection.ts'
import type { LiveSign } from './judges/judge.ts'
import { moreUrgent } from './severity-share.ts'

/** A detection that is going on, and what is needed to decide how it goes on. */
export type Tracked = {
  readonly detection: LiveDetection
  /** When there was last a sign, by our clock; and the time of the last thing that went wrong. */
  readonly signAt: EpochMs
  readonly lastAt: EpochMs
  readonly toldAt: EpochMs
  /** What was told of last, for news are told only where they are some. */
  readonly toldSummary: string
  /** So long it stays without a sign. */
  readonly holdMs: number
}

export type Decision = {
  readonly tracked: Tracked | null
  /** What is told, if anything. */
  readonly tells: 'detected' | 'updated' | 'ended' | null
  readonly detection: LiveDetection | null
  readonly reason: string
}

export type Circumstances = {
  readonly now: EpochMs
  /** How often the same began within the last hour, this time included. */
  readonly starts: number
  readonly group: string
  readonly suppressedBy: string | null
}

/** Each time that it comes back within an hour it must be gone for longer, until one detection stands for all of them. */
const HOLDS_MS = [5000, 20_000, 60_000, 600_000] as const
export const FLAPPING_STARTS = HOLDS_MS.length
const NEWS_MS = 60_000

/** What becomes of a detection, given whether there is a sign of it now. Pure: the state goes in and comes out. */
export function decide(
  tracked: Tracked | null,
  sign: LiveSign | null,
  circumstances: Circumstances,
): Decision {
  if (tracked === null)
    return sign === null ? nothing(null, 'no sign, nothing open') : begin(sign, circumstances)
  if (sign === null) return waitOrEnd(tracked, circumstances)
  return goOn(tracked, sign, circumstances)
}

function nothing(tracked: Tracked | null, reason: string): Decision {
  return { tracked, tells: null, detection: null, reason }
}

function begin(sign: LiveSign, { now, starts, group, suppressedBy }: Circumstances): Decision {
  const { rule, subject, urgency, since, summary, evidence } = sign
  const id = detectionId(rule, subject, since)
  const detection: LiveDetection = {
    id,
    rule,
    subject,
    urgency,
    startedAt: since,
    detectedAt: now,
    endedAt: null,
    summary,
    evidence,
    group: group === '' ? id : group,
    suppressedBy,
  }
  const holdMs = HOLDS_MS[Math.min(starts, FLAPPING_STARTS) - 1] ?? HOLDS_MS[0]
  const tracked = { detection, signAt: now, lastAt: sign.lastAt, toldAt: now, toldSummary: summary, holdMs }
  return { tracked, tells: 'detected', detection, reason: `a sign, for the ${starts}. time within the hour` }
}

function goOn(tracked: Tracked, sign: LiveSign, { now, suppressedBy }: Circumstances): Decision {
  const before = tracked.detection
  const urgency = moreUrgent(before.urgency, sign.urgency)
  const { summary, evidence } = sign
  const startedAt = Math.min(before.startedAt, sign.since)
  const detection: LiveDetection = { ...before, startedAt, urgency, summary, evidence, suppressedBy }
  const reason = newsIn(tracked, detection, now)
  const isTold = reason !== null
  const told = isTold ? { toldAt: now, toldSummary: summary } : {}
  return {
    tracked: { ...tracked, ...told, detection, signAt: now, lastAt: Math.max(tracked.lastAt, sign.lastAt) },
    tells: isTold ? 'updated' : null,
    detection: isTold ? detection : null,
    reason: reason ?? 'it goes on, nothing new',
  }
}

function newsIn(tracked: Tracked, detection: LiveDetection, now: EpochMs): string | null {
  if (detection.urgency !== tracked.detection.urgency) return 'more urgent'
  if (detection.suppressedBy !== tracked.detection.suppressedBy) return 'suppressed, or no longer'
  const isDue = now - tracked.toldAt >= newsAfterMs(tracked) && detection.summary !== tracked.toldSummary
  return isDue ? 'other numbers, long enough after the last' : null
}

/** Who was woken wants to see how it goes; what is for who looks is told half as often each time. */
function newsAfterMs({ detection: { urgency, detectedAt }, toldAt }: Tracked): number {
  return urgency === 'P4' ? Math.max(NEWS_MS, toldAt - detectedAt) : NEWS_MS
}

function waitOrEnd(tracked: Tracked, { now }: Circumstances): Decision {
  if (now - tracked.signAt < tracked.holdMs) return nothing(tracked, 'no sign, but only just')
  const { detection } = tracked
  const ended: LiveDetection = { ...detection, endedAt: Math.max(detection.startedAt, tracked.lastAt) }
  return { tracked: null, tells: 'ended', detection: ended, reason: 'no sign for long enough' }
}

/** The same detection has the same id, whoever makes it and however often: one per rule, subject and beginning. */
function detectionId(rule: string, subject: DetectionSubject, since: EpochMs): string {
  return createHash('sha256')
    .update(`${keyOf(rule, subject)}\u0000${since}`)
    .digest('hex')
    .slice(0, 16)
}

/** One detection is open for each of these. */
export function keyOf(rule: string, { service, route, instance, resource }: DetectionSubject): string {
  return [rule, service, route, instance, resource].map((part) => part ?? '').join('\u0000')
}
