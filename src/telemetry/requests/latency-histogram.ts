/** Durations on a logarithmic scale: 5 % wide buckets, so that a quantile is at most 2.5 % off. */
export type LatencyHistogram = {
  add(durationMs: number): void
  /** Null before the first duration. */
  summary(): { readonly p50: number; readonly p95: number; readonly max: number } | null
}

/** 0.05 ms … 20 min in 350 buckets; what lies outside goes to the ends. */
const SMALLEST_MS = 0.05
const LOG_STEP = Math.log(1.05)
const BUCKETS = 350

export function createLatencyHistogram(): LatencyHistogram {
  let buckets: Uint32Array | null = null
  let count = 0
  let max = 0

  function quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * count))
    let seen = 0
    const index = (buckets ?? []).findIndex((inBucket) => (seen += inBucket) >= rank)
    return Math.min(max, SMALLEST_MS * Math.exp((index + 0.5) * LOG_STEP))
  }

  return {
    add(durationMs) {
      if (!(durationMs >= 0)) return
      buckets ??= new Uint32Array(BUCKETS)
      const index = Math.floor(Math.log(Math.max(durationMs, SMALLEST_MS) / SMALLEST_MS) / LOG_STEP)
      const bucket = Math.min(index, BUCKETS - 1)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count += 1
      max = Math.max(max, durationMs)
    },
    summary: () => (count === 0 ? null : { p50: quantile(0.5), p95: quantile(0.95), max }),
  }
}
