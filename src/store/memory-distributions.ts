import type { MetricPoint } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Stream } from './growth.ts'
import { distributionArithmetic } from './distribution.ts'
import type { Buckets, Counts, Distribution } from './distribution.ts'

export type DistributionPoint = Exclude<MetricPoint, { kind: 'gauge' | 'sum' }>

const isDelta = (point: DistributionPoint): boolean =>
  point.kind !== 'summary' && point.temporality === 'delta'

/** Histograms and summaries of one series, as the engine's questions bring them together. */
export function streamsOfPoints(
  series: string,
  points: readonly DistributionPoint[],
  stepMs: number,
): Stream<Distribution>[] {
  return [...Map.groupBy(points, streamKey).values()].flatMap((some) => {
    const [first] = some
    if (first === undefined) return []
    const startedAt = first.startedAt < first.at ? first.startedAt : null
    const inOrder = some.toSorted((one, other) => one.at - other.at)
    const steps = [...Map.groupBy(inOrder, ({ at }) => Math.floor(at / stepMs) * stepMs)]
    return [
      {
        series,
        temporality: isDelta(first) ? ('delta' as const) : ('cumulative' as const),
        startedAt: isDelta(first) ? null : startedAt,
        steps: steps.map(([at, within]) => stepOf(at, within, startedAt === null)),
      },
    ]
  })
}

function streamKey(point: DistributionPoint): string {
  const begun = point.startedAt < point.at ? point.startedAt : 0
  const layout = point.kind === 'histogram' ? point.bounds : []
  return JSON.stringify(
    isDelta(point)
      ? ['delta', layout, point.kind === 'exponential-histogram' && point.scale]
      : [begun, layout],
  )
}

function stepOf(at: EpochMs, points: readonly DistributionPoint[], mayFall: boolean) {
  const distributions = points.map(distributionOf)
  const [first] = distributions
  if (first === undefined) throw new Error('a step without points')
  const last = distributions.at(-1) ?? first
  const largest = distributions.reduce((one, other) => (other.count >= one.count ? other : one))
  const total = points.some(isDelta)
    ? distributions.slice(1).reduce(distributionArithmetic.plus, first)
    : last
  return {
    at,
    total,
    least: Math.min(...distributions.map(({ count }) => count)),
    before: mayFall && largest.count > total.count ? largest : null,
  }
}

function distributionOf(point: DistributionPoint): Distribution {
  const { count, sum } = point
  const extremes = point.kind !== 'summary' && isDelta(point) ? point : { min: null, max: null }
  return { count, sum, min: extremes.min, max: extremes.max, buckets: bucketsOf(point) }
}

function bucketsOf(point: DistributionPoint): Buckets {
  if (point.kind === 'histogram') return { kind: 'explicit', bounds: point.bounds, counts: point.counts }
  if (point.kind === 'summary') {
    const values = point.quantiles.map(({ quantile, value }) => [quantile, value] as const)
    return { kind: 'quantiles', values: new Map(values) }
  }
  const { scale, zeroCount, positive, negative } = point
  return {
    kind: 'exponential',
    scale,
    zeroCount,
    positive: countsOf(positive),
    negative: countsOf(negative),
  }
}

function countsOf({ offset, counts }: { offset: number; counts: readonly number[] }): Counts {
  return { indexes: counts.map((_, index) => offset + index), counts }
}
