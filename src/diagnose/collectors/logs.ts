import { toIso } from '../../time.ts'
import type { WeighedFingerprint } from '../failing-fingerprints.ts'
import { mayBeError } from '../failing-fingerprints.ts'
import type { Finding, FindingKind, Subject } from '../finding.ts'
import type { Symptom } from '../classify-symptom.ts'
import { classifySymptom, resourceIn } from '../classify-symptom.ts'
import type { Collector } from './collector.ts'

/** Below this a line is background: it was there before, as often. */
const BACKGROUND = 0.1

/** What the log lines and exceptions say, by their words, in any language. */
export const collectFromLogs: Collector = async (input) =>
  input.fingerprints.filter((one) => one.relevance > BACKGROUND).flatMap((one) => findingsOf(one))

function findingsOf(weighed: WeighedFingerprint): readonly Finding[] {
  const symptom = classifySymptom(weighed.fingerprint)
  const isError = mayBeError(weighed.fingerprint) && weighed.fingerprint.severityText !== 'WARN'
  const findings: Finding[] = []
  if (symptom !== null) {
    findings.push(finding(weighed, symptom.kind, { strength: strengthOf(weighed, symptom), symptom }))
  }
  if (weighed.fingerprint.exception !== null) {
    findings.push(finding(weighed, 'unhandled-exception', { strength: byShare(weighed), symptom }))
  }
  // A new line without a severity may be anything; only errors and exceptions count as new or old errors.
  if (isError && (weighed.fingerprint.severityText !== '' || weighed.fingerprint.exception !== null)) {
    findings.push(
      finding(weighed, weighed.isNew ? 'new-error' : 'old-error', { strength: byShare(weighed), symptom }),
    )
  }
  return findings
}

/** One of many kinds of errors is a weaker sign than the only one; half of the lines is as good as all. */
function byShare(weighed: WeighedFingerprint): number {
  return weighed.relevance * (0.4 + 0.6 * Math.min(1, 2 * weighed.share))
}

function strengthOf(weighed: WeighedFingerprint, symptom: Symptom): number {
  return symptom.strength * (symptom.once ? weighed.relevance : byShare(weighed))
}

function finding(
  weighed: WeighedFingerprint,
  kind: FindingKind,
  details: { strength: number; symptom: Symptom | null },
): Finding {
  const { fingerprint } = weighed
  const example = fingerprint.examples[0]
  const text = details.symptom?.text ?? firstWords(weighed)
  return {
    kind,
    summary: summaryOf(weighed, kind, text),
    observedAt: fingerprint.firstSeen,
    source: example ? `${example.file}:${example.line}` : 'logs',
    subject: subjectOf(weighed, text),
    strength: Math.min(1, details.strength),
    evidence: example?.text ?? fingerprint.template,
  }
}

function firstWords(weighed: WeighedFingerprint): string {
  const link = weighed.fingerprint.exception?.[0]
  return link ? `${link.type}: ${link.message}` : weighed.fingerprint.template
}

function summaryOf(weighed: WeighedFingerprint, kind: FindingKind, text: string): string {
  const { count, firstSeen } = weighed.fingerprint
  const words = oneLine(text)
  const times = count === 1 ? 'once' : `${count} times`
  const since = firstSeen === null ? '' : `, first at ${toIso(firstSeen)}`
  if (kind === 'new-error') return `"${words}" was not seen before; it was logged ${times}${since}`
  if (kind === 'old-error') return `"${words}" is not new; it was logged ${times}${since}`
  if (kind === 'unhandled-exception') return `an exception reached the log ${times}: ${words}`
  return `"${words}" was logged ${times}${since}`
}

function oneLine(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length > 160 ? `${flat.slice(0, 157)}…` : flat
}

function subjectOf(weighed: WeighedFingerprint, text: string): Subject {
  const frame = weighed.fingerprint.exception
    ?.flatMap((link) => link.frames)
    .find((one) => one.inApp && one.file !== null)
  const resource = resourceIn(text)
  return {
    fingerprint: weighed.fingerprint.id,
    ...(resource === null ? {} : { resource }),
    ...(frame?.file ? { file: frame.file } : {}),
    ...(frame?.line ? { line: frame.line } : {}),
    ...(frame?.function ? { function: frame.function } : {}),
  }
}
