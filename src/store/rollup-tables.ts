import type { Table } from './schema.ts'

/** A view that fills `to` with what is inserted into `from`. */
export type View = { readonly name: string; readonly to: string; readonly select: string }

const WORD = 'LowCardinality(String) CODEC(ZSTD(1))'
const MINUTE = 'Minute DateTime CODEC(Delta(4), ZSTD(1))'
const COUNT = 'SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))'
/** Relative error of 1 %, whatever the range; states of many minutes and routes merge to the same. */
const DURATION = 'quantilesDD(0.01, 0.5, 0.95, 0.99)'

function rollup(name: string, columns: readonly string[], orderBy: string): Table {
  return {
    name,
    columns: [MINUTE, ...columns],
    engine: 'AggregatingMergeTree',
    partitionBy: 'toMonday(Minute)',
    orderBy,
    age: 'Minute',
    keep: 'rollups',
  }
}

/** Of counters: where the count began; 0 where that is not known, and for everything else. Milliseconds. */
const BEGAN = 'Began DateTime64(3) CODEC(ZSTD(1))'
const METRIC_KEY = 'ServiceName, MetricName, Series, Minute'
const METRIC_ORDER = `(${METRIC_KEY}, Began)`

const REQUEST_ORDER = '(ServiceName, Route, Origin, Minute)'
const REQUEST_COLUMNS = [
  `ServiceName ${WORD}`,
  `Route ${WORD}`,
  `Origin ${WORD}`,
  `Requests ${COUNT}`,
  `Failed ${COUNT}`,
  `Durations AggregateFunction(${DURATION}, Float64) CODEC(ZSTD(1))`,
]

export const ROLLUP_TABLES: readonly Table[] = [
  rollup('firebreak_requests_1m', REQUEST_COLUMNS, REQUEST_ORDER),
  rollup('firebreak_requests_10m', REQUEST_COLUMNS, REQUEST_ORDER), // for days and weeks: a tenth to merge
  rollup(
    'firebreak_logs_1m',
    [`ServiceName ${WORD}`, 'SeverityNumber UInt8', `Lines ${COUNT}`],
    '(ServiceName, SeverityNumber, Minute)',
  ),
  {
    ...rollup(
      'firebreak_metrics_1m',
      [
        `ServiceName ${WORD}`,
        `MetricName ${WORD}`,
        'Series UInt64',
        'Kind SimpleAggregateFunction(any, LowCardinality(String)) CODEC(ZSTD(1))',
        'Unit SimpleAggregateFunction(any, LowCardinality(String)) CODEC(ZSTD(1))',
        'Instance SimpleAggregateFunction(any, LowCardinality(String)) CODEC(ZSTD(1))',
        'Attributes SimpleAggregateFunction(any, Map(String, String)) CODEC(ZSTD(1))',
        `Points ${COUNT}`,
        'Total SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1))',
        'Least SimpleAggregateFunction(min, Float64) CODEC(ZSTD(1))',
        'Most SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1))',
        'Last AggregateFunction(argMax, Float64, DateTime64(9)) CODEC(ZSTD(1))',
        BEGAN,
      ],
      METRIC_ORDER, // one row for each process that counts: their counts are never mixed
    ),
    primaryKey: `(${METRIC_KEY})`,
  },
]

/** `METHOD /template` where the span is of HTTP, else its name. */
const ROUTE =
  "if(SpanAttributes['http.route'] != '', concat(if(SpanAttributes['http.request.method'] != '', SpanAttributes['http.request.method'], SpanAttributes['http.method']), ' ', SpanAttributes['http.route']), SpanName)"
const STATUS =
  "toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code']))"
/** Of a row of a table of points that is called `point`. */
export const INSTANCE =
  "if(point.ResourceAttributes['service.instance.id'] != '', point.ResourceAttributes['service.instance.id'], point.ResourceAttributes['host.name'])"

/** How kinds of numbers are written down: what a sum is made of has to be known to say how much it grew. */
export const KIND_WORDS = {
  gauge: { kind: 'gauge' },
  /** As it was before more was kept. */
  sum: { kind: 'sum', temporality: null, isMonotonic: null },
  'sum-cumulative': { kind: 'sum', temporality: 'cumulative', isMonotonic: false },
  'sum-cumulative-monotonic': { kind: 'sum', temporality: 'cumulative', isMonotonic: true },
  'sum-delta': { kind: 'sum', temporality: 'delta', isMonotonic: false },
  'sum-delta-monotonic': { kind: 'sum', temporality: 'delta', isMonotonic: true },
} as const

