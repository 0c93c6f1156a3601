import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../../../test/otlp-schema.ts'
import { DEFAULT_TELEMETRY_LIMITS } from '../otlp/limits.ts'
import { createRemoteWriteDecoder } from './remote-write-decode.ts'
import type { RemoteWriteDecoder } from './remote-write-decode.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

type Labels = Readonly<Record<string, string>>
type Series = { labels: Labels; samples?: object[]; histograms?: object[] }

const labelsOf = (labels: Labels): object[] =>
  Object.entries(labels).map(([name, value]) => ({ name, value }))
const v1 = (series: readonly Series[], metadata: readonly object[] = []): Buffer =>
  encode('WriteRequest', {
    timeseries: series.map((one) => ({ ...one, labels: labelsOf(one.labels) })),
    metadata,
  })

function decoded(bytes: Buffer, options: { version?: '1.0' | '2.0'; decoder?: RemoteWriteDecoder } = {}) {
  const { version = '1.0', decoder = createRemoteWriteDecoder(DEFAULT_TELEMETRY_LIMITS) } = options
  const outcome = decoder.decode({ version, bytes, now: NOW })
  if (outcome.kind !== 'decoded') throw new Error(outcome.reason)
  return { ...outcome, items: outcome.batch.kind === 'metrics' ? outcome.batch.items : [] }
}

const sample = { value: 2, timestamp: NOW }

describe('a series', () => {
  test('is of the service that its job is, and of the instance', () => {
    const labels = { __name__: 'up', job: 'shop/api', instance: '10.0.0.1:9100', zone: 'a' }
    expect(decoded(v1([{ labels, samples: [sample] }])).items).toEqual([
      {
        kind: 'gauge',
        metric: {
          resource: {
            serviceName: 'api',
            serviceInstance: '10.0.0.1:9100',
            serviceVersion: '',
            attributes: new Map([
              ['service.namespace', 'shop'],
              ['service.name', 'api'],
              ['service.instance.id', '10.0.0.1:9100'],
            ]),
          },
          scope: { name: '', version: '', attributes: new Map() },
          name: 'up',
          description: '',
          unit: '',
        },
        attributes: new Map([['zone', 'a']]),
        startedAt: NOW,
        at: NOW,
        flags: 0,
        value: 2,
      },
    ])
  })

  test.each<[string, Labels, number | null, 'gauge' | 'sum']>([
    ['requests_total', {}, null, 'sum'],
    ['temperature', {}, null, 'gauge'],
    ['latency_bucket', { le: '0.5' }, null, 'sum'],
    ['honey_bucket', {}, null, 'gauge'],
    ['latency_count', {}, null, 'sum'],
    ['latency_sum', {}, 3, 'sum'],
    ['latency', { quantile: '0.9' }, 5, 'gauge'],
    ['latency_count', {}, 5, 'sum'],
    ['threads_count', {}, 2, 'gauge'],
    ['errors', {}, 1, 'sum'],
    ['grand_total', {}, 2, 'gauge'],
  ])('%s %j of type %s is a %s', (name, ...[labels, type, kind]) => {
    const decoder = createRemoteWriteDecoder(DEFAULT_TELEMETRY_LIMITS)
    const family = kind === 'sum' && type !== 1 ? name.replace(/_(count|sum)$/, '') : name
    // The metadata comes in a request of its own, before or after.
    if (type !== null)
      decoded(v1([], [{ type, metricFamilyName: family, help: 'What it is', unit: 's' }]), { decoder })
    const [point] = decoded(v1([{ labels: { __name__: name, ...labels }, samples: [sample] }]), {
      decoder,
    }).items
    expect(point?.kind).toBe(kind)
    const counts = kind === 'sum' ? { temporality: 'cumulative', isMonotonic: true } : {}
    const told = type === null ? {} : { description: 'What it is', unit: 's' }
    expect(point).toMatchObject({ ...counts, metric: told })
  })

  test('keeps what is sound of it', () => {
    const samples = [
      sample,
      { value: Number.NaN, timestamp: NOW },
      { value: 1, timestamp: 1000 },
      { value: 1, timestamp: NOW + 3_600_000 },
    ]
    const { items, skipped, refused, received } = decoded(
      v1([
        { labels: { __name__: 'a' }, samples },
        { labels: { job: 'x' }, samples: [sample] },
      ]),
    )
    expect(items.length).toBe(1)
    expect({ skipped, received, ...Object.fromEntries(refused) }).toEqual({
      skipped: 1,
      received: 5,
      'too-old': 1,
      'in-future': 1,
      'no-name': 1,
    })
  })

  test('of a resource that came before is of the same object', () => {
    const decoder = createRemoteWriteDecoder(DEFAULT_TELEMETRY_LIMITS)
    const body = v1([{ labels: { __name__: 'a', job: 'j', instance: 'i' }, samples: [sample] }])
    const [first, second] = [decoded(body, { decoder }), decoded(body, { decoder })]
    expect(first.items[0]?.metric.resource).toBe(second.items[0]?.metric.resource)
  })
})

