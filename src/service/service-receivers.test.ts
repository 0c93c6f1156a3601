import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { EXPORT_OF, encode } from '../../test/otlp-schema.ts'
import { createMemoryStore } from '../store/index.ts'
import { readConfig } from './read-config.ts'
import { openReceivers, type Receivers } from './service-receivers.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const DAY_MS = 86_400_000
const TOKEN = 'a-token-of-16-letters'
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

async function opened(text: string) {
  const read = readConfig(text, { variable: () => null, file: () => null })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  let { retention } = read.config
  const store = createMemoryStore()
  const receivers = await openReceivers(
    {
      intake: { take: (batches) => store.append(batches) },
      now: () => NOON,
      note: () => {},
      retention: () => retention,
    },
    read,
  )
  onTestFinished(() => receivers.close())
  const keepLogs = (logs: number): void => {
    retention = { ...retention, logs }
  }
  return { receivers, store, keepLogs }
}

const QUIET = 'sources: {otlp: {http: {enabled: false}, grpc: {enabled: false}}}'

type Sent = { readonly path: string; readonly type: string; readonly body: string | Uint8Array }

/** Through a server of its own, as the API's door does. */
async function send({ handle }: Receivers, { path, type, body }: Sent): Promise<unknown> {
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const init = { method: 'POST', headers: { 'content-type': type }, body }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
  expect(response.status).toBe(200)
  return type === 'application/json' ? response.json() : null
}

test('what is too old follows the retention that is in force', async () => {
  const { receivers, store, keepLogs } = await opened(`${QUIET}\nretention: {logs: 1d}`)
  const timeUnixNano = String((NOON - 5 * DAY_MS) * 1e6)
  const logRecords = [{ timeUnixNano, body: { stringValue: 'of five days ago' } }]
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  const old = { path: '/v1/logs', type: 'application/json', body }
  const stored = async () => (await store.logs({ window: { from: 0, to: NOON } })).data.length

  expect(await send(receivers, old)).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } })
  expect(await stored()).toBe(0)
  keepLogs(10 * DAY_MS)
  expect(await send(receivers, old)).toEqual({})
  expect(await stored()).toBe(1)
  keepLogs(2 * DAY_MS)
  expect(await send(receivers, old)).toMatchObject({
    partialSuccess: { errorMessage: expect.stringContaining('older than the 2 days') },
  })
  expect(await stored()).toBe(1)
})

const timeUnixNano = String(NOON * 1e6)
const point = (asDouble: number | string): object => ({ timeUnixNano, asDouble })
const totals = { timeUnixNano, count: '2', explicitBounds: [1], bucketCounts: ['1', '1'] }

/** As JSON says what JSON has no number for, and as protobuf does. */
function metricsOf(say: (value: number) => number | string): object {
  const values = [Number.NaN, Infinity, -Infinity, 1].map((value, index) => ({
    ...point(say(value)),
    attributes: [{ key: 'at', value: { stringValue: String(index) } }],
  }))
  const isMonotonic = true
  const metrics = [
    { name: 'gauge', gauge: { dataPoints: values } },
    { name: 'sum', sum: { dataPoints: values, aggregationTemporality: 1, isMonotonic } },
    {
      name: 'histogram',
      histogram: { aggregationTemporality: 1, dataPoints: [{ ...totals, sum: say(Infinity) }] },
    },
    { name: 'summary', summary: { dataPoints: [{ timeUnixNano, count: '1', sum: say(Number.NaN) }] } },
  ]
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }]
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] }
}

test.each([
  ['JSON', 'application/json', JSON.stringify(metricsOf((value) => (value === 1 ? 1 : String(value))))],
  [
    'protobuf',
    'application/x-protobuf',
    encode(
      EXPORT_OF.metrics,
      metricsOf((value) => value),
    ),
  ],
] as const)('NaN and infinity in %s are taken, and told as null', async (_name, type, body) => {
  const { receivers, store } = await opened(QUIET)
  await send(receivers, { path: '/v1/metrics', type, body })
  const window = { from: NOON - 60_000, to: NOON + 60_000 }
  const seriesOf = (metric: string) => store.metricSeries({ window, service: 'shop', metric })
  const gauges = await seriesOf('gauge')
  // A point of NaN says nothing, and is not kept.
  expect(gauges.map(({ attributes, points }) => [attributes['at'], points[0]])).toEqual([
    ['1', { at: NOON, count: 1, sum: null, min: null, max: null, last: null }],
    ['2', { at: NOON, count: 1, sum: null, min: null, max: null, last: null }],
    ['3', { at: NOON, count: 1, sum: 1, min: 1, max: 1, last: 1 }],
  ])
  expect((await seriesOf('sum')).map(({ points }) => points)).toMatchObject([
    [{ increase: null, ratePerSecond: null }],
    [{ increase: null, ratePerSecond: null }],
    [{ increase: 1 }],
  ])
  expect(await seriesOf('histogram')).toMatchObject([
    { points: [{ count: 2, sum: null, average: null, p50: 1 }] },
  ])
  expect(await seriesOf('summary')).toMatchObject([{ kind: 'summary', points: [] }])
})

test.each([
  ['says the token', `Bearer ${TOKEN}`, status.OK],
  ['says another', 'Bearer another-of-16-letters', status.UNAUTHENTICATED],
  ['says none', null, status.UNAUTHENTICATED],
])('over gRPC from elsewhere, who %s is answered so', async (_name, authorization, code) => {
  const otlp = '{http: {enabled: false}, grpc: {host: 0.0.0.0, port: 0}}'
  const { receivers, store } = await opened(`listen: {token: ${TOKEN}}\nsources: {otlp: ${otlp}}`)
  const port = /:(\d+)$/.exec(receivers.listening[0] ?? '')?.[1]
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const metadata = new Metadata()
  if (authorization !== null) metadata.set('authorization', authorization)
  const message = encode(EXPORT_OF.logs, {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano }] }] }],
  })
  const same = (bytes: Buffer): Buffer => bytes
  const answered = await new Promise<number>((done) => {
    const call = client.makeUnaryRequest(LOGS, same, same, message, metadata, (error) =>
      done(error?.code ?? status.OK),
    )
    call.on('error', () => {})
  })
  expect(answered).toBe(code)
  const { data } = await store.logs({ window: { from: 0, to: NOON + 1 } })
  expect(data).toHaveLength(code === status.OK ? 1 : 0)
})

test('where the API has the port of OTLP over HTTP, it takes it there, and no other listener is opened', async () => {
  const { receivers } = await opened(
    'listen: {port: 4318}\nsources: {otlp: {http: {port: 4318}, grpc: {enabled: false}}}',
  )
  expect(receivers.listening).toEqual([])
})
