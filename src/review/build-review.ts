import { markNew } from '../detect/index.ts'
import type { TimelineEvent } from '../incident/index.ts'
import { actionItems } from './action-items.ts'
import { mainFactor } from './facts.ts'
import { fiveWhys } from './five-whys.ts'
import { headline, summarise } from './headline.ts'
import { lessons, wentBadly, wentWell } from './lessons.ts'
import { prevention } from './prevention.ts'
import { redactDiagnosis } from './redact-diagnosis.ts'
import type { IncidentStatus, Review, ReviewInput } from './review.ts'
import { quoted } from './wording.ts'

/** The finished review of an incident, or of a time without one: a pure function of the facts. */
export function buildReview(given: ReviewInput): Review {
  const input = { ...given, diagnosis: given.diagnosis && redactDiagnosis(given.diagnosis) }
  const { logs, deploys, detection } = input
  return {
    ...input,
    timeline: withChanges(input),
    title: headline(input),
    status: statusOf(input),
    summary: summarise(input),
    newFingerprints: detection ? markNew(logs, deploys, detection.onsetAt) : new Set<string>(),
    fiveWhys: fiveWhys(input),
    wentWell: wentWell(input),
    wentBadly: wentBadly(input),
    lessons: lessons(input),
    prevention: prevention(input),
    actionItems: actionItems(input),
  }
}

/** Nothing found is closed; an incident whose failures stopped is resolved; all others are open. */
function statusOf({ detection }: ReviewInput): IncidentStatus {
  if (!detection) return 'closed'
  return detection.endedAt === null ? 'open' : 'resolved'
}

const NO_CAUSE = 'The diagnosis ended without a cause that the evidence would carry'

/** An inconclusive diagnosis has a first guess; a timeline of facts is no place for it. */
function isOpenEnd(event: TimelineEvent, { diagnosis }: ReviewInput): boolean {
  return event.kind === 'diagnosed' && (diagnosis?.inconclusive ?? false)
}

/** The timeline with what only the diagnosis knows: the change behind it, and a release that tags imply. */
function withChanges(input: ReviewInput): readonly TimelineEvent[] {
  const commit = mainFactor(input)?.commit
  const range = input.diagnosis?.range
  const events = input.timeline.map((event) =>
    isOpenEnd(event, input) ? { ...event, summary: NO_CAUSE } : event,
  )
  if (commit) {
    const summary = `Commit ${quoted(commit.sha.slice(0, 10))} was made: ${quoted(commit.subject, 100)}`
    events.push({ at: commit.committedAt, kind: 'change', summary })
  }
  const deployedAt = range?.deployedAt ?? null
  if (
    range &&
    deployedAt !== null &&
    !events.some((event) => event.kind === 'deploy' && event.at === deployedAt)
  ) {
    events.push({
      at: deployedAt,
      kind: 'deploy',
      summary: `The release with commit ${quoted(range.badCommit.slice(0, 10))} went live, as far as ${range.how} tells`,
    })
  }
  return events.toSorted((a, b) => a.at - b.at)
}
