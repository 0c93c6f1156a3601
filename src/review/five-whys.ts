import type { Factor, FindingKind } from '../diagnose/index.ts'
import { formatDuration } from '../incident/index.ts'
import {
  changeInWords,
  failingLine,
  healthyRoute,
  mainError,
  mainExplanation,
  mainFactor,
  supporting,
  suspectDeploy,
  toRefs,
} from './facts.ts'
import type { FindingRef, FiveWhys, ReviewInput, Why } from './review.ts'
import { clock, count, dateTime, fingerprintName, quoted, sentence, times } from './wording.ts'

type Step = (input: ReviewInput) => Why | null

/** From what users felt back to where the evidence ends. A step without a finding is left out, never made up. */
const steps: readonly Step[] = [
  whyItFailed,
  whyItHappened,
  whyItReachedUsers,
  whyItWasThere,
  whyNothingStoppedIt,
]

const TRIGGERS: ReadonlySet<FindingKind> = new Set(['release-before-onset'])
const HANDLING: ReadonlySet<FindingKind> = new Set(['error-unhandled', 'error-swallowed'])
const SYMPTOMS: ReadonlySet<FindingKind> = new Set([
  'unhandled-exception',
  'new-error',
  'old-error',
  'route-fails-partly',
  'route-fails-always',
  'process-exited',
  'failures-grow',
  'process-killed',
])
const SURROUNDINGS: ReadonlySet<FindingKind> = new Set([
  'healthy-route',
  'no-failed-requests',
  'failures-from-start',
])

/** Up to five whys, each held up by findings; and what has to be asked of people where they end. */
export function fiveWhys(input: ReviewInput): FiveWhys {
  const told = steps.map((step) => step(input)).filter((why) => why !== null)
  return { steps: told, askPeople: input.detection ? questions(input) : [] }
}

function isChange(kind: FindingKind): boolean {
  return kind.startsWith('commit-')
}

function isTrigger(kind: FindingKind): boolean {
  return isChange(kind) || TRIGGERS.has(kind)
}

function isMechanism(kind: FindingKind): boolean {
  return !isTrigger(kind) && !HANDLING.has(kind) && !SYMPTOMS.has(kind) && !SURROUNDINGS.has(kind)
}

function whyItFailed(input: ReviewInput): Why | null {
  if (!input.detection) return null
  const factor = mainFactor(input)
  const error = mainError(input)
  const found = toRefs(supporting(factor, (kind) => SYMPTOMS.has(kind)))
  const logged = error ? logRef(input, error.id) : []
  const findings = [...logged, ...found.filter((ref) => ref.source !== logged[0]?.source)].slice(0, 3)
  const why = subjectOf(input)
  if (error) return findings.length === 0 ? null : { why, because: errorInWords(input, error.id), findings }
  const because = factor ? factor.chain[3] : input.detection.summary
  const fallback =
    findings.length > 0
      ? findings
      : toRefs(
          supporting(factor, () => true),
          1,
        )
  return fallback.length === 0 ? null : { why, because: sentence(because), findings: fallback }
}

function subjectOf({ impact, detection }: ReviewInput): string {
  if (detection?.signal === 'process-ended') return 'Why did the program end?'
  if (impact.failed === 0) return 'Why were errors logged?'
  const [only] = impact.routes
  const where = impact.routes.length === 1 && only ? only.route : count(impact.routes.length, 'route')
  return `Why did ${count(impact.failed, 'request')} to ${where} fail?`
}

function errorInWords(input: ReviewInput, id: string): string {
  const error = input.logs.fingerprints.find((one) => one.id === id)
  if (!error) return ''
  const frame = error.exception?.at(-1)?.frames.find((one) => one.inApp)
  const place = frame?.function ? ` in ${quoted(frame.function)}` : ''
  const verb = error.exception ? 'The application raised' : 'The application logged'
  return `${verb} ${quoted(fingerprintName(error))}${place}, ${times(error.count)}.`
}

function logRef(input: ReviewInput, id: string): readonly FindingRef[] {
  const error = input.logs.fingerprints.find((one) => one.id === id)
  const [example] = error?.examples ?? []
  if (!error || !example) return []
  return [
    {
      source: `${example.file}:${example.line}`,
      summary: `${fingerprintName(error)}, ${times(error.count)}`,
    },
  ]
}

