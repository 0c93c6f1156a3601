import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode, EXPORT_OF } from '../../../test/otlp-schema.ts'
import { createOtlpDecoder } from './decoder.ts'
import type { Decoded, OtlpSignal } from './decoder.ts'
import { DEFAULT_TELEMETRY_LIMITS } from './limits.ts'
import type { TelemetryLimits } from './limits.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const NOW_NS = `${BigInt(NOW) * 1_000_000n}`
const DAY_MS = 86_400_000
const TRACE = '5b8efff798038103d269b633813fc60c'
const SPAN = 'eee19b7ec3c1b174'

type Whole = Decoded & { kind: 'decoded' }

function both(
  signal: OtlpSignal,
  json: object,
  limits: Partial<TelemetryLimits> = {},
): { protobuf: Decoded; json: Decoded } {
  const decoder = createOtlpDecoder({ ...DEFAULT_TELEMETRY_LIMITS, ...limits })
  const bytes = encode(EXPORT_OF[signal], json)
  const unpacked = encode(EXPORT_OF[signal], json, { isPacked: false })
  const decode = (body: Buffer): Decoded =>
    decoder.decode({ signal, encoding: 'protobuf', bytes: body, now: NOW })
  expect(decode(unpacked)).toEqual(decode(bytes))
  return {
    protobuf: decoder.decode({ signal, encoding: 'protobuf', bytes, now: NOW }),
    json: decoder.decode({ signal, encoding: 'json', bytes: Buffer.from(JSON.stringify(json)), now: NOW }),
  }
}

/** Decoded from both encodings, which have to agree. */
function decoded(signal: OtlpSignal, json: object, limits: Partial<TelemetryLimits> = {}): Whole {
  const { protobuf, json: ofJson } = both(signal, json, limits)
  expect(ofJson).toEqual(protobuf)
  if (protobuf.kind !== 'decoded') throw new Error(protobuf.reason)
  return protobuf
}

const logs = (...logRecords: object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
const spans = (...list: object[]): object => ({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] })
const metrics = (...list: object[]): object => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: list }] }] })
const aSpan = { traceId: TRACE, spanId: SPAN, startTimeUnixNano: NOW_NS, endTimeUnixNano: NOW_NS }
const of = (key: string, value: object): object => ({ key, value })
const refusedOf = ({ refused }: Whole): object => Object.fromEntries(refused)

describe('logs', () => {
  test('carry what the sender knew, in the words of the model', () => {
    const record = {
      timeUnixNano: NOW_NS,
      observedTimeUnixNano: `${BigInt(NOW + 5) * 1_000_000n}`,
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'it broke — ünïcode 🙂' },
      attributes: [of('http.route', { stringValue: '/a' }), of('n', { intValue: '9007199254740993' })],
      traceId: TRACE.toUpperCase(),
      spanId: SPAN,
      flags: 257,
      eventName: 'failure',
    }
    const resource = {
      attributes: [
        of('service.name', { stringValue: 'shop' }),
        of('service.version', { stringValue: '2' }),
        of('host.name', { stringValue: 'h1' }),
      ],
    }
    const scope = { name: 'lib', version: '1', attributes: [of('s', { boolValue: true })] }
    const { batch } = decoded('logs', {
      resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }],
    })
    expect(batch.items[0]).toEqual({
      resource: {
        serviceName: 'shop',
        serviceInstance: 'h1',
        serviceVersion: '2',
        attributes: new Map([
          ['service.name', 'shop'],
          ['service.version', '2'],
          ['host.name', 'h1'],
        ]),
      },
      scope: { name: 'lib', version: '1', attributes: new Map([['s', 'true']]) },
      timestamp: NOW,
      observedTimestamp: NOW + 5,
      severityNumber: 17,
      severityText: 'ERROR',
      body: 'it broke — ünïcode 🙂',
      attributes: new Map([
        ['http.route', '/a'],
        ['n', '9007199254740993'],
      ]),
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      eventName: 'failure',
    })
  })

  test.each([
    ['a text', { stringValue: 'x' }, 'x'],
    ['an empty text', { stringValue: '' }, ''],
    ['no value', {}, ''],
    ['false', { boolValue: false }, 'false'],
    ['zero', { intValue: '0' }, '0'],
    ['the smallest integer', { intValue: '-9223372036854775808' }, '-9223372036854775808'],
    ['a fraction', { doubleValue: 1.5 }, '1.5'],
    ['a small number', { doubleValue: 1e-9 }, '1e-9'],
    ['bytes', { bytesValue: 'aGVsbG8=' }, 'aGVsbG8='],
    [
      'a list',
      { arrayValue: { values: [{ stringValue: 'a"b' }, { intValue: '2' }, {}, { boolValue: true }] } },
      '["a\\"b",2,null,true]',
    ],
    ['an empty list', { arrayValue: {} }, '[]'],
    [
      'a map of lists',
      {
        kvlistValue: {
          values: [
            of('k', { arrayValue: { values: [{ doubleValue: 0.5 }] } }),
            { key: 'n' },
            of('b', { bytesValue: 'aGk=' }),
          ],
        },
      },
      '{"k":[0.5],"n":null,"b":"aGk="}',
    ],
  ])('%s becomes text', (_what, value, text) => {
    const { batch } = decoded(
      'logs',
      logs({ timeUnixNano: NOW_NS, body: value, attributes: [of('k', value)] }),
    )
    expect(batch.items[0]).toMatchObject({ body: text, attributes: new Map([['k', text]]) })
  })

  test.each([
    ['its own time', { timeUnixNano: NOW_NS }, NOW],
    [
      'the observed time where it has none',
      { observedTimeUnixNano: `${BigInt(NOW - 9) * 1_000_000n}` },
      NOW - 9,
    ],
    ['the time of arrival where it has neither', {}, NOW],
    ['the time of arrival where it was observed in 1970', { observedTimeUnixNano: '1000' }, NOW],
    [
      'its own time though it was observed in 2100',
      { timeUnixNano: NOW_NS, observedTimeUnixNano: '4102444800000000000' },
      NOW,
    ],
  ])('is kept at %s', (_what, record, at) => {
    expect(decoded('logs', logs({ ...record, severityText: 'x' })).batch.items[0]).toMatchObject({
      timestamp: at,
    })
  })
})

