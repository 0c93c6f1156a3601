import type { Ask } from './ask.ts'
import { countDistributions } from './find-distributions.ts'
import { minutesOf, stepSeconds } from './series-window.ts'
import type { RequestsQuery, RouteRequests, ServiceSummary, Window } from './telemetry-store.ts'

const MAX_ROUTES = 500
/** Seconds. */
const TEN_MINUTES = 600
const MAX_SERVICES = 1_000

type RouteRow = {
  readonly service: string
  readonly route: string
  readonly origin: 'span' | 'log'
  readonly points: readonly [number, string, string, readonly [number | null, number | null, number | null]][]
}

/** Requests by route over time, from the rollup by the minute; the busiest routes first. */
export async function findRequests(ask: Ask, query: RequestsQuery): Promise<readonly RouteRequests[]> {
  const step = stepSeconds(query.window, query.stepMs)
  const minutes = minutesOf(query.window)
  // Points are whole steps, also the first and the last: the coarse table then tells the same as the fine one.
  const isCoarse = step % TEN_MINUTES === 0
  const from = isCoarse ? minutes.from - (minutes.from % TEN_MINUTES) : minutes.from
  const rows = await ask<RouteRow>(
    `SELECT service, route, origin, arraySort(groupArray((at, toString(requests), toString(failed), quantiles))) AS points
FROM (
  SELECT ServiceName AS service, Route AS route, Origin AS origin,
    toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step:UInt32}))) AS at,
    sum(Requests) AS requests, sum(Failed) AS failed,
    arrayMap(q -> if(isFinite(q), round(q, 3), NULL), quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(Durations)) AS quantiles
  FROM firebreak_requests_${isCoarse ? '10m' : '1m'}
  WHERE Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32})
    ${query.service === undefined ? '' : 'AND ServiceName = {service:String}'}
    ${query.route === undefined ? '' : 'AND Route = {route:String}'}
  GROUP BY service, route, origin, at
) GROUP BY service, route, origin ORDER BY sum(requests) DESC, service, route, origin LIMIT ${MAX_ROUTES}`,
    {
      ...minutes,
      from,
      step,
      service: query.service ?? '',
      route: query.route ?? '',
    },
  )
  return rows.map(({ service, route, origin, points }) => ({
    service,
    route,
    origin,
    points: points.map(([at, requests, failed, [p50Ms, p95Ms, p99Ms]]) => ({
      at: at * 1000,
      requests: Number(requests),
      failed: Number(failed),
      p50Ms,
      p95Ms,
      p99Ms,
    })),
  }))
}

type ServiceRow = Record<'requests' | 'failed' | 'logs' | 'errorLogs' | 'metricPoints', string> & {
  readonly service: string
  readonly lastSeen: number
}

/** Who reported in the window: from the rollups, and from the times of histograms and summaries, which have none. */
export async function findServices(ask: Ask, window: Window): Promise<readonly ServiceSummary[]> {
  const inWindow = 'Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32})'
  const rows = await ask<ServiceRow>(
    `SELECT service, if(sum(spans) > 0, sum(spans), sum(lines)) AS requests, if(sum(spans) > 0, sum(failedSpans), sum(failedLines)) AS failed,
  sum(logs) AS logs, sum(errorLogs) AS errorLogs, sum(metricPoints) AS metricPoints, toUnixTimestamp(max(seen)) AS lastSeen
FROM (
  SELECT ServiceName AS service, sumIf(Requests, Origin = 'span') AS spans, sumIf(Failed, Origin = 'span') AS failedSpans,
    sumIf(Requests, Origin = 'log') AS lines, sumIf(Failed, Origin = 'log') AS failedLines,
    0 AS logs, 0 AS errorLogs, 0 AS metricPoints, max(Minute) AS seen
  FROM firebreak_requests_1m WHERE ${inWindow} GROUP BY service
  UNION ALL
  SELECT ServiceName, 0, 0, 0, 0, sum(Lines), sumIf(Lines, SeverityNumber >= 17), 0, max(Minute)
  FROM firebreak_logs_1m WHERE ${inWindow} GROUP BY ServiceName
  UNION ALL
  SELECT ServiceName, 0, 0, 0, 0, 0, 0, sum(Points), max(Minute)
  FROM firebreak_metrics_1m WHERE ${inWindow} GROUP BY ServiceName
  ${countDistributions('SELECT ServiceName, 0, 0, 0, 0, 0, 0, count(), toStartOfMinute(toDateTime(max(TimeUnix)))')}
) GROUP BY service ORDER BY service LIMIT ${MAX_SERVICES}`,
    minutesOf(window),
  )
  return rows.map((row) => ({
    service: row.service,
    requests: Number(row.requests),
    failed: Number(row.failed),
    logs: Number(row.logs),
    errorLogs: Number(row.errorLogs),
    metricPoints: Number(row.metricPoints),
    lastSeenAt: row.lastSeen * 1000,
  }))
}
