import { resolve } from 'node:path'
import type { Outcome } from '../respond/index.ts'
import type { IncidentJson } from '../contract/incident-json.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.1 || share === 0 ? 0 : 1)} %`
}

function causeLines(incident: IncidentJson): readonly string[] {
  const [first] = incident.factors
  if (!first || incident.inconclusive) {
    return [
      'cause     inconclusive',
      ...incident.nextSteps.slice(0, 3).map((step) => `          next: ${step}`),
    ]
  }
  const where = first.location
  const place = where
    ? `${where.file}${where.line === null ? '' : `:${where.line}`}${where.function ? ` in ${where.function}` : ''}`
    : null
  return [
    `cause     ${first.cause} (confidence ${percent(first.confidence)})`,
    `          ${first.summary}`,
    ...(place ? [`where     ${place}`] : []),
    ...(first.commit ? [`commit    ${first.commit.sha.slice(0, 10)} ${first.commit.subject}`] : []),
  ]
}

function proofLine(incident: IncidentJson): readonly string[] {
  const { proof } = incident
  if (!proof) return incident.proofNote ? [`fix       not tried: ${incident.proofNote}`] : []
  const { before, after } = proof
  if (after.requests === 0)
    return [`fix       not proven: ${incident.proofNote ?? 'no request could be sent'}`]
  const verdict = proof.proven ? 'proven' : 'not proven'
  return [
    `fix       ${verdict}: ${before.failed} of ${before.requests} requests failed before, ${after.failed} of ${after.requests} after`,
  ]
}

function seenInWords({ healthyRoutes }: IncidentJson['impact']): string {
  const requests = healthyRoutes.reduce((sum, route) => sum + route.requests, 0)
  return requests === 0 ? 'no requests were seen' : `none of ${requests} requests failed`
}

/** What a person reads at the end: a few lines, and where the review is. */
export function summaryLines(
  incident: IncidentJson,
  directory: string,
  files: readonly string[],
): readonly string[] {
  const { impact } = incident
  const felt =
    impact.requests > 0
      ? `${impact.failed} of ${impact.requests} requests failed (${percent(impact.errorRate)})`
      : seenInWords(impact)
  const head = incident.incidentFound
    ? [
        `${incident.severity}  ${incident.title}`,
        `impact    ${felt}`,
        ...causeLines(incident),
        ...proofLine(incident),
      ]
    : ['Nothing wrong found.', `seen      ${felt}`]
  const review = files.includes('review.html') ? resolve(directory, 'review.html') : resolve(directory)
  return [...head, `review    ${review}`, `          ${files.join(', ')}`]
}

/** Prints an outcome in the way that was asked for, and says with which code to leave. */
export function present(io: Io, outcome: Outcome, asJson: boolean): ExitCode {
  const { incident, directory, files } = outcome
  if (asJson) io.stdout.write(`${JSON.stringify(incident)}\n`)
  else io.stdout.write(`\n${summaryLines(incident, directory, files).join('\n')}\n`)
  return incident.incidentFound ? exitCodes.incidentFound : exitCodes.done
}
