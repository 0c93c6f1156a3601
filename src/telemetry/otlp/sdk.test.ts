import { SeverityNumber, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { describe, expect, test } from 'vitest'
import { createOtlpDecoder } from './decoder.ts'
import type { OtlpSignal } from './decoder.ts'
import { DEFAULT_TELEMETRY_LIMITS } from './limits.ts'

// What the SDK for Node makes of real spans, logs and metrics, in both of its encodings.

const resource = resourceFromAttributes({
  'service.name': 'shop',
  'service.version': '3',
  'service.instance.id': 'i-1',
  pids: [1, 2],
})
const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
/** A time is kept as a double of milliseconds: good to a quarter of a microsecond. */
const about = (at: number): unknown => expect.closeTo(at, 2)

type Sent = {
  readonly protobuf: Uint8Array | undefined
  readonly json: Uint8Array | undefined
  readonly now: number
}

function itemsOf(signal: OtlpSignal, { protobuf, json, now }: Sent): readonly object[] {
  const [first, second] = (
    [
      ['protobuf', protobuf],
      ['json', json],
    ] as const
  ).map(([encoding, bytes]) => {
    const outcome = decoder.decode({ signal, encoding, bytes: bytes ?? Buffer.alloc(0), now })
    if (outcome.kind !== 'decoded') throw new Error(outcome.reason)
    expect(outcome.refused.size).toBe(0)
    return outcome.batch.items
  })
  expect(second).toEqual(first)
  return first ?? []
}

describe("the SDK's", () => {
  test('spans', () => {
    const exporter = new InMemorySpanExporter()
    const provider = new TracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    })
    const now = Date.now()
    const span = provider.getTracer('lib', '1.2').startSpan('GET /x', {
      kind: SpanKind.CLIENT,
      startTime: now - 30,
      attributes: { 'http.response.status_code': 503, ratio: 0.25, tags: ['a', 'b'], ok: false },
      links: [
        {
          context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED },
          attributes: { l: 1 },
        },
      ],
    })
    span.recordException(new TypeError('no such thing'))
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' })
    span.end(now - 10)
    const finished = exporter.getFinishedSpans()
    const [decoded] = itemsOf('spans', {
      protobuf: ProtobufTraceSerializer.serializeRequest(finished),
      json: JsonTraceSerializer.serializeRequest(finished),
      now,
    })
    expect(decoded).toMatchObject({
      resource: { serviceName: 'shop', serviceVersion: '3', serviceInstance: 'i-1' },
      scope: { name: 'lib', version: '1.2' },
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: '',
      name: 'GET /x',
      kind: 'client',
      startedAt: about(now - 30),
      durationNs: 20_000_000,
      status: 'error',
      statusMessage: 'failed',
      attributes: new Map([
        ['http.response.status_code', '503'],
        ['ratio', '0.25'],
        ['tags', '["a","b"]'],
        ['ok', 'false'],
      ]),
      events: [{ name: 'exception' }],
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: new Map([['l', '1']]) }],
    })
  })

  test('logs', () => {
    const exporter = new InMemoryLogRecordExporter()
    const provider = new LoggerProvider({
      resource,
      processors: [new SimpleLogRecordProcessor({ exporter })],
    })
    const now = Date.now()
    provider.getLogger('lib').emit({
      timestamp: now - 5,
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      body: { message: 'no', code: 7 },
      attributes: { nested: { a: [1, { b: true }] }, empty: '' },
      eventName: 'e',
    })
    const records = exporter.getFinishedLogRecords()
    const [decoded] = itemsOf('logs', {
      protobuf: ProtobufLogsSerializer.serializeRequest(records),
      json: JsonLogsSerializer.serializeRequest(records),
      now,
    })
    expect(decoded).toMatchObject({
      resource: {
        serviceName: 'shop',
        attributes: new Map([
          ['service.name', 'shop'],
          ['service.version', '3'],
          ['service.instance.id', 'i-1'],
          ['pids', '[1,2]'],
        ]),
      },
      timestamp: about(now - 5),
      severityNumber: 17,
      severityText: 'ERROR',
      body: '{"message":"no","code":7}',
      attributes: new Map([
        ['nested', '{"a":[1,{"b":true}]}'],
        ['empty', ''],
      ]),
      eventName: 'e',
    })
  })

  test('metrics of every kind that it makes', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const views = [
      { instrumentName: 'wide', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const },
    ]
    const provider = new MeterProvider({ resource, readers: [reader], views })
    const meter = provider.getMeter('lib')
    meter.createCounter('requests', { unit: '{request}' }).add(3, { route: '/a' })
    meter.createUpDownCounter('open').add(-2)
    meter.createGauge('level').record(0.5)
    meter.createHistogram('duration', { unit: 's', advice: { explicitBucketBoundaries: [1, 5] } }).record(3)
    const wide = meter.createHistogram('wide')
    for (const value of [1, 2, 4, 1000]) wide.record(value)
    await reader.forceFlush()
    const [collected] = exporter.getMetrics()
    await provider.shutdown()
    if (collected === undefined) throw new Error('nothing collected')
    // The serialisers bring a copy of the SDK's types with them.
    const sent: object = collected
    const items = itemsOf('metrics', {
      protobuf: ProtobufMetricsSerializer.serializeRequest(sent as never),
      json: JsonMetricsSerializer.serializeRequest(sent as never),
      now: Date.now(),
    })
    const order = ['requests', 'open', 'level', 'duration', 'wide']
    const named = items.map((item) => item as { metric: { name: string } })
    named.sort((a, b) => order.indexOf(a.metric.name) - order.indexOf(b.metric.name))
    expect(named).toMatchObject([
      {
        kind: 'sum',
        value: 3,
        isMonotonic: true,
        temporality: 'cumulative',
        attributes: new Map([['route', '/a']]),
        metric: { name: 'requests', unit: '{request}' },
      },
      { kind: 'sum', value: -2, isMonotonic: false },
      { kind: 'gauge', value: 0.5 },
      { kind: 'histogram', count: 1, sum: 3, min: 3, max: 3, bounds: [1, 5], counts: [0, 1, 0] },
      { kind: 'exponential-histogram', count: 4, sum: 1007, min: 1, max: 1000, zeroCount: 0 },
    ])
    const counts = (named[4] as unknown as { positive: { counts: number[] } }).positive.counts
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(4)
  })
})
