import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Attributes } from '../attributes.ts'
import type { MetricInfo, MetricPoint, Temporality } from '../metric-point.ts'
import type { EpochMs } from '../../time.ts'
import { isInTime, refuse } from './decode-run.ts'
import type { DecodeRun } from './decode-run.ts'

/** What all points of a metric share. */
export type MetricShape = {
  readonly metric: MetricInfo
  readonly temporality: Temporality
  readonly isMonotonic: boolean
}

/** A point as it was sent, in either encoding; times in milliseconds, 0 where the sender knew none. */
export type PointDraft = {
  attributes: Map<string, string> | null
  start: number
  time: number
  flags: number
  /** Of a number; NaN where none was sent. */
  value: number
  count: number
  sum: number
  min: number | null
  max: number | null
  counts: number[]
  bounds: number[]
  scale: number
  zeroCount: number
  positive: Buckets
  negative: Buckets
  quantiles: { quantile: number; value: number }[]
  /** More buckets than are taken: not all of them were read. */
  isOverLimit: boolean
}

export type Buckets = { offset: number; counts: number[] }

const NONE: number[] = []
const NO_BUCKETS: Buckets = { offset: 0, counts: NONE }
const NO_QUANTILES: { quantile: number; value: number }[] = []

export function pointDraft(): PointDraft {
  return {
    attributes: null,
    start: 0,
    time: 0,
    flags: 0,
    value: Number.NaN,
    count: 0,
    sum: 0,
    min: null,
    max: null,
    counts: NONE,
    bounds: NONE,
    scale: 0,
    zeroCount: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    quantiles: NO_QUANTILES,
    isOverLimit: false,
  }
}

/** OTLP's numbers for it; what is not said counts from the start, as Prometheus' do. */
export function temporalityOf(aggregation: number): Temporality {
  return aggregation === 1 ? 'delta' : 'cumulative'
}

type Common = {
  metric: MetricInfo
  attributes: Attributes
  startedAt: EpochMs
  at: EpochMs
  flags: number
}

const NO_RECORDED_VALUE = 1

/** What every point needs; null where there is nothing to keep, which is counted. */
function common(run: DecodeRun, metric: MetricInfo, draft: PointDraft): Common | null {
  if (metric.name === '') return refuse(run, 'no-name')
  if ((draft.flags & NO_RECORDED_VALUE) !== 0) return skip(run)
  const at = draft.time === 0 ? run.now : draft.time
  if (!isInTime(run, at)) return null
  const startedAt = draft.start === 0 || draft.start > at ? at : draft.start
  return { metric, attributes: draft.attributes ?? NO_ATTRIBUTES, startedAt, at, flags: draft.flags }
}

function skip(run: DecodeRun): null {
  run.skipped += 1
  return null
}

/** Makes the point of one kind of metric; null where it is refused or has no value, which is counted. */
export type FinishPoint = (run: DecodeRun, shape: MetricShape, draft: PointDraft) => MetricPoint | null

export function gaugeOf(run: DecodeRun, { metric }: MetricShape, draft: PointDraft): MetricPoint | null {
  if (Number.isNaN(draft.value)) return skip(run)
  const point = common(run, metric, draft)
  return point === null ? null : { ...point, kind: 'gauge', value: draft.value }
}

export function sumOf(run: DecodeRun, shape: MetricShape, draft: PointDraft): MetricPoint | null {
  if (Number.isNaN(draft.value)) return skip(run)
  const point = common(run, shape.metric, draft)
  if (point === null) return null
  const { temporality, isMonotonic } = shape
  return { ...point, kind: 'sum', value: draft.value, temporality, isMonotonic }
}

export function histogramOf(run: DecodeRun, shape: MetricShape, draft: PointDraft): MetricPoint | null {
  const { counts, bounds, count, sum, min, max } = draft
  const isWhole = counts.length === bounds.length + 1 || (counts.length === 0 && bounds.length === 0)
  if (draft.isOverLimit || !isWhole) return refuse(run, 'invalid-buckets')
  const point = common(run, shape.metric, draft)
  if (point === null) return null
  return {
    ...point,
    kind: 'histogram',
    temporality: shape.temporality,
    count,
    sum: Number.isNaN(sum) ? 0 : sum,
    min,
    max,
    bounds,
    counts,
  }
}

export function exponentialOf(run: DecodeRun, shape: MetricShape, draft: PointDraft): MetricPoint | null {
  if (draft.isOverLimit) return refuse(run, 'invalid-buckets')
  const point = common(run, shape.metric, draft)
  if (point === null) return null
  const { count, sum, min, max, scale, zeroCount, positive, negative } = draft
  return {
    ...point,
    kind: 'exponential-histogram',
    temporality: shape.temporality,
    count,
    sum: Number.isNaN(sum) ? 0 : sum,
    min,
    max,
    scale,
    zeroCount,
    positive,
    negative,
  }
}

export function summaryOf(run: DecodeRun, { metric }: MetricShape, draft: PointDraft): MetricPoint | null {
  const point = common(run, metric, draft)
  if (point === null) return null
  // A quantile of nothing is NaN: it says nothing.
  const quantiles = draft.quantiles.filter(({ value }) => !Number.isNaN(value))
  return {
    ...point,
    kind: 'summary',
    count: draft.count,
    sum: Number.isNaN(draft.sum) ? 0 : draft.sum,
    quantiles,
  }
}
