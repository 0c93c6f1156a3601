export type TrendSlope = {
  /** Units of value for each millisecond: the median of the slopes between all pairs of points. */
  readonly slope: number
  /** How sure the direction is: Kendall's statistic in standard deviations; 4 is one in 30,000 without a trend. */
  readonly sureness: number
}

/**
 * The slope through points, by Theil and Sen: up to 29 % of the points may be anything. For few points: looks at all
 * pairs (32 points are 496). Times in milliseconds, increasing.
 */
export function trendSlope(times: readonly number[], values: readonly number[]): TrendSlope {
  const slopes: number[] = []
  let concordant = 0
  for (const [later, value] of values.entries()) {
    for (let earlier = 0; earlier < later; earlier++) {
      const rise = value - (values[earlier] ?? 0)
      slopes.push(rise / ((times[later] ?? 0) - (times[earlier] ?? 0)))
      concordant += Math.sign(rise)
    }
  }
  const sorted = Float64Array.from(slopes).sort()
  const n = values.length
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  return { slope: sorted[sorted.length >> 1] ?? 0, sureness: deviation > 0 ? concordant / deviation : 0 }
}
