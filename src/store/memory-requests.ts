import { isFailed } from '../telemetry/index.ts'
import type { Span } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { stepSeconds } from './series-window.ts'
import { isWithin } from './memory-kept.ts'
import type { Kept } from './memory-kept.ts'
import type { RequestsQuery, RouteRequests, ServiceSummary, Window } from './telemetry-store.ts'

type Seen = {
  readonly service: string
  readonly route: string
  readonly origin: 'span' | 'log'
  readonly at: EpochMs
  readonly isFailed: boolean
  readonly durationMs: number | null
}

const MINUTE_MS = 60_000

/** Windows of rollups are whole minutes. */
function byMinute({ from, to }: Window): Window {
  return { from: Math.floor(from / MINUTE_MS) * MINUTE_MS, to: Math.ceil(to / MINUTE_MS) * MINUTE_MS }
}

/** Every request that anybody told of: server spans and lines of access logs. */
function requestsOf(kept: Kept, window: Window): readonly Seen[] {
  const spans = kept.spans.filter(({ kind }) => kind === 'server' || kind === 'consumer').map(ofSpan)
  const lines = kept.requests.flatMap(({ service, outcomes }) =>
    outcomes.map((outcome): Seen => ({
      service,
      route: outcome.route,
      origin: 'log',
      at: outcome.at,
      isFailed: isFailed(outcome),
      durationMs: outcome.durationMs,
    })),
  )
  return [...spans, ...lines].filter(({ at }) => isWithin(at, byMinute(window)))
}

function ofSpan(span: Span): Seen {
  const route = span.attributes.get('http.route')
  const method = span.attributes.get('http.request.method') ?? span.attributes.get('http.method') ?? ''
  const status = span.attributes.get('http.response.status_code') ?? span.attributes.get('http.status_code')
  return {
    service: span.resource.serviceName,
    route: route === undefined ? span.name : `${method} ${route}`,
    origin: 'span',
    at: span.startedAt,
    isFailed: span.status === 'error' || Number(status ?? 0) >= 500,
    durationMs: span.durationNs / 1e6,
  }
}

export function memoryRequests(kept: Kept, query: RequestsQuery): readonly RouteRequests[] {
  const stepMs = stepSeconds(query.window, query.stepMs) * 1000
  const seen = requestsOf(kept, query.window)
    .filter(({ service }) => query.service === undefined || service === query.service)
    .filter(({ route }) => query.route === undefined || route === query.route)
  const routes = [
    ...Map.groupBy(seen, ({ service, route, origin }) => `${service}\0${route}\0${origin}`).values(),
  ]
  return routes
    .sort((one, other) => other.length - one.length)
    .flatMap((all) => {
      const [first] = all
      if (first === undefined) return []
      const steps = [...Map.groupBy(all, ({ at }) => Math.floor(at / stepMs) * stepMs)].sort(
        ([one], [other]) => one - other,
      )
      const { service, route, origin } = first
      return [{ service, route, origin, points: steps.map(([at, some]) => ({ at, ...figuresOf(some) })) }]
    })
}

function figuresOf(some: readonly Seen[]): Omit<RouteRequests['points'][number], 'at'> {
  const durations = some
    .flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]))
    .sort((one, other) => one - other)
  const quantile = (share: number): number | null =>
    durations[Math.floor(share * (durations.length - 1))] ?? null
  return {
    requests: some.length,
    failed: some.filter(({ isFailed: failed }) => failed).length,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  }
}

export function memoryServices(kept: Kept, window: Window): readonly ServiceSummary[] {
  const minutes = byMinute(window)
  const requests = requestsOf(kept, window)
  const logs = kept.logs.filter(({ timestamp }) => isWithin(timestamp, minutes))
  const points = kept.metrics.filter(({ at }) => isWithin(at, minutes))
  const names = new Set([
    ...requests.map(({ service }) => service),
    ...logs.map(({ resource }) => resource.serviceName),
    ...points.map(({ metric }) => metric.resource.serviceName),
  ])
  return [...names].sort().map((service) => {
    const own = requests.filter((request) => request.service === service)
    const spans = own.filter(({ origin }) => origin === 'span')
    const counted = spans.length > 0 ? spans : own
    const lines = logs.filter(({ resource }) => resource.serviceName === service)
    const told = points.filter(({ metric }) => metric.resource.serviceName === service)
    const times = [
      ...own.map(({ at }) => at),
      ...lines.map(({ timestamp }) => timestamp),
      ...told.map(({ at }) => at),
    ]
    return {
      service,
      requests: counted.length,
      failed: counted.filter(({ isFailed: failed }) => failed).length,
      logs: lines.length,
      errorLogs: lines.filter(({ severityNumber }) => severityNumber >= 17).length,
      metricPoints: told.length,
      lastSeenAt: Math.floor(times.reduce((one, other) => Math.max(one, other), 0) / MINUTE_MS) * MINUTE_MS,
    }
  })
}
