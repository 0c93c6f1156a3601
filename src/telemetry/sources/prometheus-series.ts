import type { Attributes } from '../attributes.ts'
import { NO_ATTRIBUTES } from '../attributes.ts'
import type { MetricInfo, MetricPoint } from '../metric-point.ts'
import { isInTime, refuse } from '../otlp/decode-run.ts'
import type { DecodeRun } from '../otlp/decode-run.ts'
import { resourceOf, UNKNOWN_RESOURCE, UNKNOWN_SCOPE } from '../otlp/origin.ts'
import type { Resource } from '../resource.ts'

// How Prometheus' series become our metrics, as OpenTelemetry maps them
// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics).

/** What is known of a family of metrics: its type in the numbers of `MetricMetadata.MetricType`. */
export type Family = { readonly type: number; readonly help: string; readonly unit: string }

/** What is kept between requests; all of it bounded. */
export type PrometheusMemory = {
  readonly families: Map<string, Family>
  /** By job and instance. */
  readonly resources: Map<string, Resource>
}

export const MOST_FAMILIES = 20_000
const MOST_RESOURCES = 10_000
/** What is longer is not kept between requests. */
export const LONGEST_NAME = 500

const TYPE = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 } as const

/** One series: its labels taken apart, and the metric that its points belong to. */
export type Series = {
  readonly metric: MetricInfo
  readonly attributes: Attributes
  readonly kind: 'gauge' | 'counter'
}

/** A series by its labels; null where it has no name. `own`: what the request itself says of it (2.0). */
export function seriesOf(
  memory: PrometheusMemory,
  labels: ReadonlyMap<string, string>,
  own: Family | null,
): Series | null {
  const name = labels.get('__name__') ?? ''
  if (name === '') return null
  const family = own !== null && own.type !== TYPE.unknown ? own : familyOf(memory.families, name)
  const resource = resourceOfSeries(memory.resources, labels)
  const attributes = new Map<string, string>()
  for (const [key, value] of labels) {
    if (key !== '__name__' && key !== 'job' && key !== 'instance') attributes.set(key, value)
  }
  const { help: description = '', unit = '' } = family ?? {}
  return {
    metric: { resource, scope: UNKNOWN_SCOPE, name, description, unit },
    attributes: attributes.size === 0 ? NO_ATTRIBUTES : attributes,
    kind: isCounter(name, family, attributes) ? 'counter' : 'gauge',
  }
}

const SUFFIX = /_(?:total|bucket|count|sum)$/

function familyOf(families: ReadonlyMap<string, Family>, name: string): Family | null {
  return families.get(name) ?? families.get(name.replace(SUFFIX, '')) ?? null
}

/** Without metadata the name has to tell: a gauge seldom ends like the parts of a histogram. */
function isCounter(name: string, family: Family | null, attributes: Attributes): boolean {
  const suffix = SUFFIX.exec(name)?.[0]
  switch (family?.type) {
    case TYPE.counter:
      return true
    case TYPE.histogram:
      return suffix !== undefined
    case TYPE.summary:
      return suffix === '_count' || suffix === '_sum'
    case undefined:
    case TYPE.unknown:
      return suffix !== undefined && (suffix !== '_bucket' || attributes.has('le'))
    default:
      return false
  }
}

/** `job` is the service, with its namespace in front where it has one, `instance` the instance. */
function resourceOfSeries(resources: Map<string, Resource>, labels: ReadonlyMap<string, string>): Resource {
  const job = labels.get('job') ?? ''
  const instance = labels.get('instance') ?? ''
  if (job === '' && instance === '') return UNKNOWN_RESOURCE
  const key = `${job}\n${instance}`
  const known = resources.get(key)
  if (known !== undefined) return known
  const attributes = new Map<string, string>()
  const slash = job.indexOf('/')
  if (slash > 0) attributes.set('service.namespace', job.slice(0, slash))
  if (job !== '') attributes.set('service.name', slash > 0 ? job.slice(slash + 1) : job)
  if (instance !== '') attributes.set('service.instance.id', instance)
  const resource = resourceOf(attributes)
  if (key.length > LONGEST_NAME) return resource
  // They are made anew when there are more than that: only their identity is lost.
  if (resources.size >= MOST_RESOURCES) resources.clear()
  resources.set(key, resource)
  return resource
}

export type Sample = { readonly value: number; readonly at: number; readonly startedAt: number }

/** The point of a sample; null where it says nothing (NaN, and with it the marker of a series that ended). */
export function pointOf(run: DecodeRun, series: Series | null, sample: Sample): MetricPoint | null {
  if (series === null) return refuse(run, 'no-name')
  if (Number.isNaN(sample.value)) {
    run.skipped += 1
    return null
  }
  if (!isInTime(run, sample.at)) return null
  const { metric, attributes } = series
  const { value, at } = sample
  const startedAt = sample.startedAt === 0 || sample.startedAt > at ? at : sample.startedAt
  if (series.kind === 'gauge')
    return { kind: 'gauge', metric, attributes, startedAt: at, at, flags: 0, value }
  const temporality = 'cumulative'
  return { kind: 'sum', metric, attributes, startedAt, at, flags: 0, value, temporality, isMonotonic: true }
}
