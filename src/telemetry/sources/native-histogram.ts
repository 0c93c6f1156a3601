import type { MetricPoint } from '../metric-point.ts'
import { isInTime, refuse } from '../otlp/decode-run.ts'
import type { DecodeRun } from '../otlp/decode-run.ts'
import {
  nextTag,
  readDouble,
  readInt64,
  readLength,
  readSint32,
  readSint64,
  readUint32,
  readUint64,
  skipField,
} from '../otlp/protobuf-reader.ts'
import type { Reader } from '../otlp/protobuf-reader.ts'
import type { Series } from './prometheus-series.ts'

/** Prometheus' native histogram as it was sent: runs of buckets, each with the gap to the run before it. */
export type NativeHistogram = {
  count: number
  sum: number
  schema: number
  zeroCount: number
  positive: Side
  negative: Side
  customBounds: number[]
  resetHint: number
  at: number
  startedAt: number
  isOverLimit: boolean
}

type Side = { spans: { offset: number; length: number }[]; deltas: number[]; counts: number[] }

const CUSTOM_BOUNDS = -53
const GAUGE = 3
/** Buckets of a side without gaps: a few bytes must not become thousands of numbers. The SDKs of OpenTelemetry keep 160. */
const MOST_DENSE = 320

/** A `Histogram` of prompb/types.proto, or of write/v2/types.proto, which is the same. */
export function readNativeHistogram(reader: Reader, run: DecodeRun): NativeHistogram {
  const end = readLength(reader)
  const histogram: NativeHistogram = {
    count: 0,
    sum: 0,
    schema: 0,
    zeroCount: 0,
    positive: { spans: [], deltas: [], counts: [] },
    negative: { spans: [], deltas: [], counts: [] },
    customBounds: [],
    resetHint: 0,
    at: 0,
    startedAt: 0,
    isOverLimit: false,
  }
  for (let tag = nextTag(reader, end, 'Histogram'); tag !== 0; tag = nextTag(reader, end, 'Histogram')) {
    if (!readTotal(reader, tag, histogram) && !readSide(reader, tag, { run, histogram }))
      skipField(reader, tag)
  }
  return histogram
}

function readTotal(reader: Reader, tag: number, histogram: NativeHistogram): boolean {
  switch (tag) {
    case 0x08:
      histogram.count = readUint64(reader)
      return true
    case 0x11:
      histogram.count = readDouble(reader)
      return true
    case 0x19:
      histogram.sum = readDouble(reader)
      return true
    case 0x20:
      histogram.schema = readSint32(reader)
      return true
    case 0x30:
      histogram.zeroCount = readUint64(reader)
      return true
    case 0x39:
      histogram.zeroCount = readDouble(reader)
      return true
    case 0x70:
      histogram.resetHint = readUint32(reader)
      return true
    case 0x78:
      histogram.at = readInt64(reader)
      return true
    case 0x88:
      histogram.startedAt = readInt64(reader)
      return true
    default:
      return false
  }
}

type Filling = { readonly run: DecodeRun; readonly histogram: NativeHistogram }

function readSide(reader: Reader, tag: number, { run, histogram }: Filling): boolean {
  const field = tag >>> 3
  const side = field >= 11 ? histogram.positive : histogram.negative
  const fill = (into: number[], read: (reader: Reader) => number): boolean => {
    const end = (tag & 7) === 2 ? readLength(reader) : reader.at + 1
    while (reader.at < end) {
      const number = read(reader)
      if (into.length < run.limits.maxBuckets) into.push(number)
      else histogram.isOverLimit = true
    }
    return true
  }
  switch (tag) {
    case 0x42:
    case 0x5a: {
      const span = readSpan(reader)
      if (side.spans.length < run.limits.maxBuckets) side.spans.push(span)
      else histogram.isOverLimit = true
      return true
    }
    case 0x48:
    case 0x4a:
    case 0x60:
    case 0x62:
      return fill(side.deltas, readSint64)
    case 0x51:
    case 0x52:
    case 0x69:
    case 0x6a:
      return fill(side.counts, readDouble)
    case 0x81:
    case 0x82:
      return fill(histogram.customBounds, readDouble)
    default:
      return false
  }
}

function readSpan(reader: Reader): { offset: number; length: number } {
  const end = readLength(reader)
  const span = { offset: 0, length: 0 }
  for (let tag = nextTag(reader, end, 'BucketSpan'); tag !== 0; tag = nextTag(reader, end, 'BucketSpan')) {
    if (tag === 0x08) span.offset = readSint32(reader)
    else if (tag === 0x10) span.length = readUint32(reader)
    else skipField(reader, tag)
  }
  return span
}

