import { formatDuration } from '../incident/index.ts'
import {
  culprit,
  healthyRoute,
  mainError,
  mainExplanation,
  mainFactor,
  supporting,
  suspectDeploy,
} from './facts.ts'
import type { ReviewInput } from './review.ts'
import { count, ended, percent, quoted } from './wording.ts'

type Note = (input: ReviewInput) => string | null

/** What helped, each from a fact of this incident. */
export function wentWell(input: ReviewInput): readonly string[] {
  return collect(input, [
    stackTraceTold,
    staysPartial,
    noticedQuickly,
    changeWasFound,
    fixProven,
    endedByItself,
    nothingLost,
  ])
}

/** What hurt, each from a fact of this incident. */
export function wentBadly(input: ReviewInput): readonly string[] {
  return collect(input, [
    healthCheckBlind,
    releaseWentThrough,
    longOutage,
    objectiveUsed,
    traceMisled,
    errorUnhandled,
    errorHidden,
    bigRelease,
    requestsUnknown,
    timesUnknown,
    noiseInLog,
    causeUnknown,
  ])
}

/** What holds beyond this incident: one sentence per thing that can be done differently. */
export function lessons(input: ReviewInput): readonly string[] {
  return collect(input, [lessonOfChance, lessonOfHealth, lessonOfRelease, lessonOfHandling, lessonOfUnknown])
}

function collect(input: ReviewInput, notes: readonly Note[]): readonly string[] {
  if (!input.detection) return []
  return notes.map((note) => note(input)).filter((text) => text !== null)
}

function stackTraceTold(input: ReviewInput): string | null {
  const frames = mainError(input)?.exception?.flatMap((link) => link.frames) ?? []
  const frame = frames.find((one) => one.inApp && one.line !== null)
  if (!frame || frame.file === null || isTraceInnocent(input)) return null
  const shown = mainExplanation(input)
  // The path in the repository is what the reader knows; the one in the log may lie on a machine that is gone.
  const file = shown && shown.line === frame.line && frame.file.endsWith(shown.file) ? shown.file : frame.file
  return `The log holds a full stack trace that leads into the application's own code (${quoted(file)}, line ${frame.line}).`
}

/** A leak is felt by whoever asks next: then no frame of the trace lies where the cause does. */
function isTraceInnocent(input: ReviewInput): boolean {
  const file = mainFactor(input)?.location?.file
  const frames =
    mainError(input)?.exception?.flatMap((link) => link.frames.filter((frame) => frame.inApp)) ?? []
  return file !== undefined && frames.length > 0 && !frames.some((frame) => frame.file?.endsWith(file))
}

function traceMisled(input: ReviewInput): string | null {
  const file = mainFactor(input)?.location?.file
  if (file === undefined || !isTraceInnocent(input)) return null
  return `The stack traces show only innocent code: the cause lies in ${quoted(file)}, which is in none of them.`
}

function staysPartial({ impact }: ReviewInput): string | null {
  if (impact.failed === 0 || impact.healthyRoutes.length === 0) return null
  const names = impact.healthyRoutes.slice(0, 3).map((route) => route.route)
  return `The failure stayed where it was: ${names.join(', ')} went on without a failure.`
}

function noticedQuickly({ detection }: ReviewInput): string | null {
  if (!detection || detection.detectedAt === null || detection.onsetAt === null) return null
  const tookMs = detection.detectedAt - detection.onsetAt
  if (tookMs > 60_000) return null
  return `The signal was clear: what was recorded is enough to be sure ${formatDuration(tookMs)} after the first failure.`
}

function changeWasFound(input: ReviewInput): string | null {
  const commit = mainFactor(input)?.commit
  const commits = input.diagnosis?.range?.commits ?? 0
  if (!commit || commits < 2) return null
  return `The history is clean enough to single out one change among ${count(commits, 'commit')}.`
}

function fixProven({ proof }: ReviewInput): string | null {
  if (proof.kind !== 'tried' || !proof.proven) return null
  return `A fix exists and was proven before anybody has to trust it: ${proof.after.failed} of ${count(proof.after.requests, 'request')} failed with it.`
}

function endedByItself({ detection, deploys }: ReviewInput): string | null {
  const { onsetAt = null, endedAt = null } = detection ?? {}
  if (onsetAt === null || endedAt === null) return null
  const fix = deploys.find((deploy) => deploy.at > onsetAt && deploy.at <= endedAt + 60_000)
  const how = fix ? ' with the next release' : ''
  return `It ended${how} after ${formatDuration(endedAt - onsetAt)}, and stayed away for as long as was observed.`
}

function nothingLost({ sla }: ReviewInput): string | null {
  return sla && sla.share <= 0.5 ? `Over half of what ${quoted(sla.objective)} allows is left.` : null
}