const SUM_KIND =
  "concat('sum-', if(point.AggregationTemporality = 1, 'delta', 'cumulative'), if(point.IsMonotonic, '-monotonic', ''))"
const SUM_BEGAN =
  'if(point.AggregationTemporality != 1 AND point.IsMonotonic AND point.StartTimeUnix < point.TimeUnix, toDateTime64(point.StartTimeUnix, 3), toDateTime64(0, 3))'

/** Columns are named with their table: some of the results have the same names. */
function metricView(kind: 'gauge' | 'sum'): View {
  const [word, began] = kind === 'gauge' ? ["'gauge'", 'toDateTime64(0, 3)'] : [SUM_KIND, SUM_BEGAN]
  return {
    name: `firebreak_${kind}_1m_view`,
    to: 'firebreak_metrics_1m',
    select: `SELECT toStartOfMinute(toDateTime(point.TimeUnix)) AS Minute, point.ServiceName AS ServiceName, point.MetricName AS MetricName,
  cityHash64(point.Attributes, ${INSTANCE}) AS Series, any(${word}) AS Kind, any(point.MetricUnit) AS Unit,
  any(${INSTANCE}) AS Instance, any(point.Attributes) AS Attributes,
  count() AS Points, sum(point.Value) AS Total, min(point.Value) AS Least, max(point.Value) AS Most,
  argMaxState(point.Value, point.TimeUnix) AS Last, ${began} AS Began
FROM otel_metrics_${kind} AS point GROUP BY Minute, ServiceName, MetricName, Series, Began`,
  }
}

/** What an earlier version made lacks where counters began: added, without touching what is stored. */
export const KNOW_COUNTERS: readonly string[] = [
  `ALTER TABLE firebreak_metrics_1m ADD COLUMN IF NOT EXISTS ${BEGAN}, MODIFY ORDER BY ${METRIC_ORDER}`,
  `ALTER TABLE firebreak_sum_1m_view MODIFY QUERY ${metricView('sum').select}`,
]

export const VIEWS: readonly View[] = [
  {
    name: 'otel_traces_trace_id_ts_mv', // the exporter's name for it
    to: 'otel_traces_trace_id_ts',
    select:
      "SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM otel_traces WHERE TraceId != '' GROUP BY TraceId",
  },
  {
    name: 'firebreak_spans_1m_view',
    to: 'firebreak_requests_1m',
    select: `SELECT toStartOfMinute(toDateTime(Timestamp)) AS Minute, ServiceName, ${ROUTE} AS Route, 'span' AS Origin,
  count() AS Requests, countIf(StatusCode IN ('Error', 'STATUS_CODE_ERROR') OR ${STATUS} >= 500) AS Failed,
  ${DURATION.replace('quantilesDD', 'quantilesDDState')}(Duration / 1e6) AS Durations
FROM otel_traces WHERE SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER')
GROUP BY Minute, ServiceName, Route`,
  },
  {
    name: 'firebreak_requests_1m_view',
    to: 'firebreak_requests_1m',
    select: `SELECT toStartOfMinute(toDateTime(At)) AS Minute, ServiceName, Route, 'log' AS Origin,
  count() AS Requests, countIf(NoAnswer != '' OR Status >= 500) AS Failed,
  ${DURATION.replace('quantilesDD', 'quantilesDDStateIf')}(DurationMs, NOT isNaN(DurationMs)) AS Durations
FROM firebreak_requests GROUP BY Minute, ServiceName, Route`,
  },
  {
    name: 'firebreak_logs_1m_view',
    to: 'firebreak_logs_1m',
    select:
      'SELECT toStartOfMinute(TimestampTime) AS Minute, ServiceName, SeverityNumber, count() AS Lines FROM otel_logs GROUP BY Minute, ServiceName, SeverityNumber',
  },
  {
    name: 'firebreak_requests_10m_view',
    to: 'firebreak_requests_10m',
    select: `SELECT toStartOfInterval(one.Minute, INTERVAL 10 MINUTE) AS Minute, one.ServiceName AS ServiceName, one.Route AS Route,
  one.Origin AS Origin, sum(one.Requests) AS Requests, sum(one.Failed) AS Failed,
  ${DURATION.replace('quantilesDD', 'quantilesDDMergeState')}(one.Durations) AS Durations
FROM firebreak_requests_1m AS one GROUP BY Minute, ServiceName, Route, Origin`,
  },
  metricView('gauge'),
  metricView('sum'),
]
