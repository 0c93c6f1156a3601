import { Client, credentials, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import { SeverityNumber, SpanStatusCode } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import type { LogRecordExporter } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createAdmission,
  createOtlpGrpc,
  createOtlpHttp,
  createSourceCounters,
} from '../../src/telemetry/index.ts'
import { fakeIntake } from '../fake-intake.ts'
import type { FakeIntake } from '../fake-intake.ts'
import { decodeToObject, encode } from '../otlp-schema.ts'

// OpenTelemetry's own SDK and gRPC's own client send; what arrives is what they were given.

type Doors = {
  readonly http: string
  readonly grpc: number
  readonly intake: FakeIntake
  readonly refused: () => object
}

async function doors(maxBytes = 64 * 1024 * 1024): Promise<Doors> {
  const intake = fakeIntake()
  const counters = createSourceCounters()
  const deps = { intake, counters, admission: createAdmission({ maxBytes }), now: () => Date.now() }
  const otlp = createOtlpHttp(deps)
  const server = createServer((request, response) => void otlp.handle(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const rpc = createOtlpGrpc(deps)
  const grpc = await rpc.listen('127.0.0.1', 0)
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rpc.close(100)
  })
  const refused = (): object => Object.fromEntries(counters.snapshot().flatMap((one) => [...one.refused]))
  return { http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, grpc, intake, refused }
}

const resource = resourceFromAttributes({ 'service.name': 'shop', 'service.instance.id': 'shop-1' })

type Exporters = {
  readonly spans: SpanExporter
  readonly logs: LogRecordExporter
  readonly metrics: PushMetricExporter
}

/** Work as an application does it, with everything flushed at the end. */
async function work({ spans, logs, metrics }: Exporters): Promise<void> {
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: spans })],
  })
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: logs })],
  })
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ resource, readers: [reader] })
  for (let index = 0; index < 1000; index += 1) {
    const span = tracers.getTracer('t').startSpan(`GET /${index % 10}`, { attributes: { index } })
    if (index % 100 === 0) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    loggers
      .getLogger('l')
      .emit({ body: `line ${index}`, severityNumber: SeverityNumber.INFO, attributes: { index } })
    meters
      .getMeter('m')
      .createCounter('count')
      .add(1, { route: `/${index % 10}` })
  }
  await Promise.all([tracers.forceFlush(), loggers.forceFlush(), meters.forceFlush()])
  await Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()])
}

function expectAll(intake: FakeIntake): void {
  const spans = intake.items('spans')
  expect(spans.length).toBe(1000)
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(1000)
  expect(spans.filter((span) => span.status === 'error').length).toBe(10)
  expect(
    spans.every((span) => span.resource.serviceName === 'shop' && span.resource.serviceInstance === 'shop-1'),
  ).toBe(true)
  const logs = intake.items('logs')
  expect(logs.map(({ attributes }) => Number(attributes.get('index'))).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 1000 }, (_, index) => index),
  )
  const counts = intake.items('metrics').filter(({ metric }) => metric.name === 'count')
  const last = new Map(
    counts.map((point) => [point.attributes.get('route'), point.kind === 'sum' ? point.value : 0]),
  )
  expect([...last.values()].reduce((sum, one) => sum + one, 0)).toBe(1000)
}

describe("the SDK's exporters", () => {
  test('over HTTP in protobuf, compressed', async () => {
    const { http, intake, refused } = await doors()
    const options = { compression: 'gzip' as never }
    await work({
      spans: new ProtoTraces({ url: `${http}/v1/traces`, ...options }),
      logs: new ProtoLogs({ url: `${http}/v1/logs`, ...options }),
      metrics: new ProtoMetrics({ url: `${http}/v1/metrics`, ...options }),
    })
    expectAll(intake)
    expect(refused()).toEqual({})
  })

  test('over HTTP in JSON', async () => {
    const { http, intake, refused } = await doors()
    await work({
      spans: new JsonTraces({ url: `${http}/v1/traces` }),
      logs: new JsonLogs({ url: `${http}/v1/logs` }),
      metrics: new ProtoMetrics({ url: `${http}/v1/metrics` }),
    })
    expectAll(intake)
    expect(refused()).toEqual({})
  })

  test.each(['none', 'gzip'])('over gRPC, compression %s', async (compression) => {
    const { grpc, intake, refused } = await doors()
    const options = { url: `http://127.0.0.1:${grpc}`, compression: compression as never }
    await work({
      spans: new GrpcTraces(options),
      logs: new GrpcLogs(options),
      metrics: new GrpcMetrics(options),
    })
    expectAll(intake)
    expect(refused()).toEqual({})
  })

  // Over gRPC the SDK for Node gives up after one try.
  test('over HTTP come again when they are told to, and nothing is lost', async () => {
    const { http, intake, refused } = await doors()
    let refusals = 2
    intake.answerWith(async () => {
      refusals -= 1
      return refusals >= 0 ? { kind: 'try-later', afterMs: 200, reason: 'full' } : { kind: 'stored' }
    })
    const exporter = new ProtoLogs({ url: `${http}/v1/logs` })
    const loggers = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter })],
    })
    loggers.getLogger('l').emit({ body: 'kept' })
    await loggers.forceFlush()
    await loggers.shutdown()
    expect(intake.items('logs').map(({ body }) => body)).toEqual(['kept'])
    expect(refused()).toEqual({ 'try-later': 2 })
  }, 30_000)
})

