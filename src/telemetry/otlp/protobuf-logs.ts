import type { LogRecord } from '../log-record.ts'
import { countItem } from './decode-run.ts'
import type { DecodeRun } from './decode-run.ts'
import { readId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './ids.ts'
import { logDraft, logRecordOf } from './log-draft.ts'
import type { Origin } from './origin.ts'
import {
  nextTag,
  readFixed32,
  readFixed64Number,
  readLength,
  readUint32,
  skipField,
} from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readAnyValue, readAttribute, readName } from './protobuf-value.ts'

const NS_PER_MS = 1e6

/** A `LogRecord` of opentelemetry/proto/logs/v1/logs.proto; null where its time refuses it. */
export function readLogRecord(reader: Reader, run: DecodeRun, origin: Origin): LogRecord | null {
  countItem(run)
  const end = readLength(reader)
  const draft = logDraft(origin)
  for (let tag = nextTag(reader, end, 'LogRecord'); tag !== 0; tag = nextTag(reader, end, 'LogRecord')) {
    switch (tag) {
      case 0x09:
        draft.time = readFixed64Number(reader) / NS_PER_MS
        break
      case 0x10:
        draft.severityNumber = readUint32(reader)
        break
      case 0x1a:
        draft.severityText = readName(reader, run)
        break
      case 0x2a:
        draft.body = readAnyValue(reader, run, run.limits.maxBodyLength)
        break
      case 0x32:
        draft.attributes = readAttribute(reader, run, draft.attributes)
        break
      case 0x45:
        draft.flags = readFixed32(reader)
        break
      case 0x4a:
        draft.traceId = readId(reader, TRACE_ID_BYTES)
        break
      case 0x52:
        draft.spanId = readId(reader, SPAN_ID_BYTES)
        break
      case 0x59:
        draft.observed = readFixed64Number(reader) / NS_PER_MS
        break
      case 0x62:
        draft.eventName = readName(reader, run)
        break
      default:
        skipField(reader, tag)
    }
  }
  return logRecordOf(run, draft)
}