describe('version 2.0', () => {
  const symbols = ['', '__name__', 'requests', 'job', 'shop', 'How many', '{request}']
  const series = {
    labelsRefs: [1, 2, 3, 4],
    samples: [{ value: 7, timestamp: NOW }],
    metadata: { type: 1, helpRef: 5, unitRef: 6 },
    createdTimestamp: NOW - 5000,
  }
  test.each([true, false])('looks its texts up in the table, and knows the type (packed: %s)', (isPacked) => {
    const { items } = decoded(encode('WriteRequest2', { symbols, timeseries: [series] }, { isPacked }), {
      version: '2.0',
    })
    expect(items).toMatchObject([
      {
        kind: 'sum',
        value: 7,
        startedAt: NOW - 5000,
        metric: {
          name: 'requests',
          description: 'How many',
          unit: '{request}',
          resource: { serviceName: 'shop' },
        },
      },
    ])
  })

  test('the start of a sample stands in the sample since rc.4', () => {
    const samples = [{ value: 7, timestamp: NOW, startTimestamp: NOW - 9 }]
    const { items } = decoded(encode('WriteRequest2', { symbols, timeseries: [{ ...series, samples }] }), {
      version: '2.0',
    })
    expect(items[0]?.startedAt).toBe(NOW - 9)
  })

  test.each([
    [[1, 99], 'expected a reference to one of 7 symbols, found 99'],
    [[1], 'a name without a value'],
  ])('references %j are refused', (labelsRefs, reason) => {
    const bytes = encode('WriteRequest2', { symbols, timeseries: [{ ...series, labelsRefs }] })
    expect(() => decoded(bytes, { version: '2.0' })).toThrow(reason)
  })
})

describe('a native histogram', () => {
  const histogram = (more: object): Buffer =>
    v1([{ labels: { __name__: 'h' }, histograms: [{ timestamp: NOW, sum: 5, countInt: 6, ...more }] }])

  test('becomes an exponential one, its buckets counted from their lower bound', () => {
    const sent = {
      schema: 3,
      zeroCountInt: 2,
      positiveSpans: [
        { offset: -1, length: 2 },
        { offset: 2, length: 1 },
      ],
      positiveDeltas: [1, 1, -1],
      negativeSpans: [{ offset: 4, length: 1 }],
      negativeDeltas: [3],
    }
    expect(decoded(histogram(sent)).items[0]).toMatchObject({
      kind: 'exponential-histogram',
      temporality: 'cumulative',
      count: 6,
      sum: 5,
      scale: 3,
      zeroCount: 2,
      positive: { offset: -2, counts: [1, 2, 0, 0, 1] },
      negative: { offset: 3, counts: [3] },
      min: null,
    })
  })

  test('with bounds of its own becomes an explicit one', () => {
    const sent = {
      schema: -53,
      customValues: [1, 2],
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveDeltas: [2, 2],
    }
    expect(decoded(histogram(sent)).items[0]).toMatchObject({
      kind: 'histogram',
      bounds: [1, 2],
      counts: [0, 2, 4],
    })
  })

  test('with gaps as wide as numbers go stays small, and loses no count', () => {
    const spans = {
      positiveSpans: [
        { offset: -2_000_000_000, length: 1 },
        { offset: 2_000_000_000, length: 1 },
        { offset: 2_000_000_000, length: 1 },
      ],
    }
    const [point] = decoded(histogram({ schema: 8, ...spans, positiveDeltas: [1, 1, 1] })).items
    if (point?.kind !== 'exponential-histogram') throw new Error('another kind')
    expect(point.positive.counts.length).toBeLessThanOrEqual(320)
    expect(point.positive.counts.reduce((sum, one) => sum + one, 0)).toBe(6)
  })

  test.each([
    [
      'runs longer than its counts',
      { positiveSpans: [{ offset: 0, length: 4_000_000_000 }], positiveDeltas: [1] },
    ],
    [
      'runs that go backwards',
      {
        positiveSpans: [
          { offset: 0, length: 1 },
          { offset: -5, length: 1 },
        ],
        positiveDeltas: [1, 1],
      },
    ],
    ['a schema that is not known', { schema: 99 }],
    [
      'a bucket beyond its bounds',
      { schema: -53, customValues: [1], positiveSpans: [{ offset: 5, length: 1 }], positiveDeltas: [1] },
    ],
  ])('with %s is refused', (_what, sent) => {
    expect(Object.fromEntries(decoded(histogram(sent)).refused)).toEqual({ 'invalid-buckets': 1 })
  })

  test('that ended, or that is no counter, is skipped', () => {
    expect(decoded(histogram({ sum: Number.NaN })).skipped).toBe(1)
    expect(decoded(histogram({ resetHint: 3 })).skipped).toBe(1)
  })
})

test('bytes of any kind are decoded or refused, never thrown', () => {
  const decoder = createRemoteWriteDecoder(DEFAULT_TELEMETRY_LIMITS)
  const sound = v1([
    {
      labels: { __name__: 'h', a: 'b' },
      samples: [sample],
      histograms: [{ timestamp: NOW, positiveSpans: [{ offset: 1, length: 1 }], positiveDeltas: [1] }],
    },
  ])
  const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(change, { maxLength: 4 }), (any, changes) => {
      const changed = Buffer.from(sound)
      for (const { at, byte } of changes) changed[at] = byte
      for (const bytes of [any, changed]) {
        for (const version of ['1.0', '2.0'] as const) {
          expect(['decoded', 'invalid']).toContain(decoder.decode({ version, bytes, now: NOW }).kind)
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('a million label values in one request do not stay', () => {
  const decoder = createRemoteWriteDecoder(DEFAULT_TELEMETRY_LIMITS)
  const began = performance.now()
  for (let request = 0; request < 10; request += 1) {
    const series = Array.from({ length: 5000 }, (_, index) => ({
      labels: { __name__: 'm', job: `j${request}-${index}`, id: `${request}-${index}` },
      samples: [sample],
    }))
    expect(decoded(v1(series), { decoder }).items.length).toBe(5000)
  }
  expect(performance.now() - began).toBeLessThan(10_000)
})
