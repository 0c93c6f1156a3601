import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Span, SpanEvent, SpanLink } from '../span.ts'
import { countItem } from './decode-run.ts'
import type { DecodeRun } from './decode-run.ts'
import { readId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './ids.ts'
import type { Origin } from './origin.ts'
import {
  nextTag,
  readFixed64,
  readFixed64Number,
  readLength,
  readUint32,
  skipField,
} from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readAttribute, readName } from './protobuf-value.ts'
import { spanDraft, spanOf } from './span-draft.ts'
import type { SpanDraft } from './span-draft.ts'

/** A `Span` of opentelemetry/proto/trace/v1/trace.proto; null where its ids or times refuse it. */
export function readSpan(reader: Reader, run: DecodeRun, origin: Origin): Span | null {
  countItem(run)
  const end = readLength(reader)
  const draft = spanDraft(origin)
  for (let tag = nextTag(reader, end, 'Span'); tag !== 0; tag = nextTag(reader, end, 'Span')) {
    switch (tag) {
      case 0x0a:
        draft.traceId = readId(reader, TRACE_ID_BYTES)
        break
      case 0x12:
        draft.spanId = readId(reader, SPAN_ID_BYTES)
        break
      case 0x1a:
        draft.traceState = readName(reader, run)
        break
      case 0x22:
        draft.parentSpanId = readId(reader, SPAN_ID_BYTES)
        break
      case 0x2a:
        draft.name = readName(reader, run)
        break
      case 0x30:
        draft.kind = readUint32(reader)
        break
      case 0x39:
        readFixed64(reader)
        draft.startLow = reader.low
        draft.startHigh = reader.high
        break
      case 0x41:
        readFixed64(reader)
        draft.endLow = reader.low
        draft.endHigh = reader.high
        break
      case 0x4a:
        draft.attributes = readAttribute(reader, run, draft.attributes)
        break
      case 0x5a:
        draft.events = withEvent(reader, run, draft.events)
        break
      case 0x6a:
        draft.links = withLink(reader, run, draft.links)
        break
      case 0x7a:
        readStatus(reader, run, draft)
        break
      default:
        skipField(reader, tag)
    }
  }
  return spanOf(run, draft)
}

function withEvent(reader: Reader, run: DecodeRun, into: SpanEvent[] | null): SpanEvent[] {
  const end = readLength(reader)
  const events = into ?? []
  if (events.length >= run.limits.maxEvents) {
    run.droppedAttributes += 1
    reader.at = end
    return events
  }
  let at = 0
  let name = ''
  let attributes: Map<string, string> | null = null
  for (let tag = nextTag(reader, end, 'Span.Event'); tag !== 0; tag = nextTag(reader, end, 'Span.Event')) {
    if (tag === 0x09) at = readFixed64Number(reader) / 1e6
    else if (tag === 0x12) name = readName(reader, run)
    else if (tag === 0x1a) attributes = readAttribute(reader, run, attributes)
    else skipField(reader, tag)
  }
  events.push({ at, name, attributes: attributes ?? NO_ATTRIBUTES })
  return events
}

function withLink(reader: Reader, run: DecodeRun, into: SpanLink[] | null): SpanLink[] {
  const end = readLength(reader)
  const links = into ?? []
  if (links.length >= run.limits.maxEvents) {
    run.droppedAttributes += 1
    reader.at = end
    return links
  }
  let traceId = ''
  let spanId = ''
  let traceState = ''
  let attributes: Map<string, string> | null = null
  for (let tag = nextTag(reader, end, 'Span.Link'); tag !== 0; tag = nextTag(reader, end, 'Span.Link')) {
    if (tag === 0x0a) traceId = readId(reader, TRACE_ID_BYTES)
    else if (tag === 0x12) spanId = readId(reader, SPAN_ID_BYTES)
    else if (tag === 0x1a) traceState = readName(reader, run)
    else if (tag === 0x22) attributes = readAttribute(reader, run, attributes)
    else skipField(reader, tag)
  }
  links.push({ traceId, spanId, traceState, attributes: attributes ?? NO_ATTRIBUTES })
  return links
}

function readStatus(reader: Reader, run: DecodeRun, draft: SpanDraft): void {
  const end = readLength(reader)
  for (let tag = nextTag(reader, end, 'Status'); tag !== 0; tag = nextTag(reader, end, 'Status')) {
    if (tag === 0x12) draft.statusMessage = readName(reader, run)
    else if (tag === 0x18) draft.statusCode = readUint32(reader)
    else skipField(reader, tag)
  }
}