describe('spans', () => {
  test('have an exact duration, whatever the precision of their start', () => {
    const span = {
      ...aSpan,
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      traceState: 'a=b',
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: `${BigInt(NOW) * 1_000_000n + 1n}`,
      endTimeUnixNano: `${BigInt(NOW) * 1_000_000n + 1_234_568n}`,
      status: { code: 2, message: 'no' },
      events: [
        { timeUnixNano: NOW_NS, name: 'exception', attributes: [of('exception.type', { stringValue: 'E' })] },
      ],
      links: [{ traceId: TRACE, spanId: SPAN, traceState: 'x', attributes: [] }],
    }
    expect(decoded('spans', spans(span)).batch.items[0]).toMatchObject({
      traceId: TRACE,
      spanId: SPAN,
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      traceState: 'a=b',
      name: 'GET /',
      kind: 'server',
      durationNs: 1_234_567,
      status: 'error',
      statusMessage: 'no',
      events: [{ at: NOW, name: 'exception', attributes: new Map([['exception.type', 'E']]) }],
      links: [{ traceId: TRACE, spanId: SPAN, traceState: 'x' }],
    })
  })

  test('that end before they start last no time, and an event at an impossible time is at the start', () => {
    const startTimeUnixNano = `${BigInt(NOW + 5) * 1_000_000n}`
    const [span] = decoded('spans', spans({ ...aSpan, startTimeUnixNano, events: [{ timeUnixNano: '1' }] }))
      .batch.items
    expect(span).toMatchObject({ durationNs: 0, events: [{ at: NOW + 5 }] })
  })
})

