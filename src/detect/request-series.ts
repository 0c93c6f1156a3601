import type { EpochMs } from '../time.ts'

/** Requests are counted in cells of this width, by the time at which they began. */
export const CELL_MS = 250
/** A request may become known this much later than it began: exports come in batches, time-outs take a minute. */
export const LATE_CELLS = 480
/** A power of two over the lateness and what clocks may be ahead. */
const CELLS = 512
const MASK = CELLS - 1

/** 1 ms … 65 s in steps of a third of a doubling: quantiles are at most 12 % off. */
const LATENCY_BUCKETS = 49
const BUCKETS_PER_DOUBLING = 3
const GENERATION_CELLS = 120

/** What of a request counts as a hit: it failed, or it was slow. */
export type HitKind = 'failed' | 'slow'

type Hits = {
  readonly counts: Uint32Array
  /** Milliseconds into the cell at which the first one of the cell began. */
  readonly firstMs: Uint8Array
  lastCell: number
}

/**
 * The last two minutes of one stream of requests: a ring of cells, so that what comes late is counted where it belongs.
 * 2 kB, and 5 kB more once something has failed and something was slow.
 */
export type RequestSeries = {
  readonly requests: Uint32Array
  failed: Hits | null
  slow: Hits | null
  /** The newest cell that has anything; -1 before the first. */
  head: number
  /** From here on a request is slow, in milliseconds. */
  slowMs: number
  readonly latency: readonly [Uint32Array, Uint32Array]
  latencyGeneration: number
}

export type CountedRequest = {
  readonly at: EpochMs
  readonly isFailed: boolean
  readonly durationMs: number | null
}

export function createRequestSeries(slowMs: number): RequestSeries {
  return {
    requests: new Uint32Array(CELLS),
    failed: null,
    slow: null,
    head: -1,
    slowMs,
    latency: [new Uint32Array(LATENCY_BUCKETS), new Uint32Array(LATENCY_BUCKETS)],
    latencyGeneration: 0,
  }
}

export function cellOf(at: EpochMs): number {
  return Math.floor(at / CELL_MS)
}

/** Counts one request. The caller has seen to it that it is neither too old nor too far ahead for the ring. */
export function countRequest(series: RequestSeries, request: CountedRequest): void {
  const { at, isFailed, durationMs } = request
  const cell = Math.floor(at / CELL_MS)
  if (cell > series.head) advance(series, cell)
  const slot = cell & MASK
  series.requests[slot] = (series.requests[slot] ?? 0) + 1
  if (isFailed) series.failed = hit(series.failed, at, 1)
  if (durationMs === null) return
  if (durationMs > series.slowMs) series.slow = hit(series.slow, at, 1)
  addLatency(series, cell, durationMs)
}

/** Counts many at once, as a histogram tells of them: durations are not known one by one. */
export function countRequests(
  series: RequestSeries,
  at: EpochMs,
  counts: { readonly requests: number; readonly failed: number; readonly slow: number },
): void {
  const cell = Math.floor(at / CELL_MS)
  if (cell > series.head) advance(series, cell)
  const slot = cell & MASK
  series.requests[slot] = (series.requests[slot] ?? 0) + counts.requests
  if (counts.failed > 0) series.failed = hit(series.failed, at, counts.failed)
  if (counts.slow > 0) series.slow = hit(series.slow, at, counts.slow)
}

function hit(known: Hits | null, at: EpochMs, count: number): Hits {
  const cell = Math.floor(at / CELL_MS)
  const hits = known ?? { counts: new Uint32Array(CELLS), firstMs: new Uint8Array(CELLS), lastCell: -1 }
  const slot = cell & MASK
  const before = hits.counts[slot] ?? 0
  const offset = Math.floor(at - cell * CELL_MS)
  if (before === 0 || offset < (hits.firstMs[slot] ?? 0)) hits.firstMs[slot] = offset
  hits.counts[slot] = before + count
  if (cell > hits.lastCell) hits.lastCell = cell
  return hits
}

/** What lies between the newest cell so far and this one held something of long ago. */
function advance(series: RequestSeries, cell: number): void {
  const from = Math.max(series.head + 1, cell - MASK)
  for (let one = from; one <= cell; one += 1) {
    const slot = one & MASK
    series.requests[slot] = 0
    if (series.failed) series.failed.counts[slot] = 0
    if (series.slow) series.slow.counts[slot] = 0
  }
  series.head = cell
}

/** Requests and hits of one cell within the ring. */
export function requestsIn(series: RequestSeries, cell: number): number {
  return cell > series.head || cell <= series.head - CELLS ? 0 : (series.requests[cell & MASK] ?? 0)
}

export function hitsIn(series: RequestSeries, kind: HitKind, cell: number): number {
  if (cell > series.head || cell <= series.head - CELLS) return 0
  return series[kind]?.counts[cell & MASK] ?? 0
}

/** When the first hit of a cell began; only for cells that have one. */
export function firstHitAt(series: RequestSeries, kind: HitKind, cell: number): EpochMs {
  return cell * CELL_MS + (series[kind]?.firstMs[cell & MASK] ?? 0)
}

export function lastHitCell(series: RequestSeries, kind: HitKind): number {
  return series[kind]?.lastCell ?? -1
}

export type Counts = { readonly requests: number; readonly failed: number; readonly slow: number }

/** The sum over cells, both ends included, as far as the ring goes back. */
export function countBetween(series: RequestSeries, from: number, to: number): Counts {
  let requests = 0
  let failed = 0
  let slow = 0
  const first = Math.max(from, series.head - CELLS + 1)
  for (let cell = first; cell <= Math.min(to, series.head); cell += 1) {
    const slot = cell & MASK
    requests += series.requests[slot] ?? 0
    failed += series.failed?.counts[slot] ?? 0
    slow += series.slow?.counts[slot] ?? 0
  }
  return { requests, failed, slow }
}

/** Two histograms take turns, each for half a minute: what they hold is half a minute to a minute old at most. */
function addLatency(series: RequestSeries, cell: number, durationMs: number): void {
  const generation = Math.floor(cell / GENERATION_CELLS)
  const buckets = series.latency[(generation & 1) === 0 ? 0 : 1]
  if (generation > series.latencyGeneration) {
    buckets.fill(0)
    if (generation > series.latencyGeneration + 1) series.latency[(generation & 1) === 0 ? 1 : 0].fill(0)
    series.latencyGeneration = generation
  } else if (generation < series.latencyGeneration - 1) return
  // Math.log2 is among the dearest things here; up to a millisecond there is nothing to tell apart.
  const place = durationMs <= 1 ? 0 : Math.ceil(Math.log2(durationMs) * BUCKETS_PER_DOUBLING)
  const bucket = Math.min(place, LATENCY_BUCKETS - 1)
  buckets[bucket] = (buckets[bucket] ?? 0) + 1
}

/** Milliseconds under which this share of the last minute's requests stayed; null where no durations are known. */
export function latencyQuantile(series: RequestSeries, share: number): number | null {
  const [one, other] = series.latency
  let count = 0
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1)
    count += (one[bucket] ?? 0) + (other[bucket] ?? 0)
  if (count === 0) return null
  const rank = Math.max(1, Math.ceil(share * count))
  let seen = 0
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) {
    seen += (one[bucket] ?? 0) + (other[bucket] ?? 0)
    if (seen >= rank) return 2 ** (bucket / BUCKETS_PER_DOUBLING)
  }
  return null
}
