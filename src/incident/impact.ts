import type { RouteStats, Tally } from '../telemetry/index.ts'

/** What users felt. The tally is of the routes that failed, so that healthy ones do not water it down. */
export type Impact = Tally & {
  /** 0–1. */
  readonly errorRate: number
  /** All users' requests of the same time, those to healthy routes too, not health checks; severity is judged on it. */
  readonly all: Tally
  /** Routes that failed, most failures first; a stray failure beside a route that fails badly does not count. */
  readonly routes: readonly RouteStats[]
  readonly healthyRoutes: readonly RouteStats[]
  /** Sum of 10 s windows with over half of users' requests failed (docs/glossary.md). */
  readonly downtimeMs: number
  /** Partial outage: windows weighted by the share that failed. */
  readonly partialOutageMs: number
  /** How often the failing kinds of error were logged: all that is known of impact where no requests were seen. */
  readonly errorOccurrences: number
  /** Document 2's table: User Experience, Logs, Reliability, Monitoring. */
  readonly areas: readonly { readonly area: string; readonly impact: string }[]
  readonly usersAffected: number | null
}

/** Downtime held against an objective. */
export type SlaAccount = {
  readonly objective: string
  readonly windowMs: number
  readonly allowedMs: number
  readonly usedMs: number
  /** used / allowed. */
  readonly share: number
}
