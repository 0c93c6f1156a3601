import type { Detection } from '../detect/index.ts'
import { formatDuration } from './format-duration.ts'
import type { LogDigest, ProcessRecord, RequestSummary } from '../telemetry/index.ts'
import { toIso } from '../time.ts'
import type { Impact } from './impact.ts'

export type AreasInput = {
  readonly detection: Detection | null
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly figures: Omit<Impact, 'areas'>
}

/** Area × impact, as a manager asks for it; each cell says only what was counted. */
export function impactAreas(input: AreasInput): Impact['areas'] {
  if (!input.detection)
    return [{ area: 'All areas', impact: 'Nothing wrong was found in what was observed.' }]
  return [
    { area: 'User Experience', impact: userExperience(input) },
    { area: 'Logs', impact: logVolume(input) },
    { area: 'Reliability', impact: reliability(input) },
    { area: 'Monitoring', impact: monitoring(input) },
  ]
}

function userExperience({ figures, requests }: AreasInput): string {
  if (requests.requests === 0) {
    const counted = figures.errorOccurrences
    return `Unknown: no requests were seen. The failing errors were logged ${times(counted)}; each may stand for a user who got no result.`
  }
  if (figures.failed === 0) return 'No request failed while it was observed.'
  const share = figures.errorRate
  const where = figures.routes.length === 1 ? figures.routes[0]?.route : `${figures.routes.length} routes`
  const howMany =
    share >= 0.995 ? 'Every request' : share > 0.005 ? `${percent(share)} of requests` : 'Some requests'
  const users = figures.usersAffected
  const who = users === null || users === 0 ? '' : ` At least ${count(users, 'client')} saw a failure.`
  return `${howMany} to ${where ?? 'the service'} failed (${figures.failed.toLocaleString('en-US')} of ${figures.requests.toLocaleString('en-US')}).${slowness(figures)}${who}`
}

function slowness(figures: Omit<Impact, 'areas'>): string {
  const worst = Math.max(0, ...figures.routes.map((route) => route.latency?.p95 ?? 0))
  return worst < 1000 ? '' : ` The slowest 5 % waited ${(worst / 1000).toFixed(1)} s or longer.`
}

function logVolume({ figures, detection, logs }: AreasInput): string {
  if (logs.lines === 0) return 'No log was seen.'
  if (figures.errorOccurrences === 0)
    return `No error was logged in ${count(logs.lines, 'line')}: the failure is silent.`
  const kinds = detection?.failingFingerprints.length ?? 0
  const fresh = detection?.newFingerprints.length ?? 0
  const novelty = fresh === 0 ? 'none of them new' : 'some never seen before'
  return `The failing errors were logged ${times(figures.errorOccurrences)} in ${count(logs.lines, 'line')} (${count(kinds, 'kind')} of line, ${novelty}).`
}

function reliability({ figures, detection }: AreasInput): string {
  if (detection?.signal === 'process-ended')
    return `Gone: the program ended by itself and did not come back, ${spanInWords(detection)}.`
  if (figures.requests === 0)
    return `Errors ${spanInWords(detection)}; downtime cannot be counted without requests.`
  if (figures.downtimeMs > 0)
    return `Down for ${formatDuration(figures.downtimeMs)}: over half of users’ requests failed.`
  const partial = formatDuration(figures.partialOutageMs)
  return `Degraded, not down: failures ${spanInWords(detection)}, as much as ${partial} of full outage.`
}

function spanInWords(detection: Detection | null): string {
  if (!detection || detection.onsetAt === null) return 'at unknown times'
  const from = `from ${toIso(detection.onsetAt)}`
  return detection.endedAt === null
    ? `${from} to the end of the observation`
    : `${from} to ${toIso(detection.endedAt)}`
}

function monitoring({ figures, requests }: AreasInput): string {
  const [healthy] = figures.healthyRoutes.toSorted((a, b) => b.requests - a.requests)
  if (requests.requests === 0)
    return 'The error rate cannot be told: nothing records requests. Only the log shows the failure.'
  if (figures.failed === 0) return 'Request figures stay normal: a check on them sees nothing.'
  const peak = `The error rate of the failing routes stood at ${percent(figures.errorRate)}.`
  if (!healthy) return `${peak} Any check on these routes sees it.`
  return `${peak} ${healthy.route} answered all ${count(healthy.requests, 'request')} without failure, so a check on it alone stays green.`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.1 ? 0 : 1)} %`
}

function count(value: number, noun: string): string {
  return `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`
}

function times(value: number): string {
  return value === 1 ? 'once' : `${value.toLocaleString('en-US')} times`
}
