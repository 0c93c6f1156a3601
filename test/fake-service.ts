import { configSchema } from '../src/contract/config.ts'
import type { Silence } from '../src/contract/rules.ts'
import type { LiveDetection } from '../src/detect/index.ts'
import { createEventHub } from '../src/service/event-hub.ts'
import type { Service } from '../src/service/service.ts'
import { createRedactBatches } from '../src/telemetry/index.ts'
import type { Change, LogRecord, ReceivedAlert, Span, TelemetryBatch } from '../src/telemetry/index.ts'

export const NOON = Date.UTC(2026, 2, 3, 12)

const resource = {
  serviceName: 'shop',
  serviceInstance: 'app1',
  serviceVersion: '1.0.0',
  attributes: new Map([['host.name', 'web-1']]),
}
const scope = { name: 'http', version: '1', attributes: new Map<string, string>() }

export const aDetection: LiveDetection = {
  id: 'd1',
  rule: 'error-rate',
  subject: { service: 'shop', route: 'GET /', instance: null, resource: null },
  urgency: 'P1',
  startedAt: NOON - 10_000,
  detectedAt: NOON - 8_000,
  endedAt: null,
  summary: '45 % of requests failed (15 of 33 in 2 s, limit 1 %)',
  evidence: [{ name: 'failed', value: 15, unit: '{request}' }],
  group: 'd1',
  suppressedBy: null,
}

const aLog: LogRecord = {
  resource,
  scope,
  timestamp: NOON + 0.5,
  observedTimestamp: NOON,
  severityNumber: 17,
  severityText: 'ERROR',
  body: 'it broke',
  attributes: new Map([['http.route', '/']]),
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 1,
  eventName: '',
}

const aSpan: Span = {
  resource,
  scope,
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: '',
  traceState: '',
  name: 'GET /',
  kind: 'server',
  startedAt: NOON,
  durationNs: 12_345_678,
  status: 'error',
  statusMessage: '',
  attributes: new Map(),
  events: [{ at: NOON, name: 'exception', attributes: new Map([['exception.type', 'TypeError']]) }],
  links: [],
}

export const aChange: Change = {
  id: 'c1',
  at: NOON,
  kind: 'deploy',
  service: 'shop',
  from: 'v1',
  to: 'v2',
  commit: null,
  who: null,
  summary: 'release v2',
  source: 'webhook',
}

const anAlert: ReceivedAlert = {
  key: 'k',
  source: 'alertmanager',
  status: 'firing',
  name: 'HighErrors',
  service: 'shop',
  severity: 'critical',
  summary: 'many errors',
  startedAt: NOON,
  endedAt: null,
  labels: new Map([['severity', 'critical']]),
  url: null,
}

const page = <Item>(...data: readonly Item[]) => ({
  data,
  pagination: { next: data.length > 0 ? 'more' : null },
})

function fakeStored(): Service['stored'] {
  const point = { at: NOON, requests: 10, failed: 4, p50Ms: 3, p95Ms: 20, p99Ms: null }
  const metricPoint = { at: NOON, count: 1, sum: 2, min: 2, max: 2, last: 2 }
  const aSeries = { attributes: { a: 'b' }, instance: 'app1' }
  const quantiles = { p50: 1, p95: 2, p99: null }
  const distributionPoint = { at: NOON, count: 2, sum: 3, average: 1.5, min: 1, max: 2, ...quantiles }
  const probe = { at: NOON, probe: 'home', kind: 'http', target: 'http://shop/', service: null } as const
  return {
    services: async () => [
      { service: 'shop', requests: 10, failed: 4, logs: 3, errorLogs: 1, metricPoints: 5, lastSeenAt: NOON },
    ],
    logs: async () => page(aLog),
    spans: async () => page(aSpan),
    trace: async (traceId) => (traceId === 'a'.repeat(32) ? [aSpan] : []),
    metricNames: async () => [{ service: 'shop', metric: 'cpu', kind: 'gauge', unit: '1', series: 2 }],
    metricSeries: async () => [
      { ...aSeries, kind: 'gauge', points: [metricPoint] },
      {
        ...aSeries,
        kind: 'sum',
        temporality: 'cumulative',
        isMonotonic: true,
        points: [{ ...metricPoint, max: null, increase: 60, ratePerSecond: 1 }],
      },
      { ...aSeries, kind: 'histogram', temporality: 'delta', points: [distributionPoint] },
    ],
    requests: async () => [{ service: 'shop', route: 'GET /', origin: 'span', points: [point] }],
    detections: async () => page(aDetection),
    detection: async (id) =>
      id === 'd1'
        ? { detection: aDetection, events: [{ at: NOON, kind: 'detected', detection: aDetection }] }
        : null,
    changes: async () => page(aChange),
    reports: async () =>
      page({ id: 'r1', at: NOON, text: 'broken', service: null, url: null, source: 'form' }),
    probes: async () =>
      page({ ...probe, succeeded: false, durationMs: 12, reason: 'refused', expiresInSeconds: null }),
    alerts: async () => page(anAlert),
    databases: async () => page(),
    async *replay() {},
    stats: async () => ({
      engine: { state: 'up', restarts: 1, residentBytes: 300e6 },
      queue: { bytes: 10, limitBytes: 100 },
      movedTimes: 0,
      tables: [{ table: 'otel_logs', rows: 5, bytes: 100, parts: 1 }],
      diskBytes: 100,
      freeBytes: 1e9,
    }),
    isReady: () => true,
  }
}

export type FakeService = Service & { readonly took: TelemetryBatch[]; readonly told: string[] }

/** A service without engine, sockets or clock: what it took and was told is there to look at. */
export function fakeService(config: unknown = {}, overrides: Partial<Service> = {}): FakeService {
  const took: TelemetryBatch[] = []
  const told: string[] = []
  let silences: readonly Silence[] = []
  let ids = 0
  const parsed = configSchema.parse(config)
  return {
    took,
    told,
    version: '0.1.0',
    startedAt: NOON - 60_000,
    now: () => NOON,
    newId: () => `id-${++ids}`,
    config: () => parsed,
    stored: fakeStored(),
    detector: {
      active: () => [aDetection],
      services: () => [],
      figures: () => ({ series: 3 }),
    },
    hub: createEventHub(() => NOON),
    intake: {
      async take(batches) {
        took.push(...batches)
        return { kind: 'stored' }
      },
    },
    redact: createRedactBatches(),
    silences: {
      all: () => silences,
      add: async (silence) => void (silences = [...silences, silence]),
      async end(id) {
        const known = silences.some((silence) => silence.id === id)
        silences = silences.filter((silence) => silence.id !== id)
        return known
      },
    },
    async webhook(name, { body }) {
      told.push(`${name} ${Buffer.from(body).toString()}`)
      return { status: 200, message: 'stored', taken: 1, retryAfterSeconds: null }
    },
    async receive(request, response) {
      told.push(request.url ?? '')
      response.end('{}')
      return true
    },
    reload: async () => ({ ok: true, notes: [] }),
    state: () => ({
      isStopping: false,
      isReady: true,
      listening: ['OTLP/HTTP 127.0.0.1:4318'],
      sources: [
        {
          source: 'probe',
          name: 'home',
          state: { kind: 'working', reason: '', lastAt: NOON, taken: 4, dropped: 0 },
        },
      ],
      received: [],
      inFlightBytes: 0,
      intake: { stored: new Map([['logs', 3]]), triedLater: 0, lagMs: 20 },
      unsavedDetections: 0,
      refusedConfiguration: null,
    }),
    ...overrides,
  }
}
