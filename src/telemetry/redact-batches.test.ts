import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogRecord } from './log-record.ts'
import type { MetricPoint } from './metric-point.ts'
import { createRedactBatches } from './redact-batches.ts'
import { REDACTED } from './redact.ts'
import type { Resource } from './resource.ts'
import { isSecretName } from './secret-names.ts'
import type { Span } from './span.ts'
import type { TelemetryBatch } from './telemetry-batch.ts'

const resource: Resource = {
  serviceName: 'shop',
  serviceInstance: 'app1',
  serviceVersion: '1.0.0',
  attributes: new Map([['host.name', 'web-1']]),
}
const scope = { name: 'http', version: '1', attributes: new Map<string, string>() }

function log(body: string, attributes: Record<string, string> = {}): LogRecord {
  return {
    resource,
    scope,
    timestamp: 1,
    observedTimestamp: 1,
    severityNumber: 9,
    severityText: 'INFO',
    body,
    attributes: new Map(Object.entries(attributes)),
    traceId: '4111111111111111aaaaaaaaaaaaaaaa',
    spanId: '5500000000000004',
    traceFlags: 1,
    eventName: '',
  }
}

function span(attributes: Record<string, string>): Span {
  return {
    resource,
    scope,
    traceId: '4111111111111111aaaaaaaaaaaaaaaa',
    spanId: '5500000000000004',
    parentSpanId: '',
    traceState: '',
    name: 'GET /',
    kind: 'server',
    startedAt: 1,
    durationNs: 2_000_000,
    status: 'error',
    statusMessage: 'login of ann@example.com failed',
    attributes: new Map(Object.entries(attributes)),
    events: [
      { at: 1, name: 'exception', attributes: new Map([['exception.message', 'password=hunter2 is wrong']]) },
    ],
    links: [],
  }
}

/** What the store would write: maps shown as objects. */
const written = (batches: readonly TelemetryBatch[]): string =>
  JSON.stringify(batches, (_key, value: unknown) =>
    value instanceof Map ? (Object.fromEntries(value) as unknown) : value,
  )

function gauge(unit: string): MetricPoint {
  const metric = { resource, scope, name: 'queue', description: '', unit }
  return { kind: 'gauge', metric, attributes: new Map(), startedAt: 1, at: 1, flags: 0, value: 1 }
}

const letters = (of: string) => fc.constantFrom(...of.split(''))
const token = fc.string({ minLength: 20, maxLength: 40, unit: letters('abcdefGHIJKL0123456789') })
const noise = fc.string({ maxLength: 60, unit: letters('abc xyz:/.,-_="\n\'{}019') })

/** Each puts a secret where real programs leave one; `secret` must not be in what is written. */
const planted: fc.Arbitrary<{ readonly batch: TelemetryBatch; readonly secret: string }> = fc
  .record({
    token,
    before: noise,
    after: noise,
    place: fc.constantFrom(
      'body',
      'attribute',
      'named',
      'event',
      'report',
      'change',
      'label',
      'probe',
      'route',
      'severity',
      'event name',
      'attribute name',
      'scope',
      'unit',
    ),
    form: fc.constantFrom(
      (secret: string) => `password=${secret}`,
      (secret: string) => `"token": "${secret}"`,
      (secret: string) => `Authorization: Bearer ${secret}`,
      (secret: string) => `postgres://shop:${secret}@db/shop`,
      (secret: string) => `ghp_${secret}`,
      (secret: string) => `${secret}@example.com`,
      (secret: string) => `?api_key=${secret}&x=1`,
      (secret: string) => `eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}`,
    ),
  })
  .map(({ token: secret, before, after, place, form }) => {
    const text = `${before} ${form(secret)} ${after}`
    return { batch: batchWith(place, text, secret), secret }
  })

function batchWith(place: string, text: string, secret: string): TelemetryBatch {
  switch (place) {
    case 'body':
      return { kind: 'logs', items: [log(text)] }
    case 'attribute':
      return { kind: 'logs', items: [log('fine', { 'url.full': text })] }
    case 'named':
      return { kind: 'spans', items: [span({ 'http.request.header.authorization': secret })] }
    case 'severity':
      return { kind: 'logs', items: [{ ...log('fine'), severityText: text, eventName: text }] }
    case 'event name': {
      const events = [{ at: 1, name: text, attributes: new Map<string, string>() }]
      return { kind: 'spans', items: [{ ...span({}), events, traceState: text }] }
    }
    case 'attribute name':
      return { kind: 'logs', items: [log('fine', { [text]: 'x' })] }
    case 'scope':
      return {
        kind: 'logs',
        items: [
          {
            ...log('fine'),
            scope: { ...scope, name: text, version: text },
            resource: { ...resource, serviceVersion: text },
          },
        ],
      }
    case 'unit':
      return { kind: 'metrics', items: [gauge(text)] }
    case 'event': {
      const events = [{ at: 1, name: 'exception', attributes: new Map([['exception.stacktrace', text]]) }]
      return { kind: 'spans', items: [{ ...span({}), events }] }
    }
    case 'report':
      return {
        kind: 'reports',
        items: [{ id: '1', at: 1, text, service: text, url: text, source: 'api' }],
      }
    case 'change': {
      const change = { at: 1, kind: 'deploy', service: text, from: null, to: null, commit: null } as const
      return { kind: 'changes', items: [{ ...change, who: text, summary: text, source: 'git', id: '1' }] }
    }
    case 'label': {
      const alert = {
        key: 'k',
        source: 'x',
        status: 'firing',
        name: 'n',
      } as const
      const labels = new Map([['instance', text]])
      return {
        kind: 'alerts',
        items: [
          {
            ...alert,
            service: text,
            severity: text,
            summary: text,
            startedAt: 1,
            endedAt: null,
            labels,
            url: text,
          },
        ],
      }
    }
    case 'probe': {
      const probe = { at: 1, probe: 'p', kind: 'http', service: null, succeeded: false } as const
      return {
        kind: 'probes',
        items: [{ ...probe, target: text, durationMs: 1, reason: text, expiresInSeconds: null }],
      }
    }
    default: {
      const outcome = { at: 1, status: 200, noAnswer: null, durationMs: 1 } as const
      return {
        kind: 'requests',
        items: [{ service: 'shop', outcomes: [{ ...outcome, route: text, client: text }] }],
      }
    }
  }
}