function healthCheckBlind(input: ReviewInput): string | null {
  const route = healthyRoute(input)
  if (!route || !/health|ready|live|status|ping/i.test(route.route)) return null
  return `${route.route} said that all was well (${count(route.requests, 'request')}, none failed) while ${percent(input.impact.errorRate)} of requests to ${failingNames(input)} failed: nothing that relies on it could react.`
}

function failingNames({ impact }: ReviewInput): string {
  return impact.routes.length === 1 ? (impact.routes[0]?.route ?? '') : count(impact.routes.length, 'route')
}

function releaseWentThrough(input: ReviewInput): string | null {
  const deploy = suspectDeploy(input)
  if (!deploy) return null
  const name = deploy.version === null ? 'The release' : `Release ${deploy.version}`
  const endedAt = input.detection?.endedAt ?? null
  const stay = endedAt === null ? 'as far as was observed' : `for ${formatDuration(endedAt - deploy.at)}`
  return `${name} reached users although it failed from its first minutes on: the first failure came ${formatDuration(deploy.beforeMs)} after it went live, and it stayed ${stay}.`
}

function longOutage({ detection, impact }: ReviewInput): string | null {
  if (!detection || impact.downtimeMs < 60_000) return null
  return `Users were without service for ${formatDuration(impact.downtimeMs)}.`
}

function objectiveUsed({ sla }: ReviewInput): string | null {
  if (!sla || sla.share <= 0.5) return null
  const share = `${(sla.share * 100).toFixed(0)} %`
  if (sla.share > 1)
    return `The objective ${quoted(sla.objective)} is missed: ${share} of the allowed downtime is used.`
  const leftMs = sla.allowedMs - sla.usedMs
  return `One incident took ${share} of the downtime that ${quoted(sla.objective)} allows; ${formatDuration(leftMs)} are left.`
}

function errorUnhandled(input: ReviewInput): string | null {
  const [finding] = supporting(mainFactor(input), (kind) => kind === 'error-unhandled')
  return finding ? `The error was not handled: ${ended(finding.summary)}` : null
}

function errorHidden(input: ReviewInput): string | null {
  const [finding] = supporting(mainFactor(input), (kind) => kind === 'error-swallowed')
  return finding ? `The code hides the error: ${ended(finding.summary)}` : null
}

function bigRelease(input: ReviewInput): string | null {
  const commits = input.diagnosis?.range?.commits ?? 0
  if (!culprit(input) || commits < 10) return null
  return `${count(commits, 'commit')} went out together, so that the one that matters had to be searched for.`
}

function requestsUnknown({ requests }: ReviewInput): string | null {
  return requests.requests > 0
    ? null
    : 'No record of requests exists, so nobody can say how many users were hit.'
}

function timesUnknown({ logs }: ReviewInput): string | null {
  return logs.lines > 0 && logs.firstSeen === null
    ? 'The log carries no times, so neither onset nor duration is known.'
    : null
}

function noiseInLog({ logs, detection }: ReviewInput): string | null {
  const failing = new Set(detection?.failingFingerprints)
  const noise = logs.fingerprints.filter(
    (one) => one.severityText === 'ERROR' && !failing.has(one.id) && one.count > 2,
  )
  if (noise.length === 0) return null
  return `${count(noise.length, 'other kind')} of error ${noise.length === 1 ? 'was' : 'were'} in the log too: noise that hides what matters.`
}

function causeUnknown({ diagnosis }: ReviewInput): string | null {
  return diagnosis?.inconclusive ? 'What was recorded does not tell the cause.' : null
}

function lessonOfChance(input: ReviewInput): string | null {
  if (mainFactor(input)?.cause !== 'nondeterministic-failure') return null
  return 'A failure by chance passes any single check: it takes repeated requests, or an error rate, to see it.'
}

function lessonOfHealth(input: ReviewInput): string | null {
  const route = healthyRoute(input)
  return route
    ? `A healthy ${route.route} says nothing about ${failingNames(input)}: a check is worth what it exercises.`
    : null
}

function lessonOfRelease(input: ReviewInput): string | null {
  const deploy = suspectDeploy(input)
  if (!deploy) return null
  return `The error rate of the first minutes after a release is the cheapest test there is: here it would have said no within ${formatDuration(detectionMs(input) + deploy.beforeMs)}.`
}

function detectionMs({ detection }: ReviewInput): number {
  if (!detection || detection.detectedAt === null || detection.onsetAt === null) return 0
  return detection.detectedAt - detection.onsetAt
}

function lessonOfHandling(input: ReviewInput): string | null {
  const unhandled = supporting(mainFactor(input), (kind) => kind === 'error-unhandled')
  return unhandled.length === 0
    ? null
    : 'An error that is handled where it can arise costs one answer; unhandled, it costs the request.'
}

function lessonOfUnknown({ diagnosis }: ReviewInput): string | null {
  return diagnosis?.inconclusive
    ? 'What is not recorded during an incident cannot be found out after it.'
    : null
}
