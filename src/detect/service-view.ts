import type { EpochMs } from '../time.ts'
import type { RequestBoard, RequestOrigin } from './request-board.ts'
import { CELL_MS, cellOf, countBetween, latencyQuantile } from './request-series.ts'
import type { RequestSeries } from './request-series.ts'

export type RequestFigures = {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly failed: number
  readonly errorRate: number
  readonly slowShare: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** A service as it is now: its requests over the last minute, and by whom they were told. */
export type ServiceView = RequestFigures & {
  readonly service: string
  readonly origin: RequestOrigin
  readonly routes: readonly (RequestFigures & { readonly route: string })[]
}

const MINUTE_CELLS = 60_000 / CELL_MS
const MINUTE_SECONDS = 60

/** Null where the service is not known by requests. */
export function serviceView(board: RequestBoard, service: string, now: EpochMs): ServiceView | null {
  const view = board.judged(service)
  if (view === null) return null
  const routes = [...view.routes].map(([route, series]) => ({ route, ...figuresOf(series, now) }))
  return {
    service,
    origin: view.origin,
    ...figuresOf(view.total, now),
    routes: routes.toSorted((a, b) => b.requests - a.requests),
  }
}

function figuresOf(series: RequestSeries, now: EpochMs): RequestFigures {
  const { requests, failed, slow } = countBetween(series, cellOf(now) - MINUTE_CELLS + 1, cellOf(now))
  return {
    requestsPerSecond: requests / MINUTE_SECONDS,
    requests,
    failed,
    errorRate: requests === 0 ? 0 : failed / requests,
    slowShare: requests === 0 ? 0 : slow / requests,
    p50Ms: latencyQuantile(series, 0.5),
    p95Ms: latencyQuantile(series, 0.95),
  }
}