describe('metrics', () => {
  const times = { startTimeUnixNano: `${BigInt(NOW - 60_000) * 1_000_000n}`, timeUnixNano: NOW_NS }
  const point = { ...times, attributes: [of('a', { stringValue: 'b' })] }
  test.each([
    ['gauge', { gauge: { dataPoints: [{ ...point, asInt: '-7' }] } }, { kind: 'gauge', value: -7 }],
    [
      'sum',
      { sum: { dataPoints: [{ ...point, asDouble: 1.25 }], aggregationTemporality: 1, isMonotonic: true } },
      { kind: 'sum', value: 1.25, temporality: 'delta', isMonotonic: true },
    ],
    [
      'histogram',
      {
        histogram: {
          dataPoints: [
            {
              ...point,
              count: '3',
              sum: 6,
              min: 1,
              max: 3,
              bucketCounts: ['1', '2', '0'],
              explicitBounds: [1, 5],
            },
          ],
          aggregationTemporality: 2,
        },
      },
      {
        kind: 'histogram',
        temporality: 'cumulative',
        count: 3,
        sum: 6,
        min: 1,
        max: 3,
        counts: [1, 2, 0],
        bounds: [1, 5],
      },
    ],
    [
      'histogram without minimum and maximum',
      {
        histogram: {
          dataPoints: [{ ...point, count: '1', bucketCounts: [], explicitBounds: [] }],
          aggregationTemporality: 2,
        },
      },
      { kind: 'histogram', count: 1, sum: 0, min: null, max: null, counts: [], bounds: [] },
    ],
    [
      'exponential histogram',
      {
        exponentialHistogram: {
          dataPoints: [
            {
              ...point,
              count: '9',
              sum: 4,
              scale: -3,
              zeroCount: '2',
              positive: { offset: -4, bucketCounts: ['1', '300'] },
              negative: {},
            },
          ],
          aggregationTemporality: 1,
        },
      },
      {
        kind: 'exponential-histogram',
        temporality: 'delta',
        count: 9,
        scale: -3,
        zeroCount: 2,
        positive: { offset: -4, counts: [1, 300] },
        negative: { offset: 0, counts: [] },
      },
    ],
    [
      'summary',
      {
        summary: {
          dataPoints: [{ ...point, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }],
        },
      },
      { kind: 'summary', count: 2, sum: 3, quantiles: [{ quantile: 0.5, value: 1 }] },
    ],
  ])('%s', (_kind, data, expected) => {
    const { batch, received } = decoded(
      'metrics',
      metrics({ name: 'm', unit: 's', description: 'd', ...data }),
    )
    expect(received).toBe(1)
    expect(batch.items[0]).toMatchObject({
      ...expected,
      metric: { name: 'm', unit: 's', description: 'd' },
      attributes: new Map([['a', 'b']]),
      startedAt: NOW - 60_000,
      at: NOW,
    })
  })

  test('points of a metric share what names it, and points without a value are skipped', () => {
    const dataPoints = [
      { ...point, asInt: 1 },
      { ...point, asInt: 2 },
      { ...point },
      { ...point, flags: 1, asInt: 3 },
    ]
    const { batch, skipped } = decoded('metrics', metrics({ name: 'm', gauge: { dataPoints } }))
    const [first, second] = batch.kind === 'metrics' ? batch.items : []
    expect(batch.items.length).toBe(2)
    expect(first?.metric).toBe(second?.metric)
    expect(skipped).toBe(2)
  })

  test('a number that is none is skipped', () => {
    expect(
      decoded('metrics', metrics({ name: 'm', gauge: { dataPoints: [{ ...point, asDouble: 'NaN' }] } })),
    ).toMatchObject({
      skipped: 1,
      batch: { items: [] },
    })
  })
})

describe('what is refused while the rest is kept', () => {
  const ns = (at: number): string => `${BigInt(at) * 1_000_000n}`
  test.each<[string, OtlpSignal, object, object]>([
    ['a log of 1970', 'logs', logs({ timeUnixNano: '1000' }, { timeUnixNano: NOW_NS }), { 'too-old': 1 }],
    [
      'a log of 2100',
      'logs',
      logs({ timeUnixNano: '4102444800000000000' }, { timeUnixNano: NOW_NS }),
      { 'in-future': 1 },
    ],
    [
      'a log of 31 days ago',
      'logs',
      logs({ timeUnixNano: ns(NOW - 31 * DAY_MS) }, { timeUnixNano: ns(NOW - 29 * DAY_MS) }),
      { 'too-old': 1 },
    ],
    [
      'a log 11 minutes ahead',
      'logs',
      logs({ timeUnixNano: ns(NOW + 660_000) }, { timeUnixNano: ns(NOW + 540_000) }),
      { 'in-future': 1 },
    ],
    [
      'a span that ends in 2100',
      'spans',
      spans({ ...aSpan, endTimeUnixNano: '4102444800000000000' }, aSpan),
      { 'in-future': 1 },
    ],
    ['a span without ids', 'spans', spans({ ...aSpan, traceId: '' }, aSpan), { 'invalid-id': 1 }],
    [
      'a span with an id of zeros',
      'spans',
      spans({ ...aSpan, spanId: '0000000000000000' }, aSpan),
      { 'invalid-id': 1 },
    ],
    ['a span with a short id', 'spans', spans({ ...aSpan, traceId: 'abcd' }, aSpan), { 'invalid-id': 1 }],
    [
      'a metric without a name',
      'metrics',
      metrics(
        { gauge: { dataPoints: [{ asInt: 1 }] } },
        { name: 'm', gauge: { dataPoints: [{ asInt: 1 }] } },
      ),
      { 'no-name': 1 },
    ],
    [
      'a histogram whose counts do not fit its bounds',
      'metrics',
      metrics({
        name: 'm',
        histogram: { dataPoints: [{ bucketCounts: ['1'], explicitBounds: [1, 2] }, { bucketCounts: ['1'] }] },
      }),
      { 'invalid-buckets': 1 },
    ],
    [
      'a histogram of too many buckets',
      'metrics',
      metrics({
        name: 'm',
        exponentialHistogram: {
          dataPoints: [
            { positive: { bucketCounts: Array.from({ length: 2000 }, () => '1') } },
            { positive: { bucketCounts: ['1'] } },
          ],
        },
      }),
      { 'invalid-buckets': 1 },
    ],
  ])('%s', (_what, ...[signal, json, refused]) => {
    const whole = decoded(signal, json)
    expect(refusedOf(whole)).toEqual(refused)
    expect(whole.batch.items.length).toBe(1)
    expect(whole.received).toBe(2)
  })
})