function whyItHappened(input: ReviewInput): Why | null {
  const factor = mainFactor(input)
  const mechanism = supporting(factor, isMechanism)
  // Of a bad release the change itself is the mechanism: what it did to the code is all there is to find.
  const findings = toRefs(mechanism.length > 0 ? mechanism : supporting(factor, isChange))
  if (!factor || findings.length === 0) return null
  return { why: whyOfError(input), because: mechanismInWords(input, factor), findings }
}

/** Where the mechanism speaks of the commit itself, the line says more: the commit has a why of its own. */
function mechanismInWords(input: ReviewInput, { chain, commit }: Factor): string {
  const line = theLine(input)
  const isCommit = commit !== null && chain[2].includes(commit.sha.slice(0, 7))
  return isCommit && line !== '' ? `${line}.` : `${sentence(chain[2])}${line === '' ? '' : ` ${line}.`}`
}

/** The line that failed, where the source was there to look at and the mechanism does not quote it already. */
function theLine(input: ReviewInput): string {
  const line = failingLine(input)
  const place = mainExplanation(input)
  if (line === null || !place || mainFactor(input)?.chain[2].includes(line)) return ''
  const inside = place.function === null ? '' : ` in ${quoted(place.function)}`
  return `The line that fails is ${quoted(line, 100)}${inside} (${place.file}:${place.line})`
}

function whyOfError(input: ReviewInput): string {
  const error = mainError(input)
  const type = error?.exception?.at(-1)?.type
  if (type) return `Why was ${quoted(type)} raised?`
  return error ? 'Why was that logged?' : 'Why did that happen?'
}

function whyItReachedUsers(input: ReviewInput): Why | null {
  const [finding] = supporting(mainFactor(input), (kind) => HANDLING.has(kind))
  if (!finding) return null
  const why =
    finding.kind === 'error-swallowed'
      ? 'Why did the error stay hidden?'
      : 'Why did one error fail the whole request?'
  return { why, because: sentence(finding.summary), findings: toRefs([finding]) }
}

function whyItWasThere(input: ReviewInput): Why | null {
  const factor = mainFactor(input)
  const found = supporting(factor, isTrigger)
  if (!factor || found.length === 0) return null
  if (!factor.commit) return { why: 'Why then?', because: sentence(factor.chain[0]), findings: toRefs(found) }
  const { sha, subject, committedAt } = factor.commit
  const change = changeInWords(input)
  const what = change === '' ? 'brought it in' : change
  const because = `Commit ${quoted(sha.slice(0, 10))} (${quoted(subject, 80)}, ${dateTime(committedAt)}) ${what}.`
  return { why: 'Why was the code like that?', because, findings: toRefs(found) }
}

function whyNothingStoppedIt(input: ReviewInput): Why | null {
  const factor = mainFactor(input)
  const found = (factor?.findings ?? []).filter((finding) => finding.kind === 'healthy-route')
  const route = healthyRoute(input)
  const deploy = suspectDeploy(input)
  if (!factor || !route || found.length === 0) return null
  const release = deploy
    ? `The release went live at ${clock(deploy.at)}; the first failure came ${formatDuration(deploy.beforeMs)} later. `
    : ''
  const because = `${release}${route.route} kept answering (${count(route.requests, 'request')}, none failed), so a check on it could not tell.`
  return { why: 'Why did nothing stop it?', because, findings: toRefs(found) }
}

/** What no log and no history can say: asked of the team, never of one person. */
function questions(input: ReviewInput): readonly string[] {
  const factor = mainFactor(input)
  if (!factor)
    return [
      'What changed around the onset that neither the log nor the repository shows: configuration, infrastructure, traffic, a provider?',
    ]
  const deploy = suspectDeploy(input)
  const asked: string[] = []
  if (factor.commit)
    asked.push(
      `Which test would have failed on commit ${quoted(factor.commit.sha.slice(0, 10))}, and why is there none yet?`,
    )
  else asked.push('Since when has the system been like this, and what was it meant to do?')
  if (deploy) asked.push('What does a release have to show before all users get it, and what takes it back?')
  asked.push('Who or what would have noticed this without this review, and after how long?')
  return asked
}
