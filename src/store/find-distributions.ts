import type { Ask } from './ask.ts'
import type { Stream, StreamStep } from './growth.ts'
import { commonName, distributionSeries, told } from './metric-series.ts'
import { INSTANCE } from './rollup-tables.ts'
import { MAX_SERIES, seriesKey } from './series-window.ts'
import type { AskedSeries, SeriesWindow } from './series-window.ts'
import { distributionArithmetic } from './distribution.ts'
import type { Buckets, Counts, Distribution } from './distribution.ts'
import type { DistributionSeries, MetricSeries } from './telemetry-store.ts'

// Histograms and summaries have no rollup: one would write about as many rows as it reads (SDKs send a point a minute)
// and cost every insert. Their tables are sorted by service, metric and hour, so that a question reads the points of
// its metric and window alone.

/** How the points of one table become totals of streams. */
type Form = {
  readonly kind: DistributionSeries['kind']
  readonly table: string
  readonly isDelta: string
  /** A number for what makes counts of one process two streams: those of different bounds are not added. */
  readonly layout: string
  /** Deltas of one scale are added by the engine, those of several by us. */
  readonly scale: string
  /** Upper bounds of explicit buckets. */
  readonly bounds: string
  /** A cumulative point, as a tuple that begins with its count and sum. */
  readonly point: string
  /** Points that tell what was added, together; of the same type. */
  readonly added: string
  readonly extremes: readonly [min: string, max: string]
  readonly bucketsOf: (bounds: readonly number[], total: Total) => Buckets
}

type Total = readonly [count: number, sum: number | null, ...unknown[]]

const DELTA = 'point.AggregationTemporality = 1'
/** Of all that was counted, or not known: points that counted nothing have none. */
const EXTREMES = [extreme('min', 'Min'), extreme('max', 'Max')] as const
const SIDES = ['Positive', 'Negative'] as const
const indexes = (side: string): string =>
  `arrayMap(i -> toInt64(i) + point.${side}Offset, range(length(point.${side}BucketCounts)))`

const FORMS: readonly Form[] = [
  {
    kind: 'histogram',
    table: 'otel_metrics_histogram',
    isDelta: DELTA,
    layout: 'reinterpretAsInt64(cityHash64(point.ExplicitBounds))',
    scale: 'layout',
    bounds: 'point.ExplicitBounds',
    point: '(point.Count, point.Sum, point.BucketCounts)',
    added: '(sum(point.Count), sum(point.Sum), sumForEach(point.BucketCounts))',
    extremes: EXTREMES,
    bucketsOf: (bounds, [, , counts]) => ({ kind: 'explicit', bounds, counts: numbersOf(counts) }),
  },
  {
    kind: 'exponential-histogram',
    table: 'otel_metrics_exponential_histogram',
    isDelta: DELTA,
    layout: '0', // while it counts, a process may make its buckets coarser
    scale: 'point.Scale',
    bounds: '[]::Array(Float64)',
    point: `(point.Count, point.Sum, point.Scale, point.ZeroCount, ${SIDES.map((side) => `([toInt64(point.${side}Offset)], point.${side}BucketCounts)`).join(', ')})`,
    added: `(sum(point.Count), sum(point.Sum), any(point.Scale), sum(point.ZeroCount), ${SIDES.map((side) => `sumMap(${indexes(side)}, point.${side}BucketCounts)`).join(', ')})`,
    extremes: EXTREMES,
    bucketsOf: (_, [, , scale, zeroCount, positive, negative]) => ({
      kind: 'exponential',
      scale: Number(scale),
      zeroCount: Number(zeroCount),
      positive: countsOf(positive),
      negative: countsOf(negative),
    }),
  },
  {
    kind: 'summary',
    table: 'otel_metrics_summary',
    isDelta: 'false',
    layout: '0',
    scale: '0',
    bounds: '[]::Array(Float64)',
    point: '(point.Count, point.Sum, point.`ValueAtQuantiles.Quantile`, point.`ValueAtQuantiles.Value`)',
    added: '',
    extremes: ['NULL', 'NULL'],
    bucketsOf: (_, [, , shares, values]) => ({
      kind: 'quantiles',
      values: new Map(
        numbersOf(shares).map((share, index) => [share, numbersOf(values)[index] ?? Number.NaN]),
      ),
    }),
  },
]

/** What is not finite comes as null. */
function numbersOf(told: unknown): readonly number[] {
  return (told as readonly (number | null)[]).map((one) => one ?? Number.NaN)
}

/** Indices of all, or of the first alone. */
function countsOf(told: unknown): Counts {
  const [from, all] = told as readonly [unknown, unknown]
  const [places, counts] = [numbersOf(from), numbersOf(all)]
  const [first = 0] = places
  if (places.length === counts.length) return { indexes: places, counts }
  return { indexes: counts.map((_, index) => first + index), counts }
}

