import type { EpochMs } from '../../time.ts'
import type { MetricPoint } from '../metric-point.ts'
import { countItem, startRun } from '../otlp/decode-run.ts'
import type { DecodeRun } from '../otlp/decode-run.ts'
import { outcomeOf } from '../otlp/decoder.ts'
import type { Decoded } from '../otlp/decoder.ts'
import type { TelemetryLimits } from '../otlp/limits.ts'
import { tooMany } from '../otlp/malformed.ts'
import {
  broken,
  nextTag,
  readDouble,
  readerOf,
  readInt64,
  readLength,
  readUint32,
  skipField,
} from '../otlp/protobuf-reader.ts'
import type { Reader } from '../otlp/protobuf-reader.ts'
import { readName } from '../otlp/protobuf-value.ts'
import { createTextCache } from '../otlp/text-cache.ts'
import { histogramPointOf, readNativeHistogram } from './native-histogram.ts'
import type { NativeHistogram } from './native-histogram.ts'
import { LONGEST_NAME, MOST_FAMILIES, pointOf, seriesOf } from './prometheus-series.ts'
import type { Family, PrometheusMemory, Sample } from './prometheus-series.ts'

/** 1.0: `prometheus.WriteRequest`; 2.0: `io.prometheus.write.v2.Request`, whose texts stand in one table. */
export type RemoteWriteVersion = '1.0' | '2.0'

export type RemoteWriteBody = {
  readonly version: RemoteWriteVersion
  readonly bytes: Uint8Array
  readonly now: EpochMs
}

export type RemoteWriteDecoder = { readonly decode: (body: RemoteWriteBody) => Decoded }

/** Prometheus' write requests (protobuf, already decompressed) to points. What 1.0 tells of types comes in requests of
 *  its own, so that it is kept: of a bounded number of families. */
export function createRemoteWriteDecoder(limits: TelemetryLimits): RemoteWriteDecoder {
  const texts = createTextCache()
  const memory: PrometheusMemory = { families: new Map(), resources: new Map() }
  return {
    decode({ version, bytes, now }) {
      const run = startRun(limits, now, limits.maxAgeMs.metrics)
      return outcomeOf(run, () => {
        const reader = readerOf(bytes, texts)
        const context = { run, memory, symbols: version === '2.0' ? readSymbols(reader, limits) : null }
        return { kind: 'metrics', items: readRequest(reader, context) }
      })
    },
  }
}

type Context = {
  readonly run: DecodeRun
  readonly memory: PrometheusMemory
  readonly symbols: readonly string[] | null
}

const SERIES_TAG = { '1.0': 0x0a, '2.0': 0x2a } as const
const METADATA_TAG = 0x1a
const SYMBOL_TAG = 0x22

function readSymbols(reader: Reader, limits: TelemetryLimits): readonly string[] {
  const symbols: string[] = []
  const most = limits.maxItems * 10
  const { length } = reader.bytes
  for (let tag = nextTag(reader, length, 'Request'); tag !== 0; tag = nextTag(reader, length, 'Request')) {
    if (tag !== SYMBOL_TAG) {
      skipField(reader, tag)
      continue
    }
    if (symbols.length >= most) throw tooMany('symbols', most)
    const end = readLength(reader)
    symbols.push(reader.texts.text(reader.bytes, reader.at, end))
    reader.at = end
  }
  reader.at = 0
  return symbols
}

function readRequest(reader: Reader, context: Context): MetricPoint[] {
  const points: MetricPoint[] = []
  const { length } = reader.bytes
  let series = 0
  const seriesTag = SERIES_TAG[context.symbols === null ? '1.0' : '2.0']
  const message = context.symbols === null ? 'WriteRequest' : 'Request'
  for (let tag = nextTag(reader, length, message); tag !== 0; tag = nextTag(reader, length, message)) {
    if (tag === seriesTag) {
      series += 1
      if (series > context.run.limits.maxItems) throw tooMany('series', context.run.limits.maxItems)
      readSeries(reader, context, points)
    } else if (tag === METADATA_TAG && context.symbols === null) readMetadata(reader, context)
    else skipField(reader, tag)
  }
  return points
}

type SeriesDraft = {
  readonly labels: Map<string, string>
  /** Of names and values by turns (2.0). */
  readonly references: number[]
  family: Family | null
  startedAt: number
  readonly samples: Sample[]
  readonly histograms: NativeHistogram[]
}

/** Its labels and what is known of it may stand behind its samples: points are made at the end. */
function readSeries(reader: Reader, context: Context, into: MetricPoint[]): void {
  const end = readLength(reader)
  const draft: SeriesDraft = {
    labels: new Map(),
    references: [],
    family: null,
    startedAt: 0,
    samples: [],
    histograms: [],
  }
  const readField = context.symbols === null ? readField1 : readField2
  for (let tag = nextTag(reader, end, 'TimeSeries'); tag !== 0; tag = nextTag(reader, end, 'TimeSeries')) {
    readField(reader, tag, { context, draft })
  }
  const { run, memory } = context
  addReferred(reader, context, draft)
  const series = seriesOf(memory, draft.labels, draft.family)
  for (const sample of draft.samples) {
    const point = pointOf(
      run,
      series,
      sample.startedAt === 0 ? { ...sample, startedAt: draft.startedAt } : sample,
    )
    if (point !== null) into.push(point)
  }
  for (const histogram of draft.histograms) {
    if (histogram.startedAt === 0) histogram.startedAt = draft.startedAt
    const point = histogramPointOf(run, series, histogram)
    if (point !== null) into.push(point)
  }
}

type Filling = { readonly context: Context; readonly draft: SeriesDraft }

/** 1.0: labels 1, samples 2, exemplars 3, histograms 4. */
function readField1(reader: Reader, tag: number, { context, draft }: Filling): void {
  if (tag === 0x0a) readLabel(reader, context, draft)
  else if (tag === 0x12) readSample(reader, context, draft)
  else if (tag === 0x22) readHistogram(reader, context, draft)
  else skipField(reader, tag)
}

/** 2.0: references to labels 1, samples 2, histograms 3, exemplars 4, metadata 5, and when counting began 6. */
function readField2(reader: Reader, tag: number, { context, draft }: Filling): void {
  if (tag === 0x08 || tag === 0x0a) readReferences(reader, context, draft)
  else if (tag === 0x12) readSample(reader, context, draft)
  else if (tag === 0x1a) readHistogram(reader, context, draft)
  else if (tag === 0x2a) draft.family = readFamily(reader, context)
  else if (tag === 0x30) draft.startedAt = readInt64(reader)
  else skipField(reader, tag)
}

function readSample(reader: Reader, { run }: Context, draft: SeriesDraft): void {
  countItem(run)
  const end = readLength(reader)
  let value = 0
  let at = 0
  let startedAt = 0
  for (let tag = nextTag(reader, end, 'Sample'); tag !== 0; tag = nextTag(reader, end, 'Sample')) {
    if (tag === 0x09) value = readDouble(reader)
    else if (tag === 0x10) at = readInt64(reader)
    else if (tag === 0x18) startedAt = readInt64(reader)
    else skipField(reader, tag)
  }
  draft.samples.push({ value, at, startedAt })
}

function readHistogram(reader: Reader, { run }: Context, draft: SeriesDraft): void {
  countItem(run)
  draft.histograms.push(readNativeHistogram(reader, run))
}

function readLabel(reader: Reader, { run }: Context, { labels }: SeriesDraft): void {
  const end = readLength(reader)
  let name = ''
  let value = ''
  for (let tag = nextTag(reader, end, 'Label'); tag !== 0; tag = nextTag(reader, end, 'Label')) {
    if (tag === 0x0a) name = readName(reader, run)
    else if (tag === 0x12) value = readName(reader, run)
    else skipField(reader, tag)
  }
  addLabel(run, labels, { name, value })
}

function addLabel(
  run: DecodeRun,
  labels: Map<string, string>,
  { name, value }: { name: string; value: string },
): void {
  if (labels.size < run.limits.maxAttributes) labels.set(name, value)
  else run.droppedAttributes += 1
}

function readReferences(reader: Reader, { run }: Context, { references }: SeriesDraft): void {
  const end = (reader.tag & 7) === 2 ? readLength(reader) : reader.at + 1
  let isOver = false
  while (reader.at < end) {
    const reference = readUint32(reader)
    if (references.length < run.limits.maxAttributes * 2) references.push(reference)
    else isOver = true
  }
  // How many is not worth another counter: a series of so many labels is a mistake.
  if (isOver) run.droppedAttributes += 1
}

function addReferred(reader: Reader, context: Context, { labels, references }: SeriesDraft): void {
  if (references.length % 2 === 1)
    throw broken(reader, 'references to labels in pairs', 'a name without a value')
  for (let at = 0; at < references.length; at += 2) {
    const name = symbol(reader, context, references[at] ?? 0)
    addLabel(context.run, labels, { name, value: symbol(reader, context, references[at + 1] ?? 0) })
  }
}

function symbol(reader: Reader, { symbols }: Context, reference: number): string {
  const text = symbols?.[reference]
  if (text === undefined) {
    throw broken(reader, `a reference to one of ${symbols?.length ?? 0} symbols`, String(reference))
  }
  return text
}

function readFamily(reader: Reader, context: Context): Family {
  const end = readLength(reader)
  const family = { type: 0, help: '', unit: '' }
  for (let tag = nextTag(reader, end, 'Metadata'); tag !== 0; tag = nextTag(reader, end, 'Metadata')) {
    if (tag === 0x08) family.type = readUint32(reader)
    else if (tag === 0x18) family.help = symbol(reader, context, readUint32(reader))
    else if (tag === 0x20) family.unit = symbol(reader, context, readUint32(reader))
    else skipField(reader, tag)
  }
  return family
}

/** `MetricMetadata` of 1.0: type 1, name of the family 2, help 4, unit 5. */
function readMetadata(reader: Reader, { run, memory }: Context): void {
  const end = readLength(reader)
  const family = { type: 0, help: '', unit: '' }
  let name = ''
  for (let tag = nextTag(reader, end, 'MetricMetadata'); tag !== 0;) {
    if (tag === 0x08) family.type = readUint32(reader)
    else if (tag === 0x12) name = readName(reader, run)
    else if (tag === 0x22) family.help = readName(reader, run)
    else if (tag === 0x2a) family.unit = readName(reader, run)
    else skipField(reader, tag)
    tag = nextTag(reader, end, 'MetricMetadata')
  }
  const isRoom = memory.families.size < MOST_FAMILIES || memory.families.has(name)
  if (name === '' || name.length > LONGEST_NAME || !isRoom) return
  const [help, unit] = [family.help.slice(0, LONGEST_NAME), family.unit.slice(0, LONGEST_NAME)]
  memory.families.set(name, { type: family.type, help, unit })
}