test('what is planted is never written', () => {
  const redactBatches = createRedactBatches()
  fc.assert(
    fc.property(planted, ({ batch, secret }) => {
      expect(written(redactBatches([batch]))).not.toContain(secret)
    }),
    { numRuns: 1000 },
  )
})

test('ids, times and numbers are left as they are, and what is clean is the same object', () => {
  const redactBatches = createRedactBatches()
  const value = fc.oneof(
    fc.uuid(),
    fc.nat().map(String),
    fc.double({ noNaN: true }).map(String),
    fc.string({ minLength: 32, maxLength: 32, unit: letters('0123456789abcdef') }),
    fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }).map(String),
    fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_999_000_000_000_000_000n }).map(String),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((at) => at.toISOString()),
    fc.ipV4(),
    fc.constantFrom('GET', 'http.route', '/api/carts/{id}', 'gpt-4', 'max_tokens', '10.0.0.1:5432'),
  )
  fc.assert(
    fc.property(value, (text) => {
      const record = log(`request ${text} done`, { 'request.id': text, 'gen_ai.usage.input_tokens': '12' })
      const [batch] = redactBatches([{ kind: 'logs', items: [record] }])
      expect(batch?.items[0]).toBe(record)
    }),
    { numRuns: 500 },
  )
})

test('a shared resource stays shared, and is cleaned once', () => {
  const leaky = { ...resource, attributes: new Map([['process.command_line', 'app --password=hunter2']]) }
  const records = [log('a'), log('b')].map((record) => ({ ...record, resource: leaky }))
  const [batch] = createRedactBatches()([{ kind: 'logs', items: records }])
  const [one, other] = batch?.kind === 'logs' ? batch.items : []
  expect(one?.resource).toBe(other?.resource)
  expect(written(batch ? [batch] : [])).not.toContain('hunter2')
})

test('statements keep their shape and lose what people said', () => {
  const statement = "INSERT INTO users (mail, note) VALUES ('it''s me', 'a secret wish') RETURNING id"
  const [batch] = createRedactBatches()([{ kind: 'spans', items: [span({ 'db.query.text': statement })] }])
  expect(written(batch ? [batch] : [])).toContain('INSERT INTO users (mail, note) VALUES (?, ?) RETURNING id')
})

test('two clients stay two, whoever they are', () => {
  const outcome = { at: 1, route: 'GET /', status: 500, noAnswer: null, durationMs: 1 }
  const outcomes = ['ann@example.com', 'bob@example.com', '10.0.0.7'].map((client) => ({
    ...outcome,
    client,
  }))
  const [batch] = createRedactBatches()([{ kind: 'requests', items: [{ service: 'shop', outcomes }] }])
  const clients = batch?.kind === 'requests' ? batch.items[0]?.outcomes.map(({ client }) => client) : []
  expect(new Set(clients).size).toBe(3)
  expect(clients?.at(-1)).toBe('10.0.0.7')
  expect(written(batch ? [batch] : [])).not.toContain('example.com')
})

test("rules of one's own come on top", () => {
  const redactBatches = createRedactBatches({
    patterns: [{ pattern: /customer-\d+/g, replacement: '[customer]' }],
    attributes: ['app.note'],
  })
  const batches = redactBatches([{ kind: 'logs', items: [log('of customer-17', { 'app.note': 'x' })] }])
  const [record] = batches[0]?.kind === 'logs' ? batches[0].items : []
  expect(record?.body).toBe('of [customer]')
  expect(record?.attributes.get('app.note')).toBe(REDACTED)
})

test.each([
  ['db.password', true],
  ['http.request.header.x-api-key', true],
  ['http.request.header.authorization', true],
  ['http.request.header.set-cookie', true],
  ['accessKeyId', true],
  ['user.accessToken', true],
  ['payment.card_number', true],
  ['gen_ai.usage.input_tokens', false],
  ['token.count', false],
  ['k8s.secret.name', false],
  ['messaging.kafka.message.key', false],
  ['http.route', false],
  ['compass.heading', false],
])('the name %s says that its value is a secret: %s', (name, expected) => {
  expect(isSecretName(name)).toBe(expected)
})
