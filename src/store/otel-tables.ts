import type { Table } from './schema.ts'

// Close to the tables of the OpenTelemetry Collector's ClickHouse exporter
// (github.com/open-telemetry/opentelemetry-collector-contrib, exporter/clickhouseexporter): the same names, columns and
// types, so that either can read what the other wrote. Its indices on every attribute key and value are left out: they
// halve what one core takes in, and every question of ours names a service and a time.

const WORD = 'LowCardinality(String) CODEC(ZSTD(1))'
const TEXT = 'String CODEC(ZSTD(1))'
const MAP = 'Map(LowCardinality(String), String) CODEC(ZSTD(1))'
const NANOSECONDS = 'DateTime64(9) CODEC(Delta(8), ZSTD(1))'
const TRACE_INDEX = 'INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1'

const logs: Table = {
  name: 'otel_logs',
  columns: [
    `Timestamp ${NANOSECONDS}`,
    'TimestampTime DateTime DEFAULT toDateTime(Timestamp) CODEC(Delta(4), ZSTD(1))',
    `TraceId ${TEXT}`,
    `SpanId ${TEXT}`,
    'TraceFlags UInt8',
    `SeverityText ${WORD}`,
    'SeverityNumber UInt8',
    `ServiceName ${WORD}`,
    `Body ${TEXT}`,
    `ResourceSchemaUrl ${WORD}`,
    `ResourceAttributes ${MAP}`,
    `ScopeSchemaUrl ${WORD}`,
    `ScopeName ${TEXT}`,
    `ScopeVersion ${WORD}`,
    `ScopeAttributes ${MAP}`,
    `LogAttributes ${MAP}`,
    `EventName ${TEXT}`,
    TRACE_INDEX,
    'INDEX idx_severity SeverityNumber TYPE set(24) GRANULARITY 1',
  ],
  engine: 'MergeTree',
  partitionBy: 'toDate(TimestampTime)',
  primaryKey: '(ServiceName, TimestampTime)',
  orderBy: '(ServiceName, TimestampTime, Timestamp)',
  age: 'TimestampTime',
  keep: 'logs',
}

const traces: Table = {
  name: 'otel_traces',
  columns: [
    `Timestamp ${NANOSECONDS}`,
    `TraceId ${TEXT}`,
    `SpanId ${TEXT}`,
    `ParentSpanId ${TEXT}`,
    `TraceState ${TEXT}`,
    `SpanName ${WORD}`,
    `SpanKind ${WORD}`,
    `ServiceName ${WORD}`,
    `ResourceAttributes ${MAP}`,
    `ScopeName ${TEXT}`,
    `ScopeVersion ${TEXT}`,
    `SpanAttributes ${MAP}`,
    'Duration UInt64 CODEC(T64, ZSTD(1))',
    `StatusCode ${WORD}`,
    `StatusMessage ${TEXT}`,
    `Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1))`,
    `Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1))`,
    TRACE_INDEX,
    'INDEX idx_duration Duration TYPE minmax GRANULARITY 1',
    'INDEX idx_status StatusCode TYPE set(4) GRANULARITY 1',
  ],
  engine: 'MergeTree',
  partitionBy: 'toDate(Timestamp)',
  primaryKey: '(ServiceName, SpanName, toDateTime(Timestamp))',
  orderBy: '(ServiceName, SpanName, toDateTime(Timestamp), Timestamp)',
  age: 'toDateTime(Timestamp)',
  keep: 'traces',
}

/** When a trace was: what finds one by its id alone without reading a day. */
const traceTimes: Table = {
  name: 'otel_traces_trace_id_ts',
  columns: [`TraceId ${TEXT}`, 'Start DateTime CODEC(Delta, ZSTD(1))', 'End DateTime CODEC(Delta, ZSTD(1))'],
  engine: 'MergeTree',
  partitionBy: 'toDate(Start)',
  orderBy: '(TraceId, Start)',
  age: 'Start',
  keep: 'traces',
}

const POINT = [
  `ResourceAttributes ${MAP}`,
  `ResourceSchemaUrl ${TEXT}`,
  `ScopeName ${TEXT}`,
  `ScopeVersion ${TEXT}`,
  `ScopeAttributes ${MAP}`,
  'ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1))',
  `ScopeSchemaUrl ${TEXT}`,
  `ServiceName ${WORD}`,
  `MetricName ${WORD}`,
  `MetricDescription ${TEXT}`,
  `MetricUnit ${TEXT}`,
  `Attributes ${MAP}`,
  `StartTimeUnix ${NANOSECONDS}`,
  `TimeUnix ${NANOSECONDS}`,
  'Flags UInt32 CODEC(ZSTD(1))',
]
const EXEMPLARS =
  'Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime64(9), Value Float64, SpanId String, TraceId String) CODEC(ZSTD(1))'
const TEMPORALITY = 'AggregationTemporality Int32 CODEC(ZSTD(1))'
const TOTALS = ['Count UInt64 CODEC(Delta, ZSTD(1))', 'Sum Float64 CODEC(ZSTD(1))']
const EXTREMES = ['Min Float64 CODEC(ZSTD(1))', 'Max Float64 CODEC(ZSTD(1))']

function metrics(kind: string, columns: readonly string[]): Table {
  return {
    name: `otel_metrics_${kind}`,
    columns: [...POINT, ...columns],
    engine: 'MergeTree',
    partitionBy: 'toDate(TimeUnix)',
    orderBy: '(ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)',
    age: 'toDateTime(TimeUnix)',
    keep: 'metrics',
  }
}

export const OTEL_TABLES: readonly Table[] = [
  logs,
  traces,
  traceTimes,
  metrics('gauge', ['Value Float64 CODEC(ZSTD(1))', EXEMPLARS]),
  metrics('sum', ['Value Float64 CODEC(ZSTD(1))', EXEMPLARS, TEMPORALITY, 'IsMonotonic Bool CODEC(ZSTD(1))']),
  metrics('histogram', [
    ...TOTALS,
    'BucketCounts Array(UInt64) CODEC(ZSTD(1))',
    'ExplicitBounds Array(Float64) CODEC(ZSTD(1))',
    EXEMPLARS,
    ...EXTREMES,
    TEMPORALITY,
  ]),
  metrics('exponential_histogram', [
    ...TOTALS,
    'Scale Int32 CODEC(ZSTD(1))',
    'ZeroCount UInt64 CODEC(ZSTD(1))',
    'PositiveOffset Int32 CODEC(ZSTD(1))',
    'PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1))',
    'NegativeOffset Int32 CODEC(ZSTD(1))',
    'NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1))',
    EXEMPLARS,
    ...EXTREMES,
    TEMPORALITY,
  ]),
  metrics('summary', [...TOTALS, 'ValueAtQuantiles Nested (Quantile Float64, Value Float64) CODEC(ZSTD(1))']),
]
