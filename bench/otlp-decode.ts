// node bench/otlp-decode.ts [SECONDS]: logs, spans and points decoded to our model per second on one core, beside
// protobufjs' decoder of the same bytes to its own objects (no maps, no checks of times, no limits), in one run.
import { randomBytes } from 'node:crypto'
import { createOtlpDecoder } from '../src/telemetry/otlp/decoder.ts'
import type { OtlpSignal } from '../src/telemetry/otlp/decoder.ts'
import { DEFAULT_TELEMETRY_LIMITS } from '../src/telemetry/otlp/limits.ts'
import { decode, encode, EXPORT_OF } from '../test/otlp-schema.ts'

const SECONDS = Number(process.argv[2] ?? 2)
const BATCH = 512
const now = Date.now()

type Attribute = { key: string; value: Record<string, unknown> }
const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })
const integer = (key: string, intValue: number): Attribute => ({ key, value: { intValue } })
const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
const nanos = (at: number): string => `${BigInt(Math.floor(at)) * 1_000_000n}`

const resource = {
  attributes: [
    text('service.name', 'shop'),
    text('service.version', '1.4.2'),
    text('service.instance.id', 'shop-1'),
    text('host.name', 'app-1'),
    text('deployment.environment.name', 'production'),
    text('telemetry.sdk.language', 'nodejs'),
    integer('process.pid', 4242),
  ],
}
const scope = { name: '@opentelemetry/instrumentation-http', version: '0.200.0' }
const routes = ['/', '/products/{id}', '/cart', '/checkout', '/login', '/api/orders/{id}']
const pick = (index: number): string => routes[index % routes.length] ?? '/'

function log(index: number): object {
  return {
    timeUnixNano: nanos(now + index),
    observedTimeUnixNano: nanos(now + index),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: `request ${hex(4)} to ${pick(index)} answered 200 in ${index % 300} ms` },
    attributes: [
      text('http.request.method', 'GET'),
      text('http.route', pick(index)),
      integer('http.response.status_code', 200),
      text('user.id', `u-${(index * 7919) % 50_000}`),
    ],
    traceId: hex(16),
    spanId: hex(8),
    flags: 1,
  }
}

function span(index: number): object {
  return {
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: hex(8),
    name: `GET ${pick(index)}`,
    kind: 2,
    startTimeUnixNano: nanos(now + index),
    endTimeUnixNano: nanos(now + index + 25),
    attributes: [
      text('http.request.method', 'GET'),
      text('http.route', pick(index)),
      text('url.path', `/products/${index * 31}`),
      text('url.scheme', 'http'),
      text('server.address', 'shop.example'),
      integer('server.port', 8080),
      integer('http.response.status_code', 200),
      text('network.protocol.version', '1.1'),
      text('client.address', `10.0.${index % 255}.${(index * 13) % 255}`),
    ],
    status: { code: 0 },
  }
}

function metric(index: number): object {
  const attributes = [
    text('http.request.method', 'GET'),
    text('http.route', pick(index)),
    integer('http.response.status_code', 200),
  ]
  const times = { startTimeUnixNano: nanos(now - 60_000), timeUnixNano: nanos(now) }
  if (index % 4 === 0) {
    const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    const point = {
      attributes,
      ...times,
      count: '420',
      sum: 12.5,
      bucketCounts: bounds.map((_, at) => `${at}`).concat('1'),
      explicitBounds: bounds,
    }
    return {
      name: 'http.server.request.duration',
      unit: 's',
      histogram: { dataPoints: [point], aggregationTemporality: 2 },
    }
  }
  const points = [1, 2, 3].map((value) => ({
    attributes: [...attributes, integer('n', value)],
    ...times,
    asDouble: index + value / 7,
  }))
  return {
    name: `app.figure.${index % 40}`,
    unit: '1',
    sum: { dataPoints: points, aggregationTemporality: 2, isMonotonic: true },
  }
}

const items = Array.from({ length: BATCH }, (_, index) => index)
const BODIES: Record<OtlpSignal, { body: Buffer; json: Buffer }> = {
  logs: bodyOf('logs', { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: items.map(log) }] }] }),
  spans: bodyOf('spans', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: items.map(span) }] }] }),
  metrics: bodyOf('metrics', {
    resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: items.map(metric) }] }],
  }),
}

function bodyOf(signal: OtlpSignal, json: object): { body: Buffer; json: Buffer } {
  return { body: encode(EXPORT_OF[signal], json), json: Buffer.from(JSON.stringify(json)) }
}

/** Runs of `once` per second of CPU time: the machine is shared, and waiting is not work. */
function rate(once: () => void): number {
  for (let warm = 0; warm < 200; warm += 1) once()
  const began = process.cpuUsage()
  const until = performance.now() + SECONDS * 1000
  let runs = 0
  while (performance.now() < until) {
    for (let each = 0; each < 20; each += 1) once()
    runs += 20
  }
  const { user, system } = process.cpuUsage(began)
  return runs / ((user + system) / 1e6)
}

console.log('signal   bytes/item   ours k/s   protobufjs k/s   ratio   JSON (ours) k/s')
for (const signal of ['logs', 'spans', 'metrics'] as const) {
  const { body, json } = BODIES[signal]
  const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
  const first = decoder.decode({ signal, encoding: 'protobuf', bytes: body, now })
  if (first.kind !== 'decoded' || first.batch.items.length !== first.received)
    throw new Error(`not decoded: ${signal}`)
  const { received } = first
  const ours = rate(() => void decoder.decode({ signal, encoding: 'protobuf', bytes: body, now })) * received
  const theirs = rate(() => void decode(EXPORT_OF[signal], body)) * received
  const ofJson = rate(() => void decoder.decode({ signal, encoding: 'json', bytes: json, now })) * received
  const k = (value: number): string => (value / 1000).toFixed(0)
  console.log(
    [
      signal.padEnd(9),
      String(Math.round(body.length / received)).padEnd(13),
      k(ours).padEnd(11),
      k(theirs).padEnd(17),
      (ours / theirs).toFixed(2).padEnd(8),
      k(ofJson),
    ].join(''),
  )
}