function extreme(which: 'min' | 'max', column: 'Min' | 'Max'): string {
  const known = `isFinite(point.${column})`
  return `if(countIf(point.Count > 0 AND NOT ${known}) = 0, ${which}OrNullIf(point.${column}, ${known}), NULL)`
}

const inWindow = (column: string): string =>
  `${column} >= toDateTime64({from:UInt32}, 9) AND ${column} < toDateTime64({to:UInt32}, 9)`

/**
 * Part of the question for names. Attributes are what costs, so that series are counted in the last hour or two in
 * which a metric reported.
 */
export function distributionNames(ofService: string): string {
  const parts = FORMS.map(
    ({ kind, table }) => `
  SELECT point.ServiceName AS service, point.MetricName AS metric, '${kind}' AS kind, any(point.MetricUnit) AS unit,
    toUInt32(uniq(cityHash64(point.Attributes, ${INSTANCE}))) AS series
  FROM ${table} AS point
  WHERE ${inWindow('point.TimeUnix')} AND (point.ServiceName, point.MetricName, toStartOfHour(point.TimeUnix)) IN (
    SELECT ServiceName, MetricName, arrayJoin([hour, hour - 3600]) FROM (
      SELECT ServiceName, MetricName, toStartOfHour(max(TimeUnix)) AS hour FROM ${table}
      WHERE ${inWindow('TimeUnix')} ${ofService} GROUP BY ServiceName, MetricName))
  GROUP BY service, metric`,
  )
  return parts.join('\n  UNION ALL')
}

/** Part of a question by service: what is selected of each service that sent histograms or summaries. */
export function countDistributions(select: string): string {
  const parts = FORMS.map(
    ({ table }) => `UNION ALL ${select} FROM ${table} WHERE ${inWindow('TimeUnix')} GROUP BY ServiceName`,
  )
  return parts.join('\n  ')
}

type Row = {
  readonly attributes: Readonly<Record<string, string>>
  readonly instance: string
  readonly streams: readonly StreamRow[]
}
/** `begun` in milliseconds: 0 where it is not known, -1 for deltas. */
type StreamRow = readonly [one: string, begun: number, bounds: readonly number[], steps: readonly StepRow[]]
type StepRow = readonly [at: number, which: Which, total: Total, min: number | null, max: number | null]
/** The last total of a step, the largest (told where it fell after that), or all deltas together. */
type Which = 'last' | 'largest' | 'added'

/** The series of a metric that is a histogram or summary, from its points. */
export async function findDistributions(
  ask: Ask,
  asked: AskedSeries,
  window: SeriesWindow,
): Promise<readonly MetricSeries[]> {
  const present = await ask<Present>(questionOfPresence(asked), asked.parameters)
  const found = await Promise.all(
    FORMS.map(async (form) => {
      const has = present.find(({ kind }) => kind === form.kind)
      if (has === undefined) return []
      const rows = await ask<Row>(questionOf(partsOf(form, asked, has)), asked.parameters)
      return rows.map((row) => seriesOf(form, { ...row, ...commonName(row, asked.by) }, window))
    }),
  )
  return told(found.flat())
}

/** What a table has of a metric. */
type Present = {
  readonly kind: Form['kind']
  readonly totals: number
  readonly unknownStarts: number
  readonly deltas: number
}

/**
 * A metric is in one table, of one temporality, with starts that are known or not. To look first costs a few columns of
 * the same numbers; to ask for what is not there costs more, though it reads nothing.
 */
function questionOfPresence({ where }: AskedSeries): string {
  const parts = FORMS.map(
    ({ kind, table, isDelta }) => `SELECT '${kind}' AS kind, max(NOT (${isDelta})) AS totals,
  max(NOT (${isDelta}) AND NOT (${IS_KNOWN})) AS unknownStarts, max(${isDelta}) AS deltas
FROM ${table} AS point WHERE ${where} AND ${inWindow('point.TimeUnix')} HAVING count() > 0`,
  )
  return parts.join('\nUNION ALL\n')
}

function partsOf(form: Form, asked: AskedSeries, has: Present): readonly string[] {
  return [
    ...(has.totals ? [lastOf(form, asked, 'last')] : []),
    ...(has.unknownStarts && form.added !== '' ? [lastOf(form, asked, 'largest')] : []),
    ...(has.deltas ? [addedOf(form, asked)] : []),
  ]
}