/** What the heap holds, once what nobody needs is gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

describe('limits', () => {
  test('hundreds of thousands of values of a label leave nothing behind', () => {
    const point = (index: number): object => ({
      asInt: 1,
      attributes: [of('user', { stringValue: `user-${String(index).padStart(8, '0')}` })],
    })
    const points = Array.from({ length: 10_000 }, (_, index) => point(index))
    const bytes = encode('ExportMetrics', metrics({ name: 'm', gauge: { dataPoints: points } }))
    const starts = points.map(
      (_, index) => bytes.indexOf(`user-${String(index).padStart(8, '0')}`) + 'user-'.length,
    )
    const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
    const before = heapBytes()
    for (let request = 0; request < 30; request += 1) {
      for (const start of starts) bytes.write(String(request).padStart(4, '0'), start, 'latin1')
      const outcome = decoder.decode({ signal: 'metrics', encoding: 'protobuf', bytes, now: NOW })
      expect(outcome.kind === 'decoded' && outcome.received).toBe(10_000)
    }
    expect(heapBytes() - before).toBeLessThan(6 * 1024 * 1024)
  })

  test('attributes over the limit are dropped and counted', () => {
    const attributes = Array.from({ length: 200 }, (_, index) => of(`k${index}`, { intValue: index }))
    const { batch, droppedAttributes } = decoded('logs', logs({ timeUnixNano: NOW_NS, attributes }))
    expect(batch.kind === 'logs' && batch.items[0]?.attributes.size).toBe(128)
    expect(droppedAttributes).toBe(72)
  })

  test('long values are cut between two characters, and marked', () => {
    const stringValue = 'ü'.repeat(100)
    const record = { timeUnixNano: NOW_NS, attributes: [of('k', { stringValue })], body: { stringValue } }
    const { batch, cutValues } = decoded('logs', logs(record), { maxValueLength: 11 })
    expect(cutValues).toBe(1)
    expect(batch.items[0]).toMatchObject({
      attributes: new Map([['k', `${'ü'.repeat(5)}… [cut from 200 bytes]`]]),
      body: stringValue,
    })
  })

  test('a long list is cut between two of its values', () => {
    const values = Array.from({ length: 1000 }, (_, index) => ({ intValue: index }))
    const { batch, cutValues } = decoded(
      'logs',
      logs({ timeUnixNano: NOW_NS, attributes: [of('k', { arrayValue: { values } })] }),
      {
        maxValueLength: 9,
      },
    )
    expect(cutValues).toBe(1)
    expect(batch.items[0]).toMatchObject({ attributes: new Map([['k', '[0,1,2,3,… [cut]']]) })
  })

  test('values nested too deeply are left out', () => {
    let value: object = { stringValue: 'x' }
    for (let depth = 0; depth < 40; depth += 1) value = { arrayValue: { values: [value] } }
    const { batch } = decoded('logs', logs({ timeUnixNano: NOW_NS, body: value }), { maxDepth: 3 })
    expect(batch.items[0]).toMatchObject({ body: '[[[["… [nested too deeply]"]]]]' })
  })

  test('events over the limit are dropped and counted', () => {
    const events = Array.from({ length: 130 }, () => ({ timeUnixNano: NOW_NS, name: 'e' }))
    const { batch, droppedAttributes } = decoded('spans', spans({ ...aSpan, events }))
    expect(batch.kind === 'spans' && batch.items[0]?.events.length).toBe(128)
    expect(droppedAttributes).toBe(2)
  })

  test('more items than are taken at once refuse the request', () => {
    const { protobuf, json } = both('logs', logs({}, {}, {}), { maxItems: 2 })
    expect(protobuf).toMatchObject({ kind: 'invalid', why: 'too-large' })
    expect(json).toEqual(protobuf)
  })

  test('a million empty records in two bytes each are not made', () => {
    // 0x12 0x00: an empty record in two bytes.
    const records = Buffer.alloc(2_000_000)
    for (let at = 0; at < records.length; at += 2) records[at] = 0x12
    const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
    const before = process.memoryUsage().heapUsed
    const outcome = decoder.decode({
      signal: 'logs',
      encoding: 'protobuf',
      bytes: framed(framed(records, 0x12), 0x0a),
      now: NOW,
    })
    expect(outcome).toMatchObject({ kind: 'invalid', why: 'too-large' })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
  })
})

function framed(content: Buffer, tag: number): Buffer {
  const length: number[] = []
  let rest = content.length
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128)
  return Buffer.concat([Buffer.from([tag, ...length, rest]), content])
}

describe('what cannot be read', () => {
  test.each<[string, OtlpSignal, string, string]>([
    ['a text', 'logs', 'hello', 'byte 3 of 5, Export…ServiceRequest, field 13'],
    [
      'a field that ends after the bytes',
      'logs',
      '\x0a\x7f\x00',
      'expected 127 bytes, found 1 until the end (byte 2 of 3',
    ],
    ['a varint without an end', 'spans', '\xff\xff', 'expected the rest of a varint'],
    ['a field number of 0', 'metrics', '\x02\x00', 'expected a field number, found 0'],
  ])('%s is refused where it is wrong', (_what, ...[signal, text, reason]) => {
    const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
    const outcome = decoder.decode({
      signal,
      encoding: 'protobuf',
      bytes: Buffer.from(text, 'latin1'),
      now: NOW,
    })
    expect(outcome).toMatchObject({
      kind: 'invalid',
      why: 'malformed',
      reason: expect.stringContaining(reason),
    })
  })

  test.each<[string, string, string]>([
    ['no JSON', '{"resourceLogs":', 'expected JSON'],
    ['a list', '[]', 'expected an object, found a list (the document)'],
    ['a text for a list', '{"resourceLogs":"x"}', 'expected a list, found "x" (resourceLogs)'],
    [
      'a word for a time',
      '{"resourceLogs":[{},{"scopeLogs":[{"logRecords":[{"timeUnixNano":"now"}]}]}]}',
      'found "now" (resourceLogs[1].scopeLogs[0].logRecords[0].timeUnixNano)',
    ],
    [
      'a number for a text',
      '{"resourceLogs":[{"scopeLogs":[{"scope":{"name":3}}]}]}',
      'found 3 (resourceLogs[0].scopeLogs[0].scope.name)',
    ],
  ])('%s is refused by its path', (_what, text, reason) => {
    const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
    const outcome = decoder.decode({ signal: 'logs', encoding: 'json', bytes: Buffer.from(text), now: NOW })
    expect(outcome).toMatchObject({
      kind: 'invalid',
      why: 'malformed',
      reason: expect.stringContaining(reason),
    })
  })
})

describe('what a sender may do', () => {
  const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)

  test('an empty body is an empty request', () => {
    for (const encoding of ['protobuf', 'json'] as const) {
      expect(decoder.decode({ signal: 'logs', encoding, bytes: Buffer.alloc(0), now: NOW })).toMatchObject({
        received: 0,
      })
    }
  })

  test('fields that are not known are ignored', () => {
    const json = {
      resourceLogs: [{ later: 1, scopeLogs: [{ logRecords: [{ severityText: 'a', later: { deep: [] } }] }] }],
      more: null,
    }
    const ofJson = decoder.decode({
      signal: 'logs',
      encoding: 'json',
      bytes: Buffer.from(JSON.stringify(json)),
      now: NOW,
    })
    expect(ofJson).toMatchObject({ batch: { items: [{ severityText: 'a' }] } })
    // Field 100 of each wire type, and a group, in front of the first block.
    const unknown = Buffer.from('a00601a1060102030405060708a20601ffa50601020304a3060801a406', 'hex')
    const known = encode('ExportLogs', logs({ severityText: 'a' }))
    const bytes = Buffer.concat([unknown, known])
    expect(decoder.decode({ signal: 'logs', encoding: 'protobuf', bytes, now: NOW })).toMatchObject({
      batch: { items: [{ severityText: 'a' }] },
    })
  })

  test('a resource behind its records is theirs all the same', () => {
    const scopes = framed(framed(framed(Buffer.from('1a0161', 'hex'), 0x12), 0x12), 0x12)
    const resource = encode('ExportLogs', {
      resourceLogs: [{ resource: { attributes: [of('service.name', { stringValue: 's' })] } }],
    }).subarray(2)
    const bytes = framed(Buffer.concat([scopes.subarray(2), resource]), 0x0a)
    expect(decoder.decode({ signal: 'logs', encoding: 'protobuf', bytes, now: NOW })).toMatchObject({
      batch: { items: [{ resource: { serviceName: 's' } }] },
    })
  })

  test('one resource in two requests is one object', () => {
    const json = {
      resourceLogs: [
        {
          resource: { attributes: [of('service.name', { stringValue: 's' })] },
          scopeLogs: [{ logRecords: [{}] }],
        },
      ],
    }
    const bytes = encode('ExportLogs', json)
    const resources = [1, 2].map(() => {
      const outcome = decoder.decode({
        signal: 'logs',
        encoding: 'protobuf',
        bytes: Buffer.from(bytes),
        now: NOW,
      })
      return outcome.kind === 'decoded' && outcome.batch.kind === 'logs'
        ? outcome.batch.items[0]?.resource
        : null
    })
    expect(resources[0]?.serviceName).toBe('s')
    expect(resources[0]).toBe(resources[1])
  })
})

const value = fc.letrec<{ any: object }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: fc.string({ unit: 'grapheme' }) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({
      doubleValue: fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((double) => (Object.is(double, -0) ? 0 : double)),
    }),
    fc.record({ bytesValue: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('any'), { maxLength: 4 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: fc.string(), value: tie('any') }), { maxLength: 4 }),
      }),
    }),
  ),
})).any
const attributes = fc.array(fc.record({ key: fc.string(), value }), { maxLength: 6 })
const time = fc
  .bigInt({ min: -60_000_000_000n, max: 60_000_000_000n })
  .map((offset) => `${BigInt(NOW) * 1_000_000n + offset}`)
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'))
const name = fc.string({ unit: 'grapheme', maxLength: 80 })
const count = fc.nat(100_000).map(String)
// JSON has no negative zero.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const block = { resource: fc.record({ attributes }), scope: fc.record({ name, version: name, attributes }) }

const anyLog = fc.record(
  {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: fc.nat(24),
    severityText: name,
    body: value,
    attributes,
    traceId: hex(16),
    spanId: hex(8),
    flags: fc.nat(),
    eventName: name,
  },
  { requiredKeys: [] },
)
const anySpan = fc.record(
  {
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: hex(8),
    traceState: name,
    name,
    kind: fc.nat(5),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    events: fc.array(fc.record({ timeUnixNano: time, name, attributes }), { maxLength: 3 }),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), traceState: name, attributes }), {
      maxLength: 3,
    }),
    status: fc.record({ code: fc.nat(2), message: name }),
  },
  { requiredKeys: ['traceId', 'spanId', 'startTimeUnixNano'] },
)
const point = { attributes, startTimeUnixNano: time, timeUnixNano: time, flags: fc.nat(1) }
const buckets = fc.record({ offset: fc.integer({ min: -5000, max: 5000 }), bucketCounts: fc.array(count) })
const numbers = fc.array(
  fc.oneof(
    fc.record({ ...point, asDouble: number }),
    fc.record({ ...point, asInt: fc.integer().map(String) }),
  ),
)
const temporality = fc.nat(2)
const anyMetric = fc
  .tuple(
    fc.record({ name, unit: name, description: name }),
    fc.oneof(
      fc.record({ gauge: fc.record({ dataPoints: numbers }) }),
      fc.record({
        sum: fc.record({
          dataPoints: numbers,
          aggregationTemporality: temporality,
          isMonotonic: fc.boolean(),
        }),
      }),
      fc.record({
        histogram: fc.record({
          aggregationTemporality: temporality,
          dataPoints: fc.array(
            fc
              .tuple(fc.record({ ...point, count, sum: number, min: number, max: number }), fc.array(number))
              .map(([data, explicitBounds]) => ({
                ...data,
                explicitBounds,
                bucketCounts: ['0', ...explicitBounds.map((_, at) => `${at}`)],
              })),
          ),
        }),
      }),
      fc.record({
        exponentialHistogram: fc.record({
          aggregationTemporality: temporality,
          dataPoints: fc.array(
            fc.record({
              ...point,
              count,
              sum: number,
              scale: fc.integer({ min: -10, max: 20 }),
              zeroCount: count,
              positive: buckets,
              negative: buckets,
            }),
          ),
        }),
      }),
      fc.record({
        summary: fc.record({
          dataPoints: fc.array(
            fc.record({
              ...point,
              count,
              sum: number,
              quantileValues: fc.array(fc.record({ quantile: number, value: number }), { maxLength: 4 }),
            }),
          ),
        }),
      }),
    ),
  )
  .map(([info, data]) => ({ ...info, ...data }))

const requests: Readonly<Record<OtlpSignal, fc.Arbitrary<object>>> = {
  logs: fc
    .array(fc.record({ ...block, logRecords: fc.array(anyLog, { maxLength: 4 }) }), { maxLength: 2 })
    .map((list) => ({
      resourceLogs: list.map(({ resource, scope, logRecords }) => ({
        resource,
        scopeLogs: [{ scope, logRecords }],
      })),
    })),
  spans: fc
    .array(fc.record({ ...block, spans: fc.array(anySpan, { maxLength: 4 }) }), { maxLength: 2 })
    .map((list) => ({
      resourceSpans: list.map(({ resource, scope, spans: sent }) => ({
        resource,
        scopeSpans: [{ scope, spans: sent }],
      })),
    })),
  metrics: fc
    .array(fc.record({ ...block, metrics: fc.array(anyMetric, { maxLength: 3 }) }), { maxLength: 2 })
    .map((list) => ({
      resourceMetrics: list.map(({ resource, scope, metrics: sent }) => ({
        resource,
        scopeMetrics: [{ scope, metrics: sent }],
      })),
    })),
}

describe('laws', () => {
  test.each(['logs', 'spans', 'metrics'] as const)('%s in protobuf and in JSON are the same', (signal) => {
    fc.assert(
      fc.property(requests[signal], (json) => {
        const whole = decoded(signal, json)
        expect(
          whole.batch.items.length +
            whole.skipped +
            [...whole.refused.values()].reduce((sum, one) => sum + one, 0),
        ).toBe(whole.received)
      }),
      { numRuns: 150 },
    )
  })

  test.each(['logs', 'spans', 'metrics'] as const)(
    'bytes of %s that were changed or cut are decoded or refused, never thrown',
    (signal) => {
      const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
      const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat(), { freq: 3 }) })
      fc.assert(
        fc.property(requests[signal], fc.array(change, { minLength: 1, maxLength: 4 }), (json, changes) => {
          const bytes = encode(EXPORT_OF[signal], json)
          if (bytes.length === 0) return
          let end = bytes.length
          for (const { at, byte, cut } of changes) {
            bytes[at % bytes.length] = byte
            if (cut !== null) end = Math.min(end, cut % bytes.length)
          }
          const outcome = decoder.decode({
            signal,
            encoding: 'protobuf',
            bytes: bytes.subarray(0, end),
            now: NOW,
          })
          expect(['decoded', 'invalid']).toContain(outcome.kind)
        }),
        { numRuns: 500 },
      )
    },
  )

  test.each(['logs', 'spans', 'metrics'] as const)(
    'any bytes and any JSON as %s are decoded or refused, never thrown',
    (signal) => {
      const decoder = createOtlpDecoder(DEFAULT_TELEMETRY_LIMITS)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (bytes, json) => {
          for (const body of [
            { encoding: 'protobuf', bytes },
            { encoding: 'json', bytes },
            { encoding: 'json', bytes: Buffer.from(json) },
          ] as const) {
            expect(['decoded', 'invalid']).toContain(decoder.decode({ signal, now: NOW, ...body }).kind)
          }
        }),
        { numRuns: 500 },
      )
    },
  )
})
