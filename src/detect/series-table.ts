import type { Attributes, MetricPoint } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** One series of a metric: its newest value; of a counter, its rate per second. */
export type MetricSeries = {
  readonly key: string
  readonly metric: string
  readonly unit: string
  readonly service: string
  readonly instance: string
  readonly attributes: Attributes
  value: number
  at: EpochMs
  /** Of a counter: the sum so far, to take the next difference from. */
  sum: number | null
  /** New since it was last taken by who asks for news. */
  isFresh: boolean
}

export type SeriesTable = {
  /** Histograms and summaries have no single value and are not kept here. */
  readonly observe: (point: MetricPoint) => void
  readonly named: (metric: string) => Iterable<MetricSeries>
  readonly all: () => Iterable<MetricSeries>
  /** Takes out what has been silent for an hour. */
  readonly sweep: (now: EpochMs) => void
  readonly figures: () => { readonly metricSeries: number; readonly metricSeriesRefused: number }
}

/** A label with a million values fills the share of its own service, and no more. */
const MAX_SERIES = 20_000
const MAX_PER_SERVICE = 5000
const SILENT_MS = 3_600_000

export function createSeriesTable(): SeriesTable {
  const byKey = new Map<string, MetricSeries>()
  const byName = new Map<string, Set<MetricSeries>>()
  const perService = new Map<string, number>()
  let refused = 0

  function add(point: MetricPoint, key: string): MetricSeries | null {
    const { resource, name, unit } = point.metric
    const service = resource.serviceName
    const count = perService.get(service) ?? 0
    if (byKey.size >= MAX_SERIES || count >= MAX_PER_SERVICE) {
      refused += 1
      return null
    }
    const series: MetricSeries = {
      key,
      metric: name,
      unit,
      service,
      instance: resource.serviceInstance,
      attributes: point.attributes,
      value: Number.NaN,
      at: 0,
      sum: null,
      isFresh: false,
    }
    perService.set(service, count + 1)
    byKey.set(key, series)
    const named = byName.get(name) ?? new Set()
    byName.set(name, named.add(series))
    return series
  }

  return {
    observe(point) {
      if (point.kind !== 'gauge' && point.kind !== 'sum') return
      if (!Number.isFinite(point.value) || !Number.isFinite(point.at)) return
      const key = seriesKey(point)
      const series = byKey.get(key) ?? add(point, key)
      if (series === null || point.at <= series.at) return
      if (point.kind === 'gauge' || !point.isMonotonic) setValue(series, point.at, point.value)
      else if (point.temporality === 'delta') setRate(series, point.at, point.value)
      else setCumulative(series, point.at, point.value)
    },
    named: (metric) => byName.get(metric) ?? [],
    all: () => byKey.values(),
    sweep(now) {
      for (const series of byKey.values()) {
        if (series.at > now - SILENT_MS) continue
        byKey.delete(series.key)
        byName.get(series.metric)?.delete(series)
        perService.set(series.service, (perService.get(series.service) ?? 1) - 1)
      }
    },
    figures: () => ({ metricSeries: byKey.size, metricSeriesRefused: refused }),
  }
}

function setValue(series: MetricSeries, at: EpochMs, value: number): void {
  series.at = at
  // A difference of huge numbers over a short time may be none any more.
  if (!Number.isFinite(value)) return
  series.value = value
  series.isFresh = true
}

function setRate(series: MetricSeries, at: EpochMs, delta: number): void {
  const seconds = (at - series.at) / 1000
  const isFirst = series.at === 0
  series.at = at
  if (!isFirst) setValue(series, at, delta / seconds)
}

/** A sum that fell began anew: what it has now is what came since. */
function setCumulative(series: MetricSeries, at: EpochMs, sum: number): void {
  const before = series.sum
  series.sum = sum
  if (before === null) series.at = at
  else setRate(series, at, sum >= before ? sum - before : sum)
}

/** What tells a series from all others; attributes in the order of their names, for a map has none. */
export function seriesKey({ metric, attributes }: MetricPoint): string {
  const { resource, name } = metric
  let key = `${resource.serviceName}\u0000${resource.serviceInstance}\u0000${name}`
  if (attributes.size === 0) return key
  const names = attributes.size === 1 ? attributes.keys() : [...attributes.keys()].sort()
  for (const attribute of names) key += `\u0000${attribute}=${attributes.get(attribute)}`
  return key
}
