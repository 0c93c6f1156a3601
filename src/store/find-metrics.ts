import type { Ask, Parameters } from './ask.ts'
import { distributionNames, findDistributions } from './find-distributions.ts'
import { commonName, told, valueSeries } from './metric-series.ts'
import { KIND_WORDS } from './rollup-tables.ts'
import { MAX_SERIES, minutesOf, seriesKey, seriesWindow } from './series-window.ts'
import type { AskedSeries, SeriesWindow } from './series-window.ts'
import type { MetricSeries, MetricSummary, SeriesQuery, Window } from './telemetry-store.ts'

const MAX_NAMES = 5_000

/** Names of the metrics of a window. */
export async function findMetricNames(
  ask: Ask,
  { window, service }: { window: Window; service?: string | undefined },
): Promise<readonly MetricSummary[]> {
  const ofService = service === undefined ? '' : 'AND ServiceName = {service:String}'
  return ask<MetricSummary>(
    `SELECT service, metric, kind, unit, series FROM (
  SELECT ServiceName AS service, MetricName AS metric, if(startsWith(any(Kind), 'sum'), 'sum', 'gauge') AS kind, any(Unit) AS unit, toUInt32(uniq(Series)) AS series
  FROM firebreak_metrics_1m WHERE Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32}) ${ofService}
  GROUP BY service, metric
  UNION ALL ${distributionNames(ofService)}
) ORDER BY service, metric, kind LIMIT ${MAX_NAMES}`,
    { ...minutesOf(window), service: service ?? '' },
  )
}

/** The series of one metric: numbers from the rollup by the minute, distributions from their points. */
export async function findMetricSeries(ask: Ask, query: SeriesQuery): Promise<readonly MetricSeries[]> {
  const window = seriesWindow(query.window, query.stepMs)
  const { by } = query
  const filter = attributeConditions(query.attributes ?? {})
  const asked = {
    by,
    where: `ServiceName = {service:String} AND MetricName = {metric:String} ${filter.conditions}`,
    parameters: {
      ...filter.parameters,
      ...Object.fromEntries((by ?? []).map((key, index) => [`by${index}`, key])),
      from: window.from / 1000,
      to: window.to / 1000,
      step: window.stepMs / 1000,
      service: query.service,
      metric: query.metric,
    },
  }
  const found = await Promise.all([findValues(ask, asked, window), findDistributions(ask, asked, window)])
  return found.flat()
}

type ValueRow = {
  readonly attributes: Readonly<Record<string, string>>
  readonly instance: string
  readonly kind: keyof typeof KIND_WORDS
  readonly steps: readonly ValueStep[]
}
/** Figures that are not finite come as null. */
type ValueStep = readonly [
  at: number,
  one: string,
  began: number,
  count: number,
  sum: number | null,
  min: number | null,
  max: number | null,
  last: number | null,
]

async function findValues(
  ask: Ask,
  { where, parameters, by }: AskedSeries,
  window: SeriesWindow,
): Promise<readonly MetricSeries[]> {
  // The longest word of a series is the one that says most of it: rows of an earlier version say `sum` alone. What
  // counts in different ways is not added.
  const rows = await ask<ValueRow>(
    `SELECT any(a) AS attributes, any(i) AS instance, max(k) AS kind,
  arraySort(groupArray((at, toString(one), began, points, total, least, most, last))) AS steps
FROM (
  SELECT Series AS one, any(${seriesKey('Series', by)}) AS series, toFloat64(toUnixTimestamp64Milli(Began)) AS began, intDiv(toUnixTimestamp(Minute), {step:UInt32}) * {step:UInt32} AS at,
    any(Attributes) AS a, any(Instance) AS i, max(toString(Kind)) AS k, toFloat64(sum(Points)) AS points,
    sum(Total) AS total, min(Least) AS least, max(Most) AS most, argMaxMerge(Last) AS last
  FROM firebreak_metrics_1m
  WHERE ${where} AND Minute >= toDateTime({from:UInt32}) AND Minute < toDateTime({to:UInt32})
  GROUP BY one, began, at
) GROUP BY series ${by === undefined ? '' : ', k'} ORDER BY length(steps) DESC, series LIMIT ${MAX_SERIES}`,
    parameters,
  )
  const shown = { sight: window, from: window.shownFrom }
  return told(
    rows.map((row) =>
      valueSeries({ ...commonName(row, by), is: KIND_WORDS[row.kind] }, streamsOf(row), shown),
    ),
  )
}

function streamsOf({ steps }: ValueRow) {
  const streams = [...Map.groupBy(steps, ([, one, began]) => `${one} ${began}`).values()]
  return streams.map((some) => ({
    series: some[0]?.[1] ?? '',
    startedAt: some[0]?.[2] || null, // 0 where it is not known
    points: some.map(([at, , , count, sum, min, max, last]) => ({
      at: at * 1000,
      count,
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
