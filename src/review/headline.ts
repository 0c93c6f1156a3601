import { formatDuration } from '../incident/index.ts'
import type { Fingerprint } from '../telemetry/index.ts'
import { causeName } from './cause-name.ts'
import { mainError, mainFactor } from './facts.ts'
import type { ReviewInput } from './review.ts'
import {
  confidenceInWords,
  count,
  dateTime,
  ended,
  fingerprintName,
  listInWords,
  percent,
  quoted,
  sentence,
  times,
} from './wording.ts'

/** One line that says what happened and, where known, why. */
export function headline(input: ReviewInput): string {
  if (!input.detection) return 'No incident found'
  const factor = mainFactor(input)
  const why = factor ? causeName(factor.cause) : 'cause not established'
  return `${symptom(input)}: ${why}`
}

function symptom(input: ReviewInput): string {
  const { impact, detection } = input
  if (detection?.signal === 'process-ended') return `The program ended by itself${howItEnded(input)}`
  if (impact.failed > 0) return `${howMany(impact.errorRate, impact.failed)} to ${where(input)} failed`
  const error = mainError(input)
  return error ? `${nameOfError(error)} logged ${times(impact.errorOccurrences)}` : 'Errors in the log'
}

function howItEnded({ process }: ReviewInput): string {
  if (process?.signal) return ` (${process.signal})`
  return process && process.exitCode !== null ? ` (exit code ${process.exitCode})` : ''
}

function nameOfError(error: Fingerprint): string {
  return quoted(error.exception?.[0]?.type ?? error.template, 70)
}

function howMany(share: number, failed: number): string {
  if (failed === 1) return '1 request'
  if (share === 1) return 'Every request'
  if (share >= 0.98) return 'Nearly every request'
  return `${percent(share)} of requests`
}

function where({ impact }: ReviewInput): string {
  const routes = impact.routes.map((route) => route.route)
  return routes.length <= 2 ? listInWords(routes) : `${routes.length} routes`
}

/** What happened, why, what ends it and what it cost: a sentence each, in plain words. */
export function summarise(input: ReviewInput): readonly string[] {
  if (!input.detection) return [nothingFound(input)]
  return [whatHappened(input), why(input), whatEndsIt(input), cost(input)].filter((text) => text !== '')
}

function nothingFound({ requests, logs, process }: ReviewInput): string {
  const seen = [
    ...(requests.requests > 0 ? [count(requests.requests, 'request')] : []),
    ...(logs.lines > 0 ? [count(logs.lines, 'log line')] : []),
    ...(process ? ['the program itself'] : []),
  ]
  const what = seen.length === 0 ? 'Nothing was observed' : `${listInWords(seen)} were looked at`
  const failed =
    requests.failed === 0 ? '' : ` ${count(requests.failed, 'request')} failed, no more often than usual.`
  return `${what}, and nothing wrong was found.${failed}`
}

function whatHappened(input: ReviewInput): string {
  const { impact, detection } = input
  const from = detection?.onsetAt ?? null
  const since = from === null ? '' : `From ${dateTime(from)}`
  const until = detection?.endedAt ?? null
  const span =
    from === null || until === null ? '' : ` to ${dateTime(until)} (${formatDuration(until - from)})`
  const begin = since === '' ? '' : `${since}${span}${span === '' ? ' on' : ''}, `
  if (detection?.signal === 'process-ended') return `${sentence(detection.summary)}${afterTheEnd(input)}`
  if (impact.failed > 0) {
    const figures = `${impact.failed.toLocaleString('en-US')} of ${impact.requests.toLocaleString('en-US')}`
    const healthy = stayedHealthy(input)
    return `${begin}${lower(howMany(impact.errorRate, impact.failed), begin)} to ${where(input)} failed (${figures}).${healthy}`
  }
  const error = mainError(input)
  const name = error ? quoted(fingerprintName(error)) : 'errors'
  return `${begin}${name} was logged ${times(impact.errorOccurrences)}; no requests were seen, so that what users felt is not known.`
}

function afterTheEnd(input: ReviewInput): string {
  const { failed, requests } = input.impact
  return failed === 0
    ? ''
    : ` From then on, ${failed.toLocaleString('en-US')} of ${count(requests, 'request')} failed.`
}

function stayedHealthy({ impact }: ReviewInput): string {
  const [only, ...more] = impact.healthyRoutes
  if (!only) return ''
  return more.length === 0
    ? ` ${only.route} stayed healthy.`
    : ` ${count(more.length + 1, 'other route')} stayed healthy.`
}

function lower(text: string, begin: string): string {
  return begin === '' ? text : text.charAt(0).toLowerCase() + text.slice(1)
}

function why(input: ReviewInput): string {
  const factor = mainFactor(input)
  if (!factor)
    return 'The cause could not be established from what was seen; the review says where to look next.'
  const sure = `${confidenceInWords(factor.confidence)}, ${percent(factor.confidence)}`
  return `Cause: ${causeName(factor.cause)} (${sure}). ${ended(sentence(factor.summary))}`
}

function whatEndsIt({ proof, diagnosis }: ReviewInput): string {
  if (proof.kind === 'tried') {
    const { before, after } = proof
    if (after.requests === 0) return 'A fix was tried on a copy, and the program does not start with it.'
    const figures = `${count(after.failed, 'failure')} in ${count(after.requests, 'request')}, against ${before.failed.toLocaleString('en-US')} of ${before.requests.toLocaleString('en-US')} before`
    return proof.proven
      ? `A fix was tried on a copy and works: ${figures}.`
      : `A fix was tried on a copy, and does not end it: ${figures}.`
  }
  const fix = diagnosis?.fixes.find((one) => one.kind === 'remove-cause')
  return fix ? `A fix is proposed, not yet tried: ${ended(fix.title)}` : ''
}

function cost({ sla, impact }: ReviewInput): string {
  if (sla) {
    const used = `${Math.round(sla.usedMs / 1000)} of the ${Math.round(sla.allowedMs / 1000)} seconds`
    const verdict = sla.share > 1 ? 'The objective is missed' : 'The objective still holds'
    return `Downtime took ${used} that ${quoted(sla.objective)} allows (${(sla.share * 100).toFixed(0)} %). ${verdict}.`
  }
  // Half of all requests failing by chance make some windows of over half: an outage is more than that.
  const wasDown = impact.downtimeMs > 0 && impact.errorRate > 0.5
  return wasDown ? `The service was down for ${formatDuration(impact.downtimeMs)}.` : ''
}
