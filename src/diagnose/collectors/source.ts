import type { RequestSummary } from '../../telemetry/index.ts'
import { binomialTwoSided } from '../binomial.ts'
import type { Finding, FindingKind } from '../finding.ts'
import type { Collector, ExplainedFrame } from './collector.ts'

/** What the source around the failing lines says, and whether it predicts what was seen. */
export const collectFromSource: Collector = async ({ explained, evidence }) =>
  explained.flatMap((frame) => [...guardOf(frame, evidence.requests), ...handlingOf(frame)])

function guardOf(frame: ExplainedFrame, requests: RequestSummary): readonly Finding[] {
  const { guard, raises } = frame.explanation
  if (guard?.kind !== 'nondeterministic') {
    if (!raises) return []
    const when = guard === null ? 'whenever the line is reached' : `when ${guard.text}`
    const summary = `${place(frame)} raises ${when}: the same input fails each time`
    return [made(frame, 'deterministic-raise', { summary, strength: 0.9 })]
  }
  const predicted =
    guard.predictedShare === null ? '' : `, which predicts that ${percent(guard.predictedShare)} fail`
  const summary = `${place(frame)} ${raises ? 'raises' : 'runs'} when ${guard.text} (line ${guard.line})${predicted}`
  const found = made(frame, 'nondeterministic-guard', { summary, strength: raises ? 1 : 0.7 })
  return guard.predictedShare === null
    ? [found]
    : [found, ...rateAgainst(frame, guard.predictedShare, requests)]
}

/** Closer than this is a match whatever the test says: with 100,000 requests every retry would contradict. */
const TOLERANCE = 0.03
const SIGNIFICANT = 0.01

/**
 * Holds the share that the guard predicts against the share of failed requests on the route that fails most.
 * An exact binomial test: 214 of 430 under p = 0.5 has a two-sided p-value of 0.96, 30 of 430 has 1e-85.
 */
function rateAgainst(frame: ExplainedFrame, predicted: number, requests: RequestSummary): readonly Finding[] {
  const route = requests.routes.find((one) => one.failed > 0)
  if (!route || route.requests < 20) return []
  const observed = route.failed / route.requests
  const pValue = binomialTwoSided(route.failed, route.requests, predicted)
  const matches = Math.abs(observed - predicted) <= TOLERANCE || pValue >= SIGNIFICANT
  const words = `${route.failed} of ${route.requests} requests to ${route.route} failed (${percent(observed)}), ${percent(predicted)} were predicted (binomial test, p = ${formatP(pValue)})`
  if (matches) {
    // With few requests many shares would match: 20 requests say little, 200 much.
    return [
      made(frame, 'failure-rate-matches-guard', {
        summary: words,
        strength: Math.min(1, 0.5 + route.requests / 200),
      }),
    ]
  }
  return [made(frame, 'failure-rate-contradicts-guard', { summary: words, strength: 1 })]
}

function handlingOf(frame: ExplainedFrame): readonly Finding[] {
  const { handling, handlerLine } = frame.explanation
  if (handling === 'swallowed') {
    const summary = `${frame.explanation.file}:${handlerLine ?? frame.explanation.line} drops the error silently`
    return [made(frame, 'error-swallowed', { summary, strength: 0.8 })]
  }
  if (handling !== 'unhandled') return []
  return [
    made(frame, 'error-unhandled', {
      summary: `nothing in ${frame.explanation.file} catches what ${place(frame)} raises`,
      strength: 0.8,
    }),
  ]
}

function place({ explanation }: ExplainedFrame): string {
  const inside = explanation.function === null ? '' : ` in ${explanation.function}`
  return `${explanation.file}:${explanation.line}${inside}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function formatP(value: number): string {
  return value < 0.001 ? value.toExponential(0) : value.toFixed(2)
}

function made(
  frame: ExplainedFrame,
  kind: FindingKind,
  details: { summary: string; strength: number },
): Finding {
  const { explanation, fingerprint } = frame
  return {
    kind,
    summary: details.summary,
    observedAt: fingerprint.fingerprint.firstSeen,
    source: `${explanation.file}:${explanation.line}`,
    subject: {
      file: explanation.file,
      line: explanation.line,
      fingerprint: fingerprint.fingerprint.id,
      ...(explanation.function === null ? {} : { function: explanation.function }),
    },
    strength: details.strength * fingerprint.relevance * Math.min(1, 0.4 + 1.2 * fingerprint.share),
    evidence: explanation.snippet.map(({ line, text }) => `${line}\t${text}`).join('\n'),
  }
}
