import { isFailed, routeOf } from '../telemetry/index.ts'
import type { LoggedRequests, MetricPoint, ProbeResult, Resource, Span } from '../telemetry/index.ts'
import type { RequestBoard, RequestView } from './request-board.ts'
import { seriesKey } from './series-table.ts'

/** Puts what each kind of telemetry tells of requests onto the board. */
export type RequestTaker = {
  readonly span: (span: Span) => void
  readonly logged: (requests: LoggedRequests) => void
  readonly metric: (point: MetricPoint) => void
  readonly probe: (result: ProbeResult) => void
}

const MAX_CACHED_ROUTES = 4000
const MAX_HISTOGRAMS = 5000

export function createRequestTaker(board: RequestBoard): RequestTaker {
  const routeNames = new Map<string, string>()
  let resource: Resource | null = null
  let view: RequestView | null = null

  /** One object stands for all records of a sender's batch: looked up once. */
  function viewOf(of: Resource): RequestView {
    if (resource !== of || view === null) {
      resource = of
      view = board.view(of.serviceName, 'spans')
    }
    return view
  }

  /** In one spelling, whichever framework names its routes: `/users/:id`, `/users/{user}`, `/users/<id>`. */
  function spelled(method: string, path: string): string {
    const key = `${method} ${path}`
    const known = routeNames.get(key)
    if (known !== undefined) return known
    if (routeNames.size >= MAX_CACHED_ROUTES) routeNames.clear()
    const route = routeOf(method, path)
    routeNames.set(key, route)
    return route
  }

  return {
    span(span) {
      if (span.kind !== 'server') return
      const { attributes } = span
      const status = attributes.get('http.response.status_code') ?? attributes.get('http.status_code')
      const isFailed = status === undefined ? span.status === 'error' : Number(status) >= 500
      const method = attributes.get('http.request.method') ?? attributes.get('http.method')
      const path = attributes.get('http.route') ?? attributes.get('url.path') ?? attributes.get('http.target')
      const route = method === undefined || path === undefined ? span.name : spelled(method, path)
      board.count(viewOf(span.resource), route, {
        at: span.startedAt,
        isFailed,
        durationMs: span.durationNs / 1e6,
      })
    },
    logged({ service, outcomes }) {
      const logged = board.view(service, 'access-log')
      for (const outcome of outcomes) {
        const { at, route, durationMs } = outcome
        board.count(logged, route, { at, isFailed: isFailed(outcome), durationMs })
      }
    },
    metric: createHistogramTaker(board, spelled),
    probe({ service, probe, kind, at, succeeded, durationMs }) {
      // A certificate, a name or a database is asked by us alone: no user of the service asks like that.
      if (service === null || (kind !== 'http' && kind !== 'tcp')) return
      const of = board.view(service, 'probes')
      board.count(of, `probe ${probe}`, { at, isFailed: !succeeded, durationMs })
    },
  }
}

/** Requests as histograms of their durations tell them: what came since the point before, over the time between. */
function createHistogramTaker(
  board: RequestBoard,
  spelled: (method: string, path: string) => string,
): RequestTaker['metric'] {
  const histograms = new Map<string, HistogramBefore>()
  return (point) => {
    if (point.kind !== 'histogram') return
    const unitMs = DURATION_METRICS.get(point.metric.name)
    if (unitMs === undefined) return
    const key = seriesKey(point)
    const before = histograms.get(key)
    if (before === undefined && histograms.size >= MAX_HISTOGRAMS) return
    if (before !== undefined && point.at <= before.at) return
    const counted = { at: point.at, count: point.count, counts: point.counts, startedAt: point.startedAt }
    histograms.set(key, counted)
    const told = differenceOf(point, before)
    if (told === null || !(told.requests > 0) || !Number.isFinite(told.requests)) return
    const of = board.view(point.metric.resource.serviceName, 'metrics')
    const { attributes } = point
    const status = attributes.get('http.response.status_code') ?? attributes.get('http.status_code')
    const isFailed = status === undefined ? attributes.has('error.type') : Number(status) >= 500
    const route = spelled(
      attributes.get('http.request.method') ?? attributes.get('http.method') ?? 'GET',
      attributes.get('http.route') ?? '/…',
    )
    const slow = slowOnes(told.counts, point.bounds, of.total.slowMs / unitMs)
    board.spread(of, route, {
      from: told.from,
      to: point.at,
      requests: told.requests,
      failed: isFailed ? told.requests : 0,
      slow,
    })
  }
}

/** Name of the histogram → milliseconds of its unit. The second is the name of before 2023. */
const DURATION_METRICS: ReadonlyMap<string, number> = new Map([
  ['http.server.request.duration', 1000],
  ['http.server.duration', 1],
])

type Histogram = Extract<MetricPoint, { kind: 'histogram' }>
type HistogramBefore = Pick<Histogram, 'at' | 'count' | 'counts' | 'startedAt'>
type HistogramDifference = {
  readonly from: number
  readonly requests: number
  readonly counts: readonly number[]
}

/** What came since the point before; null where that is not known, as for the first of a growing sum. */
function differenceOf(point: Histogram, before: HistogramBefore | undefined): HistogramDifference | null {
  if (point.temporality === 'delta')
    return { from: point.startedAt, requests: point.count, counts: point.counts }
  if (before === undefined) return null
  // Began anew: all of it came since then.
  if (point.count < before.count) return { from: before.at, requests: point.count, counts: point.counts }
  const counts = point.counts.map((count, index) => Math.max(0, count - (before.counts[index] ?? 0)))
  return { from: before.at, requests: point.count - before.count, counts }
}

/** Those in buckets that begin at the limit or above: what the bounds cannot tell is taken for fast. */
function slowOnes(counts: readonly number[], bounds: readonly number[], limit: number): number {
  return counts.reduce((sum, count, index) => {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : (bounds[index - 1] ?? Number.POSITIVE_INFINITY)
    return from >= limit ? sum + count : sum
  }, 0)
}
