import type { MetricPoint } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { streamsOfPoints } from './memory-distributions.ts'
import type { DistributionPoint } from './memory-distributions.ts'
import { isWithin } from './memory-kept.ts'
import type { Kept } from './memory-kept.ts'
import { commonName, distributionSeries, finiteOrNull, told, valueSeries } from './metric-series.ts'
import type { Shown, ValueKind } from './metric-series.ts'
import { seriesWindow } from './series-window.ts'
import type { MetricSeries, MetricSummary, SeriesQuery, ValuePoint, Window } from './telemetry-store.ts'

type Value = Extract<MetricPoint, { kind: 'gauge' | 'sum' }>

function seriesKey({ attributes, metric }: MetricPoint): string {
  return JSON.stringify([metric.resource.serviceInstance, ...attributes])
}

export function memoryMetricNames(
  kept: Kept,
  { window, service }: { window: Window; service?: string | undefined },
): readonly MetricSummary[] {
  const points = kept.metrics.filter(
    ({ at, metric }) =>
      isWithin(at, window) && (service === undefined || metric.resource.serviceName === service),
  )
  const groups = Map.groupBy(points, ({ kind, metric }) =>
    [metric.resource.serviceName, metric.name, kind].join('\0'),
  )
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, [first, ...rest]]) => {
      if (first === undefined) return []
      const { kind, metric } = first
      const series = new Set([first, ...rest].map(seriesKey)).size
      return [{ service: metric.resource.serviceName, metric: metric.name, kind, unit: metric.unit, series }]
    })
}

export function memoryMetricSeries(kept: Kept, query: SeriesQuery): readonly MetricSeries[] {
  const window = seriesWindow(query.window, query.stepMs)
  const wanted = Object.entries(query.attributes ?? {})
  const points = kept.metrics
    .filter(({ metric }) => metric.resource.serviceName === query.service && metric.name === query.metric)
    .filter(({ attributes }) => wanted.every(([key, value]) => attributes.get(key) === value))
    .filter(({ at }) => isWithin(at, window))
  const groups = Map.groupBy(points, (point) => {
    const values = query.by?.map((key) => point.attributes.get(key) ?? '')
    const how = point.kind === 'sum' ? [point.temporality, point.isMonotonic] : []
    return values === undefined
      ? `${point.kind} ${seriesKey(point)}`
      : JSON.stringify([point.kind, how, values])
  })
  const shown = { sight: window, from: window.shownFrom }
  return told([...groups.values()].map((group) => oneSeries(group, query.by, shown)))
}

function oneSeries(
  points: readonly MetricPoint[],
  by: readonly string[] | undefined,
  shown: Shown,
): MetricSeries | null {
  const [first] = points
  if (first === undefined) return null
  const instance = first.metric.resource.serviceInstance
  const name = commonName({ attributes: Object.fromEntries(first.attributes), instance }, by)
  if (first.kind === 'gauge' || first.kind === 'sum') {
    return valueSeries({ ...name, is: kindOf(first) }, valueStreams(points as readonly Value[], shown), shown)
  }
  const temporality = first.kind === 'summary' ? 'cumulative' : first.temporality
  const all = Map.groupBy(points as readonly DistributionPoint[], seriesKey)
  const streams = [...all].flatMap(([key, some]) => streamsOfPoints(key, some, shown.sight.stepMs))
  return distributionSeries({ ...name, kind: first.kind, temporality }, streams, shown)
}

function kindOf(point: Value): ValueKind {
  if (point.kind === 'gauge') return { kind: 'gauge' }
  return { kind: 'sum', temporality: point.temporality, isMonotonic: point.isMonotonic }
}

function valueStreams(points: readonly Value[], { sight }: Shown) {
  const streams = Map.groupBy(points, (point) => `${beginOf(point)} ${seriesKey(point)}`)
  return [...streams.values()].map((some) => ({
    series: some[0] === undefined ? '' : seriesKey(some[0]),
    startedAt: some[0] === undefined ? null : beginOf(some[0]),
    points: stepsOf(some, sight.stepMs).map(([at, values]) => ({ at, ...figuresOf(values) })),
  }))
}

/** As the rollup has it. */
function beginOf(point: Value): EpochMs | null {
  const counts = point.kind === 'sum' && point.isMonotonic && point.temporality === 'cumulative'
  return counts && point.startedAt < point.at ? point.startedAt : null
}

/** Points by step, in order of time. */
function stepsOf<Point extends { readonly at: EpochMs }>(
  points: readonly Point[],
  stepMs: number,
): readonly (readonly [at: EpochMs, points: readonly Point[]])[] {
  const inOrder = points.toSorted((one, other) => one.at - other.at)
  return [...Map.groupBy(inOrder, ({ at }) => Math.floor(at / stepMs) * stepMs)]
}

function figuresOf(some: readonly Value[]): Omit<ValuePoint, 'at'> {
  const values = some.map(({ value }) => value)
  return {
    count: some.length,
    sum: finiteOrNull(values.reduce((one, other) => one + other, 0)),
    min: finiteOrNull(Math.min(...values)),
    max: finiteOrNull(Math.max(...values)),
    last: finiteOrNull(values.at(-1)),
  }
}