function questionOf(parts: readonly string[]): string {
  return `SELECT any(a) AS attributes, any(i) AS instance, groupArray((toString(one), begun, bounds, steps)) AS streams
FROM (
  SELECT one, any(series) AS series, begun, any(a) AS a, any(i) AS i, any(bounds) AS bounds,
    arraySort(step -> (step.1, step.2), groupArray((at, which, total, min, max))) AS steps
  FROM (${parts.join('\nUNION ALL\n')})
  GROUP BY one, layout, begun
) GROUP BY series ORDER BY sum(length(steps)) DESC, series LIMIT ${MAX_SERIES}
SETTINGS output_format_json_quote_64bit_integers = 0, max_result_bytes = ${MOST_BYTES}`
}

/** An answer that would not fit into memory well is refused: a shorter window is less to ask for. */
const MOST_BYTES = 256 << 20

/** Whether the sender says where its count began. */
const IS_KNOWN = 'point.StartTimeUnix < point.TimeUnix'

const KEYS = `cityHash64(point.Attributes, ${INSTANCE}) AS one, intDiv(toUnixTimestamp(point.TimeUnix), {step:UInt32}) * {step:UInt32} AS at`

/**
 * Whole rows, by sorting: to let the engine aggregate arrays and maps takes twice as long. Where the start of a count is
 * not known, the largest of a step says whether it fell.
 */
function lastOf(form: Form, { where, by }: AskedSeries, which: Which): string {
  const { table, layout, bounds, point, isDelta } = form
  return `SELECT ${KEYS}, ${seriesKey('one', by)} AS series, toInt64(${layout}) AS layout,
  if(${IS_KNOWN}, toUnixTimestamp64Milli(toDateTime64(point.StartTimeUnix, 9)), 0) AS begun,
  point.Attributes AS a, ${INSTANCE} AS i, ${bounds} AS bounds, '${which}' AS which, ${point} AS total, NULL::Nullable(Float64) AS min, NULL::Nullable(Float64) AS max
FROM ${table} AS point
WHERE ${where} AND ${inWindow('point.TimeUnix')} AND NOT (${isDelta}) ${which === 'last' ? '' : `AND NOT (${IS_KNOWN})`}
ORDER BY one, layout, begun, at, ${which === 'last' ? '' : 'point.Count DESC, '}point.TimeUnix DESC
LIMIT 1 BY one, layout, begun, at`
}

function addedOf(form: Form, { where, by }: AskedSeries): string {
  const { table, scale, layout, bounds, added, isDelta, extremes } = form
  return `SELECT ${KEYS}, any(${seriesKey('cityHash64(point.Attributes, ' + INSTANCE + ')', by)}) AS series, toInt64(${layout}) AS layout, toInt64(-1) AS begun,
  any(point.Attributes) AS a, any(${INSTANCE}) AS i, any(${bounds}) AS bounds, 'added' AS which, ${added} AS total, ${extremes[0]} AS min, ${extremes[1]} AS max
FROM ${table} AS point
WHERE ${where} AND ${inWindow('point.TimeUnix')} AND ${isDelta}
GROUP BY one, layout, ${scale}, at`
}

function seriesOf(
  form: Form,
  { attributes, instance, streams }: Row,
  window: SeriesWindow,
): MetricSeries | null {
  const isDelta = streams.some(([, begun]) => begun === -1)
  return distributionSeries(
    { attributes, instance, kind: form.kind, temporality: isDelta ? 'delta' : 'cumulative' },
    streams.map((stream) => streamOf(form, stream)),
    { sight: window, from: window.shownFrom },
  )
}

function streamOf(form: Form, [series, begun, bounds, steps]: StreamRow): Stream<Distribution> {
  const isDelta = begun === -1
  return {
    series,
    temporality: isDelta ? 'delta' : 'cumulative',
    startedAt: begun > 0 ? begun : null,
    steps: [...Map.groupBy(steps, ([at]) => at)].map(([at, rows]) => {
      const told = rows.map(([, which, total, min, max]) => ({
        which,
        total: { ...countedOf(total), min, max, buckets: form.bucketsOf(bounds, total) },
      }))
      return { at: at * 1000, ...stepOf(told) }
    }),
  }
}

const countedOf = ([count, sum]: Total) => ({ count, sum: sum ?? Number.NaN })

type Told = { readonly which: Which; readonly total: Distribution }

/** Deltas of several scales are added; a largest total that is not the last was before the count fell. */
function stepOf(told: readonly Told[]): Omit<StreamStep<Distribution>, 'at'> {
  const largest = told.find(({ which }) => which === 'largest')?.total
  const [first, ...rest] = told.filter(({ which }) => which !== 'largest').map(({ total }) => total)
  if (first === undefined) throw new Error('the engine told the largest total of a step that has no last one')
  const total = rest.reduce(distributionArithmetic.plus, first)
  const hasFallen = largest !== undefined && largest.count > total.count
  return { total, least: total.count, before: hasFallen ? largest : null }
}
