import type { EpochMs } from '../time.ts'
import type { Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'

/** What names a metric; one object is shared by its points. */
export type MetricInfo = {
  readonly resource: Resource
  readonly scope: Scope
  readonly name: string
  readonly description: string
  /** UCUM: `s`, `By`, `1`, `{request}`. */
  readonly unit: string
}

type Point = {
  readonly metric: MetricInfo
  readonly attributes: Attributes
  /** Where counting began; equals `at` where it makes no sense or is not known. */
  readonly startedAt: EpochMs
  readonly at: EpochMs
  readonly flags: number
}

/** Whether a point counts since the start of the process, or since the point before it. */
export type Temporality = 'delta' | 'cumulative'

export type GaugePoint = Point & { readonly kind: 'gauge'; readonly value: number }
export type SumPoint = Point & {
  readonly kind: 'sum'
  readonly value: number
  readonly temporality: Temporality
  readonly isMonotonic: boolean
}
export type HistogramPoint = Point & {
  readonly kind: 'histogram'
  readonly temporality: Temporality
  readonly count: number
  readonly sum: number
  readonly min: number | null
  readonly max: number | null
  /** Upper bounds, one fewer than counts: (-∞, b0], (b0, b1], …, (bn, ∞). */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}
export type ExponentialHistogramPoint = Point & {
  readonly kind: 'exponential-histogram'
  readonly temporality: Temporality
  readonly count: number
  readonly sum: number
  readonly min: number | null
  readonly max: number | null
  readonly scale: number
  readonly zeroCount: number
  readonly positive: { readonly offset: number; readonly counts: readonly number[] }
  readonly negative: { readonly offset: number; readonly counts: readonly number[] }
}
export type SummaryPoint = Point & {
  readonly kind: 'summary'
  readonly count: number
  readonly sum: number
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

/** One point of a metric (opentelemetry.io/docs/specs/otel/metrics/data-model). */
export type MetricPoint = GaugePoint | SumPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint
