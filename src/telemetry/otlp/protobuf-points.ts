import type { DecodeRun } from './decode-run.ts'
import { pointDraft } from './metric-draft.ts'
import type { Buckets, PointDraft } from './metric-draft.ts'
import {
  nextTag,
  readDouble,
  readFixed64Number,
  readLength,
  readSfixed64,
  readSint32,
  readUint32,
  readUint64,
  skipField,
} from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readAttribute } from './protobuf-value.ts'

// The data points of opentelemetry/proto/metrics/v1/metrics.proto. Exemplars are stepped over.

const NS_PER_MS = 1e6

export function readNumberPoint(reader: Reader, run: DecodeRun): PointDraft {
  const end = readLength(reader)
  const draft = pointDraft()
  const message = 'NumberDataPoint'
  for (let tag = nextTag(reader, end, message); tag !== 0; tag = nextTag(reader, end, message)) {
    if (tag === 0x3a) draft.attributes = readAttribute(reader, run, draft.attributes)
    else if (tag === 0x21) draft.value = readDouble(reader)
    else if (tag === 0x31) draft.value = readSfixed64(reader)
    else if (tag === 0x40) draft.flags = readUint32(reader)
    else readTime(reader, tag, draft)
  }
  return draft
}

export function readHistogramPoint(reader: Reader, run: DecodeRun): PointDraft {
  const end = readLength(reader)
  const draft = pointDraft()
  const message = 'HistogramDataPoint'
  for (let tag = nextTag(reader, end, message); tag !== 0; tag = nextTag(reader, end, message)) {
    switch (tag) {
      case 0x31:
      case 0x32:
        draft.counts = readNumbers(reader, { draft, run, tag, read: readFixed64Number }, draft.counts)
        break
      case 0x39:
      case 0x3a:
        draft.bounds = readNumbers(reader, { draft, run, tag, read: readDouble }, draft.bounds)
        break
      case 0x4a:
        draft.attributes = readAttribute(reader, run, draft.attributes)
        break
      case 0x50:
        draft.flags = readUint32(reader)
        break
      case 0x59:
        draft.min = readDouble(reader)
        break
      case 0x61:
        draft.max = readDouble(reader)
        break
      default:
        readTotals(reader, tag, draft)
    }
  }
  return draft
}

export function readExponentialPoint(reader: Reader, run: DecodeRun): PointDraft {
  const end = readLength(reader)
  const draft = pointDraft()
  const message = 'ExponentialHistogramDataPoint'
  for (let tag = nextTag(reader, end, message); tag !== 0; tag = nextTag(reader, end, message)) {
    switch (tag) {
      case 0x0a:
        draft.attributes = readAttribute(reader, run, draft.attributes)
        break
      case 0x30:
        draft.scale = readSint32(reader)
        break
      case 0x39:
        draft.zeroCount = readFixed64Number(reader)
        break
      case 0x42:
        draft.positive = readBuckets(reader, run, draft)
        break
      case 0x4a:
        draft.negative = readBuckets(reader, run, draft)
        break
      case 0x50:
        draft.flags = readUint32(reader)
        break
      case 0x61:
        draft.min = readDouble(reader)
        break
      case 0x69:
        draft.max = readDouble(reader)
        break
      default:
        readTotals(reader, tag, draft)
    }
  }
  return draft
}

export function readSummaryPoint(reader: Reader, run: DecodeRun): PointDraft {
  const end = readLength(reader)
  const draft = pointDraft()
  const message = 'SummaryDataPoint'
  for (let tag = nextTag(reader, end, message); tag !== 0; tag = nextTag(reader, end, message)) {
    if (tag === 0x3a) draft.attributes = readAttribute(reader, run, draft.attributes)
    else if (tag === 0x32) readQuantile(reader, run, draft)
    else if (tag === 0x40) draft.flags = readUint32(reader)
    else readTotals(reader, tag, draft)
  }
  return draft
}

function readTotals(reader: Reader, tag: number, draft: PointDraft): void {
  if (tag === 0x21) draft.count = readFixed64Number(reader)
  else if (tag === 0x29) draft.sum = readDouble(reader)
  else readTime(reader, tag, draft)
}

function readTime(reader: Reader, tag: number, draft: PointDraft): void {
  if (tag === 0x11) draft.start = readFixed64Number(reader) / NS_PER_MS
  else if (tag === 0x19) draft.time = readFixed64Number(reader) / NS_PER_MS
  else skipField(reader, tag)
}

type Numbers = {
  readonly draft: PointDraft
  readonly run: DecodeRun
  readonly tag: number
  readonly read: (reader: Reader) => number
}

/** Repeated numbers, packed into one field or each in its own. */
function readNumbers(reader: Reader, { draft, run, tag, read }: Numbers, into: number[]): number[] {
  const numbers = into.length === 0 ? [] : into
  const end = (tag & 7) === 2 ? readLength(reader) : reader.at + 1
  while (reader.at < end) {
    const number = read(reader)
    if (numbers.length < run.limits.maxBuckets) numbers.push(number)
    else draft.isOverLimit = true
  }
  return numbers
}

function readBuckets(reader: Reader, run: DecodeRun, draft: PointDraft): Buckets {
  const end = readLength(reader)
  let offset = 0
  let counts: number[] = []
  for (let tag = nextTag(reader, end, 'Buckets'); tag !== 0; tag = nextTag(reader, end, 'Buckets')) {
    if (tag === 0x08) offset = readSint32(reader)
    else if (tag === 0x10 || tag === 0x12) {
      counts = readNumbers(reader, { draft, run, tag, read: readUint64 }, counts)
    } else skipField(reader, tag)
  }
  return { offset, counts }
}

function readQuantile(reader: Reader, run: DecodeRun, draft: PointDraft): void {
  const end = readLength(reader)
  let quantile = 0
  let value = 0
  for (let tag = nextTag(reader, end, 'ValueAtQuantile'); tag !== 0;) {
    if (tag === 0x09) quantile = readDouble(reader)
    else if (tag === 0x11) value = readDouble(reader)
    else skipField(reader, tag)
    tag = nextTag(reader, end, 'ValueAtQuantile')
  }
  if (draft.quantiles.length === 0) draft.quantiles = []
  if (draft.quantiles.length < run.limits.maxEvents) draft.quantiles.push({ quantile, value })
  else run.droppedAttributes += 1
}
