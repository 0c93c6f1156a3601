import type {
  ExponentialHistogramPoint,
  GaugePoint,
  HistogramPoint,
  MetricPoint,
  SumPoint,
  SummaryPoint,
  Temporality,
} from '../telemetry/index.ts'
import { createBlock, field } from './native-block.ts'
import type { BlockWriter } from './native-block.ts'
import {
  attributes,
  float64,
  int32,
  list,
  text,
  time,
  uint32,
  uint64,
  uint8,
  word,
} from './native-columns.ts'

/** What all kinds of points have in common; columns and words of the Collector's ClickHouse exporter. */
function pointFields() {
  return [
    field(
      'ResourceAttributes',
      attributes('shared'),
      (point: MetricPoint) => point.metric.resource.attributes,
    ),
    field('ScopeName', text(), (point: MetricPoint) => point.metric.scope.name),
    field('ScopeVersion', text(), (point: MetricPoint) => point.metric.scope.version),
    field('ScopeAttributes', attributes('shared'), (point: MetricPoint) => point.metric.scope.attributes),
    field('ServiceName', word(), (point: MetricPoint) => point.metric.resource.serviceName),
    field('MetricName', word(), (point: MetricPoint) => point.metric.name),
    field('MetricDescription', text(), (point: MetricPoint) => point.metric.description),
    field('MetricUnit', text(), (point: MetricPoint) => point.metric.unit),
    field('Attributes', attributes('own'), (point: MetricPoint) => point.attributes),
    field('StartTimeUnix', time(), (point: MetricPoint) => point.startedAt),
    field('TimeUnix', time(), (point: MetricPoint) => point.at),
    field('Flags', uint32(), (point: MetricPoint) => point.flags),
  ]
}

/** OTLP's numbers for it. */
const TEMPORALITY: Readonly<Record<Temporality, number>> = { delta: 1, cumulative: 2 }

export function gaugesBlock(): BlockWriter<GaugePoint> {
  return createBlock<GaugePoint>('otel_metrics_gauge', [
    ...pointFields(),
    field('Value', float64(), (point) => point.value),
  ])
}

export function sumsBlock(): BlockWriter<SumPoint> {
  return createBlock<SumPoint>('otel_metrics_sum', [
    ...pointFields(),
    field('Value', float64(), (point) => point.value),
    field('AggregationTemporality', int32(), (point) => TEMPORALITY[point.temporality]),
    field('IsMonotonic', uint8('Bool'), (point) => (point.isMonotonic ? 1 : 0)),
  ])
}

export function histogramsBlock(): BlockWriter<HistogramPoint> {
  return createBlock<HistogramPoint>('otel_metrics_histogram', [
    ...pointFields(),
    field('Count', uint64(), (point) => point.count),
    field('Sum', float64(), (point) => point.sum),
    field('BucketCounts', list(uint64()), (point) => point.counts),
    field('ExplicitBounds', list(float64()), (point) => point.bounds),
    // The exporter's columns cannot be null; what was not sent is not a number.
    field('Min', float64(), (point) => point.min ?? Number.NaN),
    field('Max', float64(), (point) => point.max ?? Number.NaN),
    field('AggregationTemporality', int32(), (point) => TEMPORALITY[point.temporality]),
  ])
}

export function exponentialHistogramsBlock(): BlockWriter<ExponentialHistogramPoint> {
  return createBlock<ExponentialHistogramPoint>('otel_metrics_exponential_histogram', [
    ...pointFields(),
    field('Count', uint64(), (point) => point.count),
    field('Sum', float64(), (point) => point.sum),
    field('Scale', int32(), (point) => point.scale),
    field('ZeroCount', uint64(), (point) => point.zeroCount),
    field('PositiveOffset', int32(), (point) => point.positive.offset),
    field('PositiveBucketCounts', list(uint64()), (point) => point.positive.counts),
    field('NegativeOffset', int32(), (point) => point.negative.offset),
    field('NegativeBucketCounts', list(uint64()), (point) => point.negative.counts),
    field('Min', float64(), (point) => point.min ?? Number.NaN),
    field('Max', float64(), (point) => point.max ?? Number.NaN),
    field('AggregationTemporality', int32(), (point) => TEMPORALITY[point.temporality]),
  ])
}

export function summariesBlock(): BlockWriter<SummaryPoint> {
  return createBlock<SummaryPoint>('otel_metrics_summary', [
    ...pointFields(),
    field('Count', uint64(), (point) => point.count),
    field('Sum', float64(), (point) => point.sum),
    field('ValueAtQuantiles.Quantile', list(float64()), (point) =>
      point.quantiles.map(({ quantile }) => quantile),
    ),
    field('ValueAtQuantiles.Value', list(float64()), (point) => point.quantiles.map(({ value }) => value)),
  ])
}
