import type { MetricPoint } from '../telemetry/index.ts'
import { stepSeconds } from './find-metrics.ts'
import { isWithin } from './memory-kept.ts'
import type { Kept } from './memory-kept.ts'
import type { MetricSeries, MetricSummary, SeriesQuery, Window } from './telemetry-store.ts'

type Value = Extract<MetricPoint, { kind: 'gauge' | 'sum' }>

function valuesOf(kept: Kept, window: Window): readonly Value[] {
  return kept.metrics.filter(
    (point): point is Value => (point.kind === 'gauge' || point.kind === 'sum') && isWithin(point.at, window),
  )
}

function seriesKey({ attributes, metric }: Value): string {
  return JSON.stringify([metric.resource.serviceInstance, ...attributes])
}

export function memoryMetricNames(
  kept: Kept,
  { window, service }: { window: Window; service?: string | undefined },
): readonly MetricSummary[] {
  const values = valuesOf(kept, window).filter(
    ({ metric }) => service === undefined || metric.resource.serviceName === service,
  )
  const groups = Map.groupBy(values, ({ metric }) => `${metric.resource.serviceName}\0${metric.name}`)
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, points]) => {
      const [first] = points
      if (first === undefined) return []
      return [
        {
          service: first.metric.resource.serviceName,
          metric: first.metric.name,
          kind: first.kind,
          unit: first.metric.unit,
          series: new Set(points.map(seriesKey)).size,
        },
      ]
    })
}

export function memoryMetricSeries(kept: Kept, query: SeriesQuery): readonly MetricSeries[] {
  const stepMs = stepSeconds(query.window, query.stepMs) * 1000
  const wanted = Object.entries(query.attributes ?? {})
  const values = valuesOf(kept, query.window)
    .filter(({ metric }) => metric.resource.serviceName === query.service && metric.name === query.metric)
    .filter(({ attributes }) => wanted.every(([key, value]) => attributes.get(key) === value))
  return [...Map.groupBy(values, seriesKey).values()].flatMap((points) => {
    const [first] = points
    if (first === undefined) return []
    const steps = [...Map.groupBy(points, ({ at }) => Math.floor(at / stepMs) * stepMs)]
    return [
      {
        attributes: Object.fromEntries(first.attributes),
        instance: first.metric.resource.serviceInstance,
        kind: first.kind,
        points: steps.sort(([one], [other]) => one - other).map(([at, some]) => ({ at, ...figuresOf(some) })),
      },
    ]
  })
}

function figuresOf(some: readonly Value[]): Omit<MetricSeries['points'][number], 'at'> {
  const values = some.map(({ value }) => value)
  const last = some.reduce((one, other) => (other.at >= one.at ? other : one))
  return {
    count: some.length,
    sum: values.reduce((one, other) => one + other, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    last: last.value,
  }
}
