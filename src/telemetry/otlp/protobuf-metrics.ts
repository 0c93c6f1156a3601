import type { MetricPoint } from '../metric-point.ts'
import type { DecodeRun } from './decode-run.ts'
import { countItem } from './decode-run.ts'
import { exponentialOf, gaugeOf, histogramOf, summaryOf, sumOf, temporalityOf } from './metric-draft.ts'
import type { FinishPoint, MetricShape, PointDraft } from './metric-draft.ts'
import type { Origin } from './origin.ts'
import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './protobuf-points.ts'
import { nextTag, readLength, readUint32, skipField } from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readName } from './protobuf-value.ts'

type Kind = {
  readonly read: (reader: Reader, run: DecodeRun) => PointDraft
  readonly finish: FinishPoint
}

/** By the tag of the field of `Metric` that holds the points. */
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0x2a, { read: readNumberPoint, finish: gaugeOf }],
  [0x3a, { read: readNumberPoint, finish: sumOf }],
  [0x4a, { read: readHistogramPoint, finish: histogramOf }],
  [0x52, { read: readExponentialPoint, finish: exponentialOf }],
  [0x5a, { read: readSummaryPoint, finish: summaryOf }],
])

/** Adds the points of a `Metric` of opentelemetry/proto/metrics/v1/metrics.proto. */
export function readMetric(
  reader: Reader,
  { run, origin }: { run: DecodeRun; origin: Origin },
  into: MetricPoint[],
): void {
  const end = readLength(reader)
  let name = ''
  let description = ''
  let unit = ''
  let data: { kind: Kind; start: number; end: number } | null = null
  for (let tag = nextTag(reader, end, 'Metric'); tag !== 0; tag = nextTag(reader, end, 'Metric')) {
    const kind = KINDS.get(tag)
    if (tag === 0x0a) name = readName(reader, run)
    else if (tag === 0x12) description = readName(reader, run)
    else if (tag === 0x1a) unit = readName(reader, run)
    else if (kind !== undefined) {
      const stop = readLength(reader)
      data = { kind, start: reader.at, end: stop }
      reader.at = stop
    } else skipField(reader, tag)
  }
  if (data === null) return
  const metric = { resource: origin.resource, scope: origin.scope, name, description, unit }
  reader.at = data.start
  const shape = { metric, ...aggregationAt(reader, data.end) }
  readPoints(reader, { run, shape, kind: data.kind, end: data.end }, into)
  reader.at = end
}

/** Temporality and monotony stand behind the points that they are about. The reader stays where it is. */
function aggregationAt(reader: Reader, end: number): Omit<MetricShape, 'metric'> {
  const start = reader.at
  let aggregation = 0
  let isMonotonic = false
  for (let tag = nextTag(reader, end, 'Metric'); tag !== 0; tag = nextTag(reader, end, 'Metric')) {
    if (tag === 0x10) aggregation = readUint32(reader)
    else if (tag === 0x18) isMonotonic = readUint32(reader) !== 0
    else skipField(reader, tag)
  }
  reader.at = start
  return { temporality: temporalityOf(aggregation), isMonotonic }
}

type Points = { run: DecodeRun; shape: MetricShape; kind: Kind; end: number }

function readPoints(reader: Reader, { run, shape, kind, end }: Points, into: MetricPoint[]): void {
  for (let tag = nextTag(reader, end, 'Metric'); tag !== 0; tag = nextTag(reader, end, 'Metric')) {
    if (tag !== 0x0a) {
      skipField(reader, tag)
      continue
    }
    countItem(run)
    const point = kind.finish(run, shape, kind.read(reader, run))
    if (point !== null) into.push(point)
  }
}
