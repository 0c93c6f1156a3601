import type { Observation, PlannedRequest, RequestSummary, StopRule, Tally } from '../telemetry/index.ts'
import { createRequestLedger, routeOf, watchProgram } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Invocation } from './moved-paths.ts'

export type TrialDeps = {
  readonly now: () => EpochMs
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

export type Trial = {
  readonly invocation: Invocation
  /** What is sent. */
  readonly requests: readonly PlannedRequest[]
  /** The routes that failed, as far as their requests are sent. */
  readonly routes: readonly string[]
  /** To each of those routes. */
  readonly count: number
  readonly ratePerSecond: number
  readonly readinessTimeoutMs: number
}

export type TrialResult = { readonly summary: RequestSummary; readonly observation: Observation }

/** Runs the patched program and sends the requests. Throws as `watchProgram` does. */
export async function runTrial(deps: TrialDeps, trial: Trial): Promise<TrialResult> {
  const ledger = createRequestLedger()
  const observation = await watchProgram(
    { ...deps, ledger, digester: { write() {}, end() {} } },
    {
      ...trial.invocation,
      requests: weighted(trial.requests, trial.routes),
      ratePerSecond: proofRate(trial.ratePerSecond),
      forMs: null,
      followLogs: [],
      stopRule: untilProven(trial.routes, trial.count),
      readinessTimeoutMs: trial.readinessTimeoutMs,
    },
  )
  return { summary: ledger.summary(), observation }
}

/** The route that a planned request counts for. */
export function routeFor({ method, url }: PlannedRequest): string {
  return routeOf(method, new URL(url).pathname)
}

/** Does it ask for a change of state, as its method says? */
export function isWriting({ method }: PlannedRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
}
/** A very low rate was asked for to be gentle: up to four times as much, so that 200 requests don't take for ever. */
function proofRate(ratePerSecond: number): number {
  return Math.max(ratePerSecond, Math.min(20, ratePerSecond * 4))
}

const MAX_REQUESTS = 2_000

/**
 * At least as many as the run sent to a route (what grows with requests has the same chance to show), and so many that
 * the failure, were it still there, would stay away by luck once in a thousand times.
 */
export function requestsNeeded(before: Tally, routeCount: number, atLeast: number): number {
  const share = before.requests === 0 ? 1 : before.failed / before.requests
  const forLuck = share >= 1 ? 1 : Math.ceil(Math.log(0.001) / Math.log(1 - share))
  const asBefore = Math.ceil(before.requests / Math.max(1, routeCount))
  return Math.min(
    MAX_REQUESTS,
    Math.max(atLeast, asBefore, Number.isFinite(forLuck) ? forLuck : MAX_REQUESTS),
  )
}

/** Four of five requests go to the routes that failed; within each group the weights stay. */
function weighted(requests: readonly PlannedRequest[], routes: readonly string[]): readonly PlannedRequest[] {
  const [failed, others] = [true, false].map((isFailing) =>
    requests.filter((request) => routes.includes(routeFor(request)) === isFailing),
  )
  const scaled = (group: readonly PlannedRequest[], share: number): readonly PlannedRequest[] => {
    const total = group.reduce((sum, { weight }) => sum + weight, 0)
    return group.map((request) => ({ ...request, weight: (request.weight / total) * share }))
  }
  return [...scaled(failed ?? [], 4), ...scaled(others ?? [], 1)]
}

const CLEARLY_FAILING = 50
const PATIENCE_MS = 240_000

function untilProven(failingRoutes: readonly string[], count: number): StopRule {
  return (routes, { now, readyAt }) => {
    const tallies = failingRoutes.map((route) => routes.find((stats) => stats.route === route))
    if (tallies.some((stats) => (stats?.failed ?? 0) >= CLEARLY_FAILING)) return 'it still fails'
    if (tallies.every((stats) => (stats?.requests ?? 0) >= count))
      return `${count} requests were sent to each route that failed`
    return now - readyAt > PATIENCE_MS ? 'it took too long to send all requests' : null
  }
}
