import type { Temporality } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { growthByStep } from './growth.ts'
import type { Arithmetic, Sight, Stream } from './growth.ts'
import { quantileOf } from './distribution-quantile.ts'
import { distributionArithmetic } from './distribution.ts'
import type { Distribution } from './distribution.ts'
import type { DistributionSeries, MetricSeries, ValuePoint } from './telemetry-store.ts'

/** What all points of a series share. */
export type SeriesName = {
  readonly attributes: Readonly<Record<string, string>>
  readonly instance: string
}

/** What kind of number a series has; both null where it was stored before that was kept. */
export type ValueKind =
  | { readonly kind: 'gauge' }
  | { readonly kind: 'sum'; readonly temporality: Temporality | null; readonly isMonotonic: boolean | null }

/** The points of one process within each step, by time; `startedAt` as in `Stream`. */
export type ValueStream = {
  readonly series: string
  readonly startedAt: EpochMs | null
  readonly points: readonly ValuePoint[]
}

/** Which steps are told: those of `sight` from here on. */
export type Shown = { readonly sight: Sight; readonly from: EpochMs }

/** A gauge or sum as it is told, from what each process said of it. */
export function valueSeries(
  name: SeriesName & { readonly is: ValueKind },
  streams: readonly ValueStream[],
  { sight, from }: Shown,
): MetricSeries | null {
  const { is, attributes, instance } = name
  const points = addedPoints(streams).filter(({ at }) => at >= from)
  if (points.length === 0) return null
  if (is.kind === 'gauge') return { attributes, instance, kind: 'gauge', points }
  const grown = growthByStep(countStreams(streams, is), sight, numberArithmetic)
  return {
    attributes,
    instance,
    ...is,
    points: points.map((point) => {
      const increase = finiteOrNull(grown.get(point.at))
      const perSecond = increase === null ? null : increase / (sight.stepMs / 1000)
      return { ...point, increase, ratePerSecond: perSecond }
    }),
  }
}

/** What all processes told within each step; `last` is that of the youngest, and of several series there is none. */
function addedPoints(streams: readonly ValueStream[]): readonly ValuePoint[] {
  const added = new Map<EpochMs, ValuePoint>()
  const byAge = streams.toSorted((one, other) => (one.startedAt ?? 0) - (other.startedAt ?? 0))
  for (const point of byAge.flatMap(({ points }) => points)) {
    const known = added.get(point.at)
    added.set(point.at, known === undefined ? point : bothPoints(known, point))
  }
  const points = [...added.values()].toSorted((one, other) => one.at - other.at)
  const isOne = new Set(streams.map(({ series }) => series)).size === 1
  return isOne ? points : points.map((point) => ({ ...point, last: null }))
}

function bothPoints(one: ValuePoint, other: ValuePoint): ValuePoint {
  return {
    at: other.at,
    count: one.count + other.count,
    sum: one.sum === null || other.sum === null ? null : one.sum + other.sum,
    min: one.min === null || other.min === null ? null : Math.min(one.min, other.min),
    max: one.max === null || other.max === null ? null : Math.max(one.max, other.max),
    last: other.last,
  }
}

const numberArithmetic: Arithmetic<number> = {
  size: (total) => total,
  minus: (later, earlier) => (later < earlier ? null : later - earlier),
  plus: (one, other) => one + other,
}

/** Only what counts upwards, or tells what was added, says how much that was. */
function countStreams(
  streams: readonly ValueStream[],
  { temporality, isMonotonic }: Extract<ValueKind, { kind: 'sum' }>,
): readonly Stream<number>[] {
  if (temporality === null || (temporality === 'cumulative' && isMonotonic !== true)) return []
  return streams.map(({ series, startedAt, points }) => ({
    series,
    temporality,
    startedAt,
    steps: points.flatMap(({ at, sum, min, max, last }) => {
      const total = temporality === 'delta' ? sum : last
      if (total === null || min === null || max === null) return [] // not finite: nothing to reckon with
      return [{ at, total, least: min, before: max > total ? max : null }]
    }),
  }))
}

/** A histogram or summary as it is told, from what each process counted. */
export function distributionSeries(
  name: SeriesName & Pick<DistributionSeries, 'kind' | 'temporality'>,
  streams: readonly Stream<Distribution>[],
  { sight, from }: Shown,
): DistributionSeries | null {
  // One that is seen for the first time is there, though nobody can say yet what was added.
  if (!streams.some(({ steps }) => steps.some(({ at }) => at >= from))) return null
  const grown = [...growthByStep(streams, sight, distributionArithmetic)].filter(([at]) => at >= from)
  const points = grown
    .toSorted(([one], [other]) => one - other)
    .map(([at, distribution]) => pointOf(at, distribution))
  return { ...name, points }
}

function pointOf(
  at: EpochMs,
  { count, sum, min, max, buckets }: Distribution,
): DistributionSeries['points'][number] {
  return {
    at,
    count,
    sum: finiteOrNull(sum),
    average: count > 0 ? finiteOrNull(sum / count) : null,
    min,
    max,
    p50: quantileOf(buckets, 0.5),
    p95: quantileOf(buckets, 0.95),
    p99: quantileOf(buckets, 0.99),
  }
}

/** The name of series that are added: what they have in common by those attributes; all that one has without them. */
export function commonName(name: SeriesName, by: readonly string[] | undefined): SeriesName {
  if (by === undefined) return name
  const kept = Object.entries(name.attributes).filter(([key, value]) => value !== '' && by.includes(key))
  return { attributes: Object.fromEntries(kept), instance: '' }
}

/** JSON knows no infinity. */
export function finiteOrNull(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : value
}

/** Without those that have nothing to tell. */
export function told(series: readonly (MetricSeries | null)[]): readonly MetricSeries[] {
  return series.filter((one) => one !== null)
}
