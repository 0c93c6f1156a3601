import type { PlannedRequest, RecordedRequest } from './recorded-request.ts'
import type { RequestOutcome } from '../request.ts'
import { isFailed } from '../request.ts'

/** Which of the planned requests failed, and how often. */
export type FailingRequests = {
  add(outcome: RequestOutcome, request: PlannedRequest): void
  /** Those with a failure, most failures first. */
  list(): readonly RecordedRequest[]
}

/** Counted per planned request: bounded by the plan. */
export function createFailingRequests(): FailingRequests {
  const counts = new Map<
    PlannedRequest,
    { requests: number; failed: number; answers: Record<string, number> }
  >()
  return {
    add(outcome, request) {
      const count = counts.get(request) ?? { requests: 0, failed: 0, answers: {} }
      counts.set(request, count)
      count.requests += 1
      if (!isFailed(outcome)) return
      count.failed += 1
      const answer = outcome.noAnswer ?? String(outcome.status)
      count.answers[answer] = (count.answers[answer] ?? 0) + 1
    },
    list: () =>
      [...counts]
        .filter(([, count]) => count.failed > 0)
        .sort(([, a], [, b]) => b.failed - a.failed)
        .map(([request, observed]) => ({ ...request, observed })),
  }
}
