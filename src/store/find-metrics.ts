import type { Ask, Parameters } from './ask.ts'
import type { MetricSeries, MetricSummary, SeriesQuery, Window } from './telemetry-store.ts'

const MAX_NAMES = 5_000
const MAX_SERIES = 100
const MINUTE_MS = 60_000
const BY_MINUTE_MS = 6 * 60 * MINUTE_MS
/** A day in steps of ten minutes. */
const AIMED_POINTS = 144

/** Bounds of a window for the rollups, whole minutes around it. */
export function minutesOf({ from, to }: Window): { from: number; to: number } {
  return { from: (Math.floor(from / MINUTE_MS) * MINUTE_MS) / 1000, to: Math.ceil(to / 1000) }
}

/**
 * Seconds between points: what was asked for in whole minutes, or what gives about 144 of them. Beyond six hours in
 * whole ten minutes, which is what the coarse rollup has: no screen shows the minutes of a day.
 */
export function stepSeconds({ from, to }: Window, stepMs: number | undefined): number {
  const wanted = stepMs ?? (to - from) / AIMED_POINTS
  const unitMs = to - from > BY_MINUTE_MS ? 10 * MINUTE_MS : MINUTE_MS
  return (Math.max(1, Math.ceil(wanted / unitMs)) * unitMs) / 1000
}

/** Names of the gauges and sums of a window. */
export async function findMetricNames(
  ask: Ask,
  { window, service }: { window: Window; service?: string | undefined },
): Promise<readonly MetricSummary[]> {
  const rows = await ask<{
    service: string
    metric: string
    kind: 'gauge' | 'sum'
    unit: string
    series: number
  }>(
    `SELECT ServiceName AS service, MetricName AS metric, any(Kind) AS kind, any(Unit) AS unit, toUInt32(uniq(Series)) AS series
FROM firebreak_metrics_1m WHERE Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32})
${service === undefined ? '' : 'AND ServiceName = {service:String}'}
GROUP BY service, metric ORDER BY service, metric LIMIT ${MAX_NAMES}`,
    { ...minutesOf(window), service: service ?? '' },
  )
  return rows
}

type SeriesRow = {
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly instance: string
  readonly kind: 'gauge' | 'sum'
  readonly points: readonly [number, string, number, number, number, number][]
}

/** The series of one metric, from the rollup by the minute. */
export async function findMetricSeries(ask: Ask, query: SeriesQuery): Promise<readonly MetricSeries[]> {
  const { conditions, parameters } = attributeConditions(query.attributes ?? {})
  const rows = await ask<SeriesRow>(
    `SELECT toString(Series) AS id, any(a) AS attributes, any(i) AS instance, any(k) AS kind,
  arraySort(groupArray((at, toString(points), total, least, most, last))) AS points
FROM (
  SELECT Series, toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step:UInt32}))) AS at, any(Attributes) AS a,
    any(Instance) AS i, any(Kind) AS k, sum(Points) AS points, sum(Total) AS total, min(Least) AS least, max(Most) AS most,
    argMaxMerge(Last) AS last
  FROM firebreak_metrics_1m
  WHERE ServiceName = {service:String} AND MetricName = {metric:String}
    AND Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32}) ${conditions}
  GROUP BY Series, at
) GROUP BY Series ORDER BY length(points) DESC, id LIMIT ${MAX_SERIES}`,
    {
      ...parameters,
      ...minutesOf(query.window),
      step: stepSeconds(query.window, query.stepMs),
      service: query.service,
      metric: query.metric,
    },
  )
  return rows.map(({ attributes, instance, kind, points }) => ({
    attributes,
    instance,
    kind,
    points: points.map(([at, count, sum, min, max, last]) => ({
      at: at * 1000,
      count: Number(count),
      sum,
      min,
      max,
      last,
    })),
  }))
}

function attributeConditions(attributes: Readonly<Record<string, string>>): {
  conditions: string
  parameters: Parameters
} {
  const entries = Object.entries(attributes)
  return {
    conditions: entries
      .map((_, index) => `AND Attributes[{key${index}:String}] = {value${index}:String}`)
      .join(' '),
    parameters: Object.fromEntries(
      entries.flatMap(([key, value], index) => [
        [`key${index}`, key],
        [`value${index}`, value],
      ]),
    ),
  }
}
