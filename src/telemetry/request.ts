import type { EpochMs } from '../time.ts'

/** Why a request has no answer; `null` where it has one. */
export type NoAnswer = 'timed-out' | 'refused' | 'reset' | 'no-answer'

/** One request, sent by us or read from an access log. */
export type RequestOutcome = {
  readonly at: EpochMs
  /** `METHOD /template`, ids and numbers of the path replaced by `{id}`. */
  readonly route: string
  readonly status: number | null
  readonly noAnswer: NoAnswer | null
  readonly durationMs: number | null
  /** Who asked (address, session or user as the log has it), for counting the users affected. */
  readonly client: string | null
}

/** A failed request: 5xx, time-out or no answer. 3xx and 4xx are answers. */
export function isFailed(outcome: Pick<RequestOutcome, 'status' | 'noAnswer'>): boolean {
  return outcome.noAnswer !== null || (outcome.status !== null && outcome.status >= 500)
}

export type Tally = { readonly requests: number; readonly failed: number }

/** What is kept of one route: bounded, whatever the number of requests. */
export type RouteStats = Tally & {
  readonly route: string
  /** Status code, or the word of `NoAnswer` → count. */
  readonly answers: ReadonlyMap<string, number>
  /** Start of the 10 s window → tally. */
  readonly windows: ReadonlyMap<EpochMs, Tally>
  readonly firstFailureAt: EpochMs | null
  readonly lastFailureAt: EpochMs | null
  /** Milliseconds from the scheduled (or logged) time; null where no durations are known. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly max: number } | null
}

/** All requests that were seen, by route, most failures first. */
export type RequestSummary = Tally & {
  /** `sent`: by us, and the only ones that count for those routes; `access-log`: read. */
  readonly origin: 'sent' | 'access-log' | 'both' | 'none'
  readonly routes: readonly RouteStats[]
  readonly windows: ReadonlyMap<EpochMs, Tally>
  readonly firstAt: EpochMs | null
  readonly lastAt: EpochMs | null
  /** Distinct clients with a failed request, as far as the logs tell; null where they don't. */
  readonly usersAffected: number | null
}
