import type { Buckets } from './distribution.ts'

/**
 * The value below which a share of those counted lies (0.95: the 95th percentile), interpolated within its bucket as
 * Prometheus' `histogram_quantile` does (prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile):
 * evenly within an explicit bucket, by powers of the base within an exponential one. What lies beyond the last bound
 * is told as that bound. Null where nothing was counted, or nothing can be said.
 *
 *     bounds 0.1, 0.5; counts 10, 30, 0; half of 40 is the 10th of 30 in (0.1, 0.5]: 0.1 + 0.4 × 10/30 = 0.233
 */
export function quantileOf(buckets: Buckets | null, share: number): number | null {
  const value = buckets === null ? null : valueAt(buckets, share)
  return value !== null && Number.isFinite(value) ? value : null
}

function valueAt(buckets: Buckets, share: number): number | null {
  if (buckets.kind === 'quantiles') return buckets.values.get(share) ?? null
  if (buckets.kind === 'explicit') return explicitAt(buckets, share)
  return exponentialAt(buckets, share)
}

type Place = { readonly index: number; /** How far into it, 0–1. */ readonly part: number }

/** The bucket that the share reaches; null where all are empty. */
function placeOf(counts: readonly number[], share: number): Place | null {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0)
  let before = 0
  for (const [index, count] of counts.entries()) {
    if (count > 0 && before + count >= wanted) return { index, part: (wanted - before) / count }
    before += count
  }
  return null
}

function explicitAt(
  { bounds, counts }: Extract<Buckets, { kind: 'explicit' }>,
  share: number,
): number | null {
  const place = placeOf(counts, share)
  if (place === null) return null
  const upper = bounds[place.index]
  if (upper === undefined) return bounds.at(-1) ?? null
  if (place.index === 0 && upper <= 0) return upper
  const lower = place.index === 0 ? 0 : (bounds[place.index - 1] ?? 0)
  return lower + (upper - lower) * place.part
}

/** From the lowest: negative ones by falling index, those about zero, positive ones by rising index. */
function exponentialAt(
  { scale, zeroCount, positive, negative }: Extract<Buckets, { kind: 'exponential' }>,
  share: number,
): number | null {
  const place = placeOf([...negative.counts.toReversed(), zeroCount, ...positive.counts], share)
  if (place === null) return null
  const power = (exponent: number): number => 2 ** (exponent * 2 ** -scale)
  const zeroAt = negative.counts.length
  if (place.index === zeroAt) return 0
  if (place.index > zeroAt) return power((positive.indexes[place.index - zeroAt - 1] ?? 0) + place.part)
  return -power((negative.indexes[zeroAt - 1 - place.index] ?? 0) + 1 - place.part)
}
