import { AppError } from '../../errors.ts'
import type { EpochMs } from '../../time.ts'
import type { LogRecord } from '../log-record.ts'
import type { MetricPoint } from '../metric-point.ts'
import type { Resource, Scope } from '../resource.ts'
import type { Span } from '../span.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import { startRun } from './decode-run.ts'
import type { DecodeRun, ItemRefusal } from './decode-run.ts'
import { jsonLogs, jsonMetrics, jsonSpans } from './json-export.ts'
import type { Walk } from './json-walk.ts'
import type { TelemetryLimits } from './limits.ts'
import { malformed } from './malformed.ts'
import { createMessageCache } from './message-cache.ts'
import { readLogRecord } from './protobuf-logs.ts'
import { readMetric } from './protobuf-metrics.ts'
import { readExport } from './protobuf-origin.ts'
import type { OriginCaches } from './protobuf-origin.ts'
import { readerOf } from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readSpan } from './protobuf-spans.ts'
import { createTextCache } from './text-cache.ts'

export type OtlpSignal = 'logs' | 'spans' | 'metrics'
export type OtlpEncoding = 'protobuf' | 'json'

export type OtlpBody = {
  readonly signal: OtlpSignal
  readonly encoding: OtlpEncoding
  readonly bytes: Uint8Array
  /** The time of arrival. */
  readonly now: EpochMs
}

/** What a request came to. `invalid`: nothing of it can be used, and sending it again would not help. */
export type Decoded =
  | {
      readonly kind: 'decoded'
      readonly batch: TelemetryBatch
      /** Items that were in the request, kept or not. */
      readonly received: number
      readonly refused: ReadonlyMap<ItemRefusal, number>
      readonly skipped: number
      readonly droppedAttributes: number
      readonly cutValues: number
    }
  | { readonly kind: 'invalid'; readonly why: 'malformed' | 'too-large'; readonly reason: string }

export type OtlpDecoder = { readonly decode: (body: OtlpBody) => Decoded }

/**
 * Export requests of OTLP (protobuf or JSON, already decompressed) to batches of our model. It keeps small tables of
 * texts, resources and scopes between requests, so that what repeats is one object; they are of fixed size.
 */
export function createOtlpDecoder(limits: TelemetryLimits): OtlpDecoder {
  const texts = createTextCache()
  const caches: OriginCaches = {
    resources: createMessageCache<Resource>(),
    scopes: createMessageCache<Scope>(),
  }
  return {
    decode({ signal, encoding, bytes, now }) {
      const run = startRun(limits, now, limits.maxAgeMs[signal])
      return outcomeOf(run, () =>
        encoding === 'json'
          ? ofJson(signal, { run, path: [] }, bytes)
          : ofProtobuf(signal, { run, caches }, readerOf(bytes, texts)),
      )
    },
  }
}

/** Runs a decoding; what it refused as a whole becomes a value. Anything else that is thrown is a mistake of ours. */
export function outcomeOf(run: DecodeRun, decode: () => TelemetryBatch): Decoded {
  try {
    const batch = decode()
    const { received, refused, skipped, droppedAttributes, cutValues } = run
    return { kind: 'decoded', batch, received, refused, skipped, droppedAttributes, cutValues }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const why = error.code === 'TELEMETRY_TOO_LARGE' ? 'too-large' : 'malformed'
    return { kind: 'invalid', why, reason: error.message }
  }
}

type ProtobufContext = { readonly run: DecodeRun; readonly caches: OriginCaches }

function ofProtobuf(signal: OtlpSignal, context: ProtobufContext, reader: Reader): TelemetryBatch {
  const { run } = context
  if (signal === 'logs') {
    const items: LogRecord[] = []
    readExport(reader, context, (at, origin) => {
      const record = readLogRecord(at, run, origin)
      if (record !== null) items.push(record)
    })
    return { kind: 'logs', items }
  }
  if (signal === 'spans') {
    const items: Span[] = []
    readExport(reader, context, (at, origin) => {
      const span = readSpan(at, run, origin)
      if (span !== null) items.push(span)
    })
    return { kind: 'spans', items }
  }
  const items: MetricPoint[] = []
  readExport(reader, context, (at, origin) => readMetric(at, { run, origin }, items))
  return { kind: 'metrics', items }
}

function ofJson(signal: OtlpSignal, walk: Walk, bytes: Uint8Array): TelemetryBatch {
  const document = parsed(bytes)
  if (signal === 'logs') return { kind: 'logs', items: jsonLogs(walk, document) }
  if (signal === 'spans') return { kind: 'spans', items: jsonSpans(walk, document) }
  return { kind: 'metrics', items: jsonMetrics(walk, document) }
}

function parsed(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  // An empty body is an empty request, as it is in protobuf.
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw malformed('JSON', error instanceof Error ? error.message : 'something else', 'the body')
  }
}