type Bucket = { readonly index: number; readonly count: number }

/** The point of a native histogram; null where it says nothing or is refused, which is counted. */
export function histogramPointOf(
  run: DecodeRun,
  series: Series | null,
  sent: NativeHistogram,
): MetricPoint | null {
  if (series === null) return refuse(run, 'no-name')
  // A histogram that is no counter has no counterpart in the model; a sum of NaN marks the end of a series.
  if (sent.resetHint === GAUGE || Number.isNaN(sent.sum)) {
    run.skipped += 1
    return null
  }
  const isKnown = sent.schema === CUSTOM_BOUNDS || (sent.schema >= -4 && sent.schema <= 8)
  if (sent.isOverLimit || !isKnown) return refuse(run, 'invalid-buckets')
  const positive = bucketsOf(sent.positive)
  const negative = bucketsOf(sent.negative)
  if (positive === null || negative === null) return refuse(run, 'invalid-buckets')
  if (!isInTime(run, sent.at)) return null
  const { metric, attributes } = series
  const { at, count, sum } = sent
  const startedAt = sent.startedAt === 0 || sent.startedAt > at ? at : sent.startedAt
  const point = {
    metric,
    attributes,
    startedAt,
    at,
    flags: 0,
    temporality: 'cumulative',
    count,
    sum,
  } as const
  const unknown = { min: null, max: null } as const
  if (sent.schema !== CUSTOM_BOUNDS) {
    const { zeroCount } = sent
    const sides = denseSides({ scale: sent.schema, positive, negative })
    return { ...point, ...unknown, kind: 'exponential-histogram', zeroCount, ...sides }
  }
  const counts = customCounts(positive, sent.customBounds.length + 1)
  if (counts === null) return refuse(run, 'invalid-buckets')
  return { ...point, ...unknown, kind: 'histogram', bounds: sent.customBounds, counts }
}

/** Runs and deltas as buckets with their index; null where counts and runs do not fit. */
function bucketsOf({ spans, deltas, counts }: Side): readonly Bucket[] | null {
  const numbers = counts.length > 0 ? counts : accumulated(deltas)
  const buckets: Bucket[] = []
  let index = 0
  for (const [order, { offset, length }] of spans.entries()) {
    // Only the first run may begin below zero: the others would run back over their neighbours.
    if (order > 0 && offset < 0) return null
    index += offset
    if (buckets.length + length > numbers.length) return null
    for (let left = length; left > 0; left -= 1) {
      buckets.push({ index, count: numbers[buckets.length] ?? 0 })
      index += 1
    }
  }
  return buckets.length === numbers.length ? buckets : null
}

function accumulated(deltas: readonly number[]): readonly number[] {
  let count = 0
  return deltas.map((delta) => (count += delta))
}

type Sides = {
  readonly scale: number
  readonly positive: readonly Bucket[]
  readonly negative: readonly Bucket[]
}
type Dense = { readonly offset: number; readonly counts: readonly number[] }

/**
 * The buckets without gaps. Prometheus counts bucket i up to base^i, OpenTelemetry from base^i: one less. Where the gaps
 * make them too many, two neighbours become one, which halves the scale and is exact.
 */
function denseSides({ scale, positive, negative }: Sides): {
  scale: number
  positive: Dense
  negative: Dense
} {
  let shift = 0
  while (Math.max(widthOf(positive, shift), widthOf(negative, shift)) > MOST_DENSE) shift += 1
  return { scale: scale - shift, positive: dense(positive, shift), negative: dense(negative, shift) }
}

function widthOf(buckets: readonly Bucket[], shift: number): number {
  const first = buckets[0]
  const last = buckets.at(-1)
  return first === undefined || last === undefined ? 0 : indexOf(last, shift) - indexOf(first, shift) + 1
}

/** Division instead of a shift: an index may be beyond 32 bits. */
function indexOf({ index }: Bucket, shift: number): number {
  return Math.floor((index - 1) / 2 ** shift)
}

function dense(buckets: readonly Bucket[], shift: number): Dense {
  const first = buckets[0]
  if (first === undefined) return { offset: 0, counts: [] }
  const offset = indexOf(first, shift)
  const counts = Array.from({ length: widthOf(buckets, shift) }, () => 0)
  for (const bucket of buckets) {
    const at = indexOf(bucket, shift) - offset
    counts[at] = (counts[at] ?? 0) + bucket.count
  }
  return { offset, counts }
}

function customCounts(buckets: readonly Bucket[], length: number): readonly number[] | null {
  const counts = Array.from({ length }, () => 0)
  for (const { index, count } of buckets) {
    if (index < 0 || index >= length) return null
    counts[index] = count
  }
  return counts
}