describe('over gRPC', () => {
  const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
  const same = (bytes: Buffer): Buffer => bytes

  function call(
    port: number,
    message: Buffer,
    path = LOGS,
  ): Promise<{ error: ServiceError | null; answer: Buffer | undefined }> {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.max_send_message_length': -1,
      'grpc.enable_retries': 0,
    })
    onTestFinished(() => client.close())
    return new Promise((done) => {
      client.makeUnaryRequest(path, same, same, message, (error, answer) => done({ error, answer }))
    })
  }

  const logs = (...logRecords: object[]): Buffer =>
    encode('ExportLogs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

  test('what is refused of a request is told in a partial success', async () => {
    const { grpc, intake } = await doors()
    const { answer } = await call(grpc, logs({ timeUnixNano: '1000' }, { severityText: 'a' }))
    expect(decodeToObject('ExportResponse', answer ?? Buffer.alloc(0))).toMatchObject({
      partialSuccess: { rejected: 1 },
    })
    expect(intake.items('logs').length).toBe(1)
  })

  test.each<[string, Buffer, status]>([
    ['bytes that are no message', Buffer.from('nonsense'), status.INVALID_ARGUMENT],
    ['a message of 30 MB', Buffer.alloc(30 * 1024 * 1024), status.RESOURCE_EXHAUSTED],
    [
      'two hundred thousand records',
      encode('ExportLogs', {
        resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 200_000 }, () => ({})) }] }],
      }),
      status.RESOURCE_EXHAUSTED,
    ],
  ])('%s: refused for good, and the next is served', async (_what, message, code) => {
    const { grpc, intake } = await doors()
    const { error } = await call(grpc, message)
    expect(error?.code).toBe(code)
    expect(error?.metadata.get('grpc-status-details-bin')).toEqual([])
    expect((await call(grpc, logs({}))).error).toBe(null)
    expect(intake.items('logs').length).toBe(1)
  })

  test('a gzip bomb is refused within bounds', async () => {
    const { http, grpc } = await doors()
    const { connect } = await import('node:http2')
    const session = connect(http.replace(/:\d+$/, `:${grpc}`))
    onTestFinished(() => session.destroy())
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    const head = Buffer.alloc(5)
    head[0] = 1
    head.writeUInt32BE(bomb.length, 1)
    const stream = session.request({
      ':method': 'POST',
      ':path': LOGS,
      'content-type': 'application/grpc+proto',
      'grpc-encoding': 'gzip',
      te: 'trailers',
    })
    const before = process.memoryUsage.rss()
    const code = await new Promise((done) => {
      stream.on('trailers', (trailers) => done(trailers['grpc-status']))
      stream.on('response', (headers) => headers['grpc-status'] !== undefined && done(headers['grpc-status']))
      stream.resume()
      stream.end(Buffer.concat([head, bomb]))
    })
    expect(Number(code)).toBe(status.RESOURCE_EXHAUSTED)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  })

  test('who has to come again is told when', async () => {
    const { grpc, intake } = await doors()
    intake.refuse({ kind: 'try-later', afterMs: 1500, reason: 'the disk is full' })
    const { error } = await call(grpc, logs({}))
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: 'the disk is full' })
    const [details] = error?.metadata.get('grpc-status-details-bin') ?? []
    const told = decodeToObject('RpcStatus', details as Buffer) as {
      details: { type_url: string; typeUrl: string; value: Buffer }[]
    }
    expect(told.details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo')
    expect(decodeToObject('RetryInfo', told.details[0]?.value ?? Buffer.alloc(0))).toEqual({
      retryDelay: { seconds: 1, nanos: 500_000_000 },
    })
  })

  test('calls over the room that there is are told to come again', async () => {
    const { grpc, intake } = await doors(100)
    const { promise, resolve } = Promise.withResolvers<{ kind: 'stored' }>()
    let asked = (): void => {}
    const isAsked = new Promise<void>((done) => {
      asked = done
    })
    intake.answerWith(() => {
      asked()
      return promise
    })
    const first = call(grpc, logs({ severityText: 'x'.repeat(80) }))
    await isAsked
    const { error } = await call(grpc, logs({ severityText: 'x'.repeat(80) }))
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(error?.metadata.get('grpc-status-details-bin').length).toBe(1)
    resolve({ kind: 'stored' })
    expect((await first).error).toBe(null)
  })

  test('two hundred senders at once wait for each other, and none is refused', async () => {
    const { grpc, intake, refused } = await doors()
    const message = logs({ body: { stringValue: 'x'.repeat(100_000) } })
    const answers = await Promise.all(Array.from({ length: 200 }, () => call(grpc, message)))
    expect(answers.map(({ error }) => error).filter(Boolean)).toEqual([])
    expect(intake.items('logs').length).toBe(200)
    expect(refused()).toEqual({})
  })
})
