import type { RequestSummary, RouteStats, Tally } from '../telemetry/index.ts'
import type { TrialResult } from './proof-trial.ts'
import type { Proof } from './proof.ts'

export type VerdictInput = {
  readonly before: Tally
  readonly result: TrialResult
  /** All routes that failed in the run, and those of them that were tried. */
  readonly failingRoutes: readonly string[]
  readonly triedRoutes: readonly string[]
  readonly count: number
  /** What a reader should know of the experiment besides. */
  readonly remarks: readonly string[]
}

/**
 * Proven: every route that failed got enough requests and none failed, none of the others began to fail, and the
 * program stayed up.
 */
export function judgeTrial(input: VerdictInput): Proof {
  const { summary, observation } = input.result
  if (observation.stoppedBecause === 'interrupted') {
    return { kind: 'not-tried', reason: 'stopped by hand before enough requests were sent' }
  }
  const tried = summary.routes.filter(({ route }) => input.triedRoutes.includes(route))
  const after = {
    requests: tried.reduce((sum, { requests }) => sum + requests, 0),
    failed: tried.reduce((sum, { failed }) => sum + failed, 0),
  }
  const objections = objectionsTo(input, tried, after)
  const note = [
    'the same command and requests, in a copy of the work tree with the patch',
    ...objections,
    ...input.remarks,
    ...answersNote(tried),
  ].join('; ')
  return { kind: 'tried', proven: objections.length === 0, before: input.before, after, note }
}

function objectionsTo(input: VerdictInput, tried: readonly RouteStats[], after: Tally): readonly string[] {
  const { summary, observation } = input.result
  const newly = newlyFailing(summary, input.failingRoutes)
  const untried = input.failingRoutes.filter((route) => !input.triedRoutes.includes(route))
  const died = observation.stoppedBecause === 'process-ended'
  const short = input.triedRoutes.filter(
    (route) => (tried.find((stats) => stats.route === route)?.requests ?? 0) < input.count,
  )
  return [
    ...(after.failed > 0 ? [`${after.failed} of ${after.requests} requests still fail`] : []),
    ...newly.map(
      (stats) => `${stats.route} fails now, ${stats.failed} of ${stats.requests}, and did not before`,
    ),
    ...(died ? [observation.stopReason] : []),
    ...(short.length > 0 && after.failed === 0 && !died
      ? [`fewer than ${input.count} requests could be sent to ${short.join(', ')}`]
      : []),
    ...(untried.length > 0 ? [`not tried: ${untried.join(', ')}`] : []),
  ]
}

function newlyFailing(summary: RequestSummary, failingRoutes: readonly string[]): readonly RouteStats[] {
  return summary.routes.filter((stats) => stats.failed > 0 && !failingRoutes.includes(stats.route))
}

/** A route that only says "not found" now has not failed, but a reader should know. */
function answersNote(tried: readonly RouteStats[]): readonly string[] {
  return tried
    .filter(({ answers }) => ![...answers.keys()].some((answer) => /^[23]|^5|^[a-z]/.test(answer)))
    .map(({ route, answers }) => `${route} answers ${[...answers.keys()].join(', ')} only`)
}
