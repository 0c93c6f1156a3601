import { formatDuration } from '../incident/index.ts'
import { healthyRoute, mainFactor, suspectDeploy } from './facts.ts'
import type { ReviewInput } from './review.ts'
import { count, sentence } from './wording.ts'

const MAX_OF_CAUSE = 5
/** A second factor is worth preventing too, when it is more than a possibility. */
const SECOND_FACTOR = 0.3

/** Measures against a recurrence: those of this cause first, then those that the facts of this incident call for. */
export function prevention(input: ReviewInput): readonly string[] {
  if (!input.detection) return []
  const factor = mainFactor(input)
  const second = factor
    ? input.diagnosis?.factors.find((one) => one !== factor && one.confidence >= SECOND_FACTOR)
    : undefined
  const ofCauses = [
    ...(factor?.prevention.slice(0, MAX_OF_CAUSE) ?? []),
    ...(second?.prevention.slice(0, 2) ?? []),
  ]
  return unique([...ofCauses, ...ofFacts(input)].map(sentence))
}

function ofFacts(input: ReviewInput): readonly string[] {
  return [
    healthCheck,
    releaseGate,
    smallerReleases,
    regressionTest,
    recordRequests,
    recordTimes,
    handlerOnTop,
  ]
    .map((measure) => measure(input))
    .filter((text) => text !== null)
}

function healthCheck(input: ReviewInput): string | null {
  const route = healthyRoute(input)
  const [failing] = input.impact.routes
  if (!route || !failing || !/health|ready|live|status|ping/i.test(route.route)) return null
  return `Let ${route.route} exercise what ${failing.route} needs, or check ${failing.route} itself: the check stayed green for ${count(route.requests, 'request')}`
}

function releaseGate(input: ReviewInput): string | null {
  const deploy = suspectDeploy(input)
  if (!deploy) return null
  return `Send a release to a few per cent of users first and take it back by itself when their error rate rises: this one failed ${formatDuration(deploy.beforeMs)} after it went live`
}

function smallerReleases({ diagnosis }: ReviewInput): string | null {
  const commits = diagnosis?.range?.commits ?? 0
  return commits >= 10 && diagnosis?.range?.deployedAt
    ? `Release in smaller steps: ${commits} commits went live at once`
    : null
}

function regressionTest({ how, impact }: ReviewInput): string | null {
  if (how !== 'run' || impact.failed === 0) return null
  return 'Send the failing requests again in CI: `firebreak replay replay.jsonl` fails the build while they fail'
}

function recordRequests({ requests }: ReviewInput): string | null {
  return requests.requests > 0
    ? null
    : 'Log every request with route, status and duration, so that the next review can say who was hit'
}

function recordTimes({ logs }: ReviewInput): string | null {
  return logs.lines > 0 && logs.firstSeen === null ? 'Write the time into every log line, in UTC' : null
}

function handlerOnTop(input: ReviewInput): string | null {
  const unhandled = mainFactor(input)?.findings.some((one) => one.kind === 'error-unhandled' && one.supports)
  return unhandled
    ? 'Test the failing path of every handler, not only the good one: the error here was handled nowhere'
    : null
}

function unique(texts: readonly string[]): readonly string[] {
  const seen = new Map(
    texts.map((text) => [
      text
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, ' ')
        .trim(),
      text,
    ]),
  )
  return [...seen.values()]
}
