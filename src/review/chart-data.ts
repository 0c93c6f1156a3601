import { routeWindows } from '../detect/index.ts'
import { windowStart, WINDOW_MS, type EpochMs } from '../time.ts'
import type { ReviewInput } from './review.ts'

/** One column of the chart. `rate` is 0–1 of requests, or errors per column where no requests are known. */
export type Bucket = { readonly at: EpochMs; readonly total: number; readonly failed: number }

export type ChartData = {
  readonly unit: 'requests' | 'errors'
  readonly bucketMs: number
  readonly buckets: readonly Bucket[]
  /** What the top of the chart stands for: 1 of a share, or errors, a number that divides into whole ticks. */
  readonly scale: number
}

const MAX_BUCKETS = 120
/** Widths that people read easily: 10 s, 30 s, 1 min, 5 min, 10 min, 30 min, 1 h, 6 h, 1 d. */
const WIDTHS = [1, 3, 6, 30, 60, 180, 360, 2160, 8640].map((windows) => windows * WINDOW_MS)

/** What is drawn over time: the failed share of requests, else occurrences of the failing errors; null without times. */
export function chartData(input: ReviewInput): ChartData | null {
  const windows = input.requests.requests > 0 ? requestWindows(input) : errorWindows(input)
  const times = [...windows.keys()]
  if (times.length === 0) return null
  const first = times.reduce((least, at) => Math.min(least, at), Infinity)
  const last = times.reduce((most, at) => Math.max(most, at), -Infinity)
  const wanted = (last - first) / MAX_BUCKETS
  const bucketMs = WIDTHS.find((width) => width >= wanted) ?? Math.ceil(wanted / WINDOW_MS) * WINDOW_MS
  const start = Math.floor(first / bucketMs) * bucketMs
  const buckets = Array.from({ length: Math.floor((last - start) / bucketMs) + 1 }, (_, index) => ({
    at: start + index * bucketMs,
    total: 0,
    failed: 0,
  }))
  for (const [at, { total, failed }] of windows) {
    const bucket = buckets[Math.floor((at - start) / bucketMs)]
    if (!bucket) continue
    bucket.total += total
    bucket.failed += failed
  }
  for (const bucket of buckets) bucket.total = Math.round(bucket.total)
  const unit = input.requests.requests > 0 ? 'requests' : 'errors'
  return { unit, bucketMs, buckets, scale: unit === 'requests' ? 1 : topOf(buckets) }
}

type Windows = ReadonlyMap<EpochMs, { readonly total: number; readonly failed: number }>

/** Of the routes that failed: healthy ones beside them would water the share down. All routes where none failed. */
function requestWindows({ requests, impact }: ReviewInput): Windows {
  const failing = new Set(impact.routes.map((route) => route.route))
  const routes = requests.routes.filter((route) => failing.has(route.route))
  const sources =
    routes.length === 0 ? [requests.windows] : routes.map((route) => routeWindows(route, requests))
  const windows = new Map<EpochMs, { total: number; failed: number }>()
  for (const [at, tally] of sources.flatMap((source) => [...source])) {
    const sum = windows.get(at) ?? { total: 0, failed: 0 }
    windows.set(at, { total: sum.total + tally.requests, failed: sum.failed + tally.failed })
  }
  return windows
}

/** Over the whole log, so that the calm before is drawn too. */
function errorWindows({ logs, detection }: ReviewInput): Windows {
  const failing = new Set(detection?.failingFingerprints)
  const windows = new Map<EpochMs, { total: number; failed: number }>()
  for (const edge of [logs.firstSeen, logs.lastSeen]) {
    if (edge !== null && failing.size > 0) windows.set(windowStart(edge), { total: 0, failed: 0 })
  }
  for (const one of logs.fingerprints) {
    if (!failing.has(one.id) || one.severityText === 'INFO') continue
    for (const [at, hits] of one.windows) {
      const before = windows.get(at)?.failed ?? 0
      windows.set(at, { total: before + hits, failed: before + hits })
    }
  }
  return windows
}

function topOf(buckets: readonly Bucket[]): number {
  const most = buckets.reduce((top, bucket) => Math.max(top, bucket.failed), 1)
  return most <= 4 ? most : Math.ceil(most / 4) * 4
}

/** 0–1 per column: the share that failed, or errors against the scale; null where there were no requests. */
export function heights({ unit, buckets, scale }: ChartData): readonly (number | null)[] {
  return buckets.map(({ total, failed }) => {
    if (unit === 'errors') return failed / scale
    return total === 0 ? null : failed / total
  })
}
