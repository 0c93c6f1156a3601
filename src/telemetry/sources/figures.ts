import type { EpochMs } from '../../time.ts'
import { NO_ATTRIBUTES, type Attributes } from '../attributes.ts'
import type { DerivedMetric } from '../derived-metrics.ts'
import type { GaugePoint, MetricInfo, SumPoint } from '../metric-point.ts'
import type { Resource, Scope } from '../resource.ts'

/** Who measures: the sources of ours that make points of what they see. */
const OWN_SCOPE: Scope = { name: 'firebreak', version: '', attributes: NO_ATTRIBUTES }

/** What a service is called that nobody named (OpenTelemetry's resource conventions). */
const UNKNOWN_SERVICE = 'unknown_service'

/**
 * The resource of what our own sources see. `instance` tells apart what would else be one series: two databases of one
 * service, two processes of one host. Values that are null are left out.
 */
export function resourceOf(
  who: { readonly service: string | null; readonly instance: string },
  attributes: Readonly<Record<string, string | null>>,
): Resource {
  const known = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== null)
  return {
    serviceName: who.service ?? UNKNOWN_SERVICE,
    serviceInstance: who.instance,
    serviceVersion: '',
    attributes: new Map(known),
  }
}

/** Makes the points of one look at one resource: the same time, the same resource. */
export type Figures = {
  gauge(metric: DerivedMetric, value: number | null, attributes?: Attributes): void
  /** A counter that only grows, or (`isMonotonic: false`) an amount that adds up over attributes. */
  sum(metric: DerivedMetric, value: number | null, about: SumKind): void
  readonly points: readonly (GaugePoint | SumPoint)[]
}

export type SumKind = {
  readonly isMonotonic: boolean
  readonly attributes?: Attributes
  /** Since when a counter counts; the time of the look where it is not known. */
  readonly startedAt?: EpochMs
}

/** Collects the points of one look; a value that is null or no number makes none. */
export function createFigures(resource: Resource, at: EpochMs): Figures {
  const infos = new Map<string, MetricInfo>()
  const points: (GaugePoint | SumPoint)[] = []
  const infoOf = (metric: DerivedMetric): MetricInfo => {
    const known = infos.get(metric.name)
    if (known !== undefined) return known
    const info = { resource, scope: OWN_SCOPE, ...metric }
    infos.set(metric.name, info)
    return info
  }
  return {
    points,
    gauge(metric, value, attributes = NO_ATTRIBUTES) {
      if (value === null || !Number.isFinite(value)) return
      points.push({ kind: 'gauge', metric: infoOf(metric), attributes, startedAt: at, at, flags: 0, value })
    },
    sum(metric, value, { isMonotonic, attributes = NO_ATTRIBUTES, startedAt = at }) {
      if (value === null || !Number.isFinite(value)) return
      const info = infoOf(metric)
      points.push({
        kind: 'sum',
        metric: info,
        attributes,
        startedAt,
        at,
        flags: 0,
        value,
        temporality: 'cumulative',
        isMonotonic,
      })
    },
  }
}
