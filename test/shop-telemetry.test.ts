import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import { messageFields } from '../bench/protobuf-fields.ts'

type Pool = {
  query(text: string): Promise<unknown>
  connect(): Promise<{ query(text: string): Promise<unknown> }>
}
type Telemetry = {
  startTelemetry(): Promise<void>
  stopTelemetry(): Promise<void>
  instrument(app: FastifyInstance): void
  tracedPool<P>(pool: P): P
  tracedFetch(url: string, init?: RequestInit & { readonly fetch?: typeof fetch }): Promise<Response>
  recordLog(record: { readonly severity: string; readonly message: string; readonly error?: Error }): void
  activeTraceId(): string | null
}

/** The shop is plain JavaScript and has no types. */
const loadTelemetry = async (): Promise<Telemetry> => {
  vi.resetModules()
  return (await import(new URL('../shop/base/telemetry.js', import.meta.url).href)) as Telemetry
}

type Span = {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
}

/** Receives OTLP and keeps what the tests ask for. */
async function startReceiver() {
  const received: Record<string, Buffer[]> = {}
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      ;(received[request.url ?? ''] ??= []).push(Buffer.concat(chunks))
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const records = (path: string): Uint8Array[] =>
    (received[path] ?? []).flatMap((body) => [body].flatMap(below(1)).flatMap(below(2)).flatMap(below(2)))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: (): Span[] =>
      records('/v1/traces').map((span) => ({
        name: text(below(5)(span)[0]),
        traceId: hex(below(1)(span)[0]),
        spanId: hex(below(2)(span)[0]),
        parentId: hex(below(4)(span)[0]),
      })),
    logs: (): { body: string; traceId: string }[] =>
      records('/v1/logs').map((log) => ({
        body: text(below(5)(log).flatMap(below(1))[0]),
        traceId: hex(below(9)(log)[0]),
      })),
    metricNames: (): string[] => records('/v1/metrics').map((metric) => text(below(1)(metric)[0])),
    traceBytes: (): string => Buffer.concat(received['/v1/traces'] ?? []).toString('latin1'),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

const below =
  (field: number) =>
  (message: Uint8Array): Uint8Array[] =>
    [...messageFields(message)].filter((found) => found.field === field).map(({ content }) => content)
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8')
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

function fakePool(): Pool {
  const query = async (sql: string): Promise<unknown> => {
    if (sql.includes('broken')) throw Object.assign(new Error('no such table'), { code: '42P01' })
    return { rows: [] }
  }
  const pool = {
    query,
    connect: async () => ({ query }),
    options: { max: 40 },
    idleCount: 1,
    totalCount: 2,
    waitingCount: 0,
  }
  return pool
}

afterEach(() => vi.unstubAllEnvs())

async function shopWith(telemetry: Telemetry): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify()
  const pool = telemetry.tracedPool(fakePool())
  telemetry.instrument(app)
  app.addHook('onResponse', async (request) =>
    telemetry.recordLog({ severity: 'INFO', message: `answered ${request.url}` }),
  )
  app.get('/stock', async () => {
    await pool.query('SELECT * FROM products WHERE id = $1')
    const client = await pool.connect()
    await client.query('UPDATE carts SET at = now()')
    return { trace: telemetry.activeTraceId() }
  })
  app.post('/checkout', async () => {
    const answer = await telemetry.tracedFetch(`${url}/stock`)
    await answer.text()
    return { trace: telemetry.activeTraceId() }
  })
  app.get('/broken', async () => pool.query('SELECT * FROM broken'))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url }
}

test('spans, logs and metrics of a request belong together, across services', async () => {
  const receiver = await startReceiver()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
  const telemetry = await loadTelemetry()
  await telemetry.startTelemetry()
  const { app, url } = await shopWith(telemetry)
  const given = '4bf92f3577b34da6a3ce929d0e0e4736'
  const answer = await fetch(`${url}/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${given}-00f067aa0ba902b7-01` },
    body: '{}',
  })
  expect(await answer.json()).toEqual({ trace: given })
  expect((await fetch(`${url}/broken`)).status).toBe(500)
  await app.close()
  await telemetry.stopTelemetry()

  const spans = receiver.spans()
  const mine = spans.filter(({ traceId }) => traceId === given)
  const childOf = (parent: Span | undefined, name: string): Span | undefined =>
    mine.find((span) => span.name === name && span.parentId === parent?.spanId)
  const checkout = mine.find(({ name }) => name === 'POST /checkout')
  expect(checkout?.parentId).toBe('00f067aa0ba902b7')
  const asking = childOf(checkout, 'GET /stock')
  const answering = childOf(asking, 'GET /stock')
  expect(childOf(answering, 'SELECT products')).toBeDefined()
  expect(childOf(answering, 'UPDATE carts')).toBeDefined()
  expect(mine).toHaveLength(5)
  expect(spans.map(({ name }) => name)).toContain('SELECT broken')
  expect(receiver.traceBytes()).toContain('42P01')

  const logs = receiver.logs()
  expect(logs.filter(({ traceId }) => traceId === given).map(({ body }) => body)).toEqual([
    'answered /stock',
    'answered /checkout',
  ])
  expect(receiver.metricNames()).toEqual(
    expect.arrayContaining([
      'http.server.request.duration',
      'http.client.request.duration',
      'db.client.operation.duration',
      'db.client.connection.count',
      'process.cpu.time',
      'process.memory.usage',
      'nodejs.eventloop.delay.p99',
    ]),
  )
  await receiver.close()
})

test('without an endpoint telemetry is off, and nothing is wrapped', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', '')
  const telemetry = await loadTelemetry()
  await telemetry.startTelemetry()
  const pool = fakePool()
  const before = { ...pool }
  expect({ ...telemetry.tracedPool(pool) }).toEqual(before)
  const { app, url } = await shopWith(telemetry)
  expect(await (await fetch(`${url}/stock`)).json()).toEqual({ trace: null })
  await app.close()
  await telemetry.stopTelemetry()
})

test('a receiver that is not there costs nothing but its telemetry', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
  const telemetry = await loadTelemetry()
  await telemetry.startTelemetry()
  const { app, url } = await shopWith(telemetry)
  expect((await fetch(`${url}/stock`)).status).toBe(200)
  await app.close()
  const beganAt = performance.now()
  await telemetry.stopTelemetry()
  expect(performance.now() - beganAt).toBeLessThan(3_000)
})
