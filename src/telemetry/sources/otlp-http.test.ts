import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { compress } from 'snappyjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import type { FakeIntake } from '../../../test/fake-intake.ts'
import { decodeToObject, encode } from '../../../test/otlp-schema.ts'
import type { Taken } from '../intake.ts'
import type { TelemetryLimits } from '../otlp/limits.ts'
import { createSourceCounters } from '../source-counters.ts'
import type { SourceCounters } from '../source-counters.ts'
import { createAdmission } from './admission.ts'
import type { Admission } from './admission.ts'
import { createOtlpHttp } from './otlp-http.ts'
import { createRemoteWrite } from './remote-write.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MB = 1024 * 1024

type Door = {
  readonly port: number
  readonly intake: FakeIntake
  readonly counters: SourceCounters
  readonly admission: Admission
  readonly post: (path: string, options: Post) => Promise<Answered>
}
type Post = { body: Buffer | string; headers?: Record<string, string>; method?: string }
type Answered = { status: number; headers: Headers; body: Buffer }

async function door(limits: Partial<TelemetryLimits> = {}, maxBytes = 64 * MB): Promise<Door> {
  const intake = fakeIntake()
  const counters = createSourceCounters()
  const admission = createAdmission({ maxBytes })
  const deps = { intake, counters, admission, limits, now: () => NOW }
  const [otlp, written] = [createOtlpHttp(deps), createRemoteWrite(deps)]
  const server = createServer((request, response) => {
    void (async () => {
      if ((await otlp.handle(request, response)) || (await written.handle(request, response))) return
      response.writeHead(404).end()
    })()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    intake,
    counters,
    admission,
    async post(path, { body, headers = {}, method = 'POST' }) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers,
        ...(method === 'GET' ? {} : { body }),
      })
      return {
        status: response.status,
        headers: response.headers,
        body: Buffer.from(await response.arrayBuffer()),
      }
    },
  }
}

const log = { body: { stringValue: 'hello' }, timeUnixNano: `${BigInt(NOW) * 1_000_000n}` }
const request = (...logRecords: object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const bytes = encode('ExportLogs', request(log))
const text = JSON.stringify(request(log))

describe('a sound request', () => {
  test.each<[string, Post]>([
    ['protobuf', { body: bytes, headers: PROTOBUF }],
    ['JSON', { body: text, headers: JSON_TYPE }],
    ['gzip', { body: gzipSync(bytes), headers: { ...PROTOBUF, 'content-encoding': 'gzip' } }],
    ['deflate', { body: deflateSync(bytes), headers: { ...PROTOBUF, 'content-encoding': 'deflate' } }],
    ['zstd', { body: zstdCompressSync(text), headers: { ...JSON_TYPE, 'content-encoding': 'zstd' } }],
  ])('in %s is stored, and answered in its own encoding', async (_what, post) => {
    const { post: send, intake, counters, admission } = await door()
    const { status, headers, body } = await send('/v1/logs?x=1', post)
    const type = post.headers?.['content-type']?.split(';')[0]
    expect({ status, type: headers.get('content-type'), body: body.toString() }).toEqual({
      status: 200,
      type,
      body: type === 'application/json' ? '{}' : '',
    })
    expect(intake.items('logs')).toMatchObject([{ body: 'hello', timestamp: NOW }])
    expect(counters.snapshot()).toMatchObject([
      { source: 'otlp-http', requests: 1, received: 1, accepted: 1, bytes: post.body.length },
    ])
    expect(admission.inFlight()).toBe(0)
  })

  test('is stored before it is answered', async () => {
    const { post, intake } = await door()
    const { promise, resolve } = Promise.withResolvers<Taken>()
    const store = (): void => resolve({ kind: 'stored' })
    intake.answerWith(() => promise)
    let isAnswered = false
    const answered = post('/v1/logs', { body: text, headers: JSON_TYPE }).then((answer) => {
      isAnswered = true
      return answer
    })
    await new Promise((tick) => setImmediate(() => setImmediate(tick)))
    expect(isAnswered).toBe(false)
    store()
    expect((await answered).status).toBe(200)
  })

  test('with bad records tells how many, and why, and keeps the rest', async () => {
    const { post, intake, counters } = await door()
    const body = encode(
      'ExportLogs',
      request(log, { timeUnixNano: '1000' }, { timeUnixNano: '4102444800000000000' }),
    )
    const ofProtobuf = await post('/v1/logs', { body, headers: PROTOBUF })
    expect(decodeToObject('ExportResponse', ofProtobuf.body)).toEqual({
      partialSuccess: {
        rejected: 2,
        errorMessage: expect.stringMatching(
          /^2 of 3 refused: 1 older than the 30 days .*; 1 more than 10 minutes ahead/,
        ),
      },
    })
    const ofJson = await post('/v1/logs', {
      body: JSON.stringify(request({ timeUnixNano: '1000' })),
      headers: JSON_TYPE,
    })
    expect(JSON.parse(ofJson.body.toString())).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } })
    expect(intake.items('logs').length).toBe(1)
    expect(Object.fromEntries(counters.snapshot()[0]?.refused ?? [])).toEqual({
      'too-old': 2,
      'in-future': 1,
    })
  })

  test('that is empty is a success, and not handed on', async () => {
    const { post, intake } = await door()
    intake.answerWith(() => Promise.reject(new Error('must not be asked')))
    expect((await post('/v1/traces', { body: Buffer.alloc(0), headers: PROTOBUF })).status).toBe(200)
  })
})

describe('when it cannot be stored now', () => {
  test('the sender is told to come again, and when', async () => {
    const { post, intake } = await door()
    intake.refuse({ kind: 'try-later', afterMs: 2500, reason: 'the disk is full' })
    const { status, headers, body } = await post('/v1/logs', { body: bytes, headers: PROTOBUF })
    expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '3' })
    expect(decodeToObject('RpcStatus', body)).toEqual({ code: 14, message: 'the disk is full' })
  })

  test('an intake that fails is no fault of the sender', async () => {
    const { post, intake } = await door()
    intake.answerWith(() => Promise.reject(new Error('lost the engine')))
    expect((await post('/v1/logs', { body: bytes, headers: PROTOBUF })).status).toBe(503)
  })

  test('there is room for so many bytes at once, over all requests', async () => {
    const { post, intake, admission } = await door({}, 100_000)
    const { promise, resolve } = Promise.withResolvers<Taken>()
    const store = (): void => resolve({ kind: 'stored' })
    intake.answerWith(() => promise)
    const big = JSON.stringify(request({ ...log, body: { stringValue: 'x'.repeat(60_000) } }))
    const first = post('/v1/logs', { body: big, headers: JSON_TYPE })
    while (admission.inFlight() < 60_000) await new Promise((tick) => setImmediate(tick))
    const second = await post('/v1/logs', { body: big, headers: JSON_TYPE })
    expect({ status: second.status, after: second.headers.get('retry-after') }).toEqual({
      status: 429,
      after: '1',
    })
    // What is inflated counts as well.
    const third = await post('/v1/logs', {
      body: gzipSync(big),
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    })
    expect(third.status).toBe(429)
    store()
    expect((await first).status).toBe(200)
    expect(admission.inFlight()).toBe(0)
  })
})

describe('a hostile sender', () => {
  const GZIP = { ...PROTOBUF, 'content-encoding': 'gzip' }
  test.each<[string, string, Post, number, string]>([
    ['broken protobuf', '/v1/traces', { body: 'nonsense', headers: PROTOBUF }, 400, 'malformed'],
    ['broken JSON', '/v1/metrics', { body: '{"resourceMetrics":', headers: JSON_TYPE }, 400, 'malformed'],
    [
      'a wrong content type',
      '/v1/logs',
      { body: text, headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported',
    ],
    [
      'a wrong content encoding',
      '/v1/logs',
      { body: text, headers: { ...JSON_TYPE, 'content-encoding': 'br' } },
      415,
      'unsupported',
    ],
    ['no gzip where gzip is said', '/v1/logs', { body: bytes, headers: GZIP }, 400, 'malformed'],
    [
      'a gzip that was cut',
      '/v1/logs',
      { body: gzipSync(bytes).subarray(0, 30), headers: GZIP },
      400,
      'malformed',
    ],
    ['another method', '/v1/logs', { body: '', method: 'GET' }, 405, 'unsupported'],
    ['a body of 100 MB', '/v1/logs', { body: Buffer.alloc(100 * MB), headers: PROTOBUF }, 413, 'too-large'],
    ['a gzip bomb', '/v1/logs', { body: gzipSync(Buffer.alloc(40 * MB)), headers: GZIP }, 413, 'too-large'],
    [
      'a zstd bomb',
      '/v1/logs',
      {
        body: zstdCompressSync(Buffer.alloc(40 * MB)),
        headers: { ...PROTOBUF, 'content-encoding': 'zstd' },
      },
      413,
      'too-large',
    ],
  ])(
    '%s is refused for good, and the next request is served',
    async (_what, ...[path, post, status, reason]) => {
      const { post: send, intake, counters, admission } = await door()
      const answer = await send(path, post)
      expect(answer.status).toBe(status)
      const type = answer.headers.get('content-type')
      const message =
        type === 'application/json'
          ? JSON.parse(answer.body.toString())
          : decodeToObject('RpcStatus', answer.body)
      expect(message).toMatchObject({ message: expect.stringContaining('expected') })
      expect([...(counters.snapshot()[0]?.refused ?? [])]).toEqual([[reason, 1]])
      expect(admission.inFlight()).toBe(0)
      expect((await send('/v1/logs', { body: bytes, headers: PROTOBUF })).status).toBe(200)
      expect(intake.items('logs').length).toBe(1)
    },
  )

  test('a body without an announced length is stopped at the limit', async () => {
    const { port, admission } = await door({ maxBodyBytes: MB })
    const status = await new Promise<number>((answered, failed) => {
      const sent = httpRequest(
        { port, host: '127.0.0.1', path: '/v1/logs', method: 'POST', headers: PROTOBUF },
        (response) => {
          answered(response.statusCode ?? 0)
          response.resume()
          sent.destroy()
        },
      )
      sent.on('error', failed)
      const more = (): void => {
        while (!sent.destroyed && sent.write(Buffer.alloc(64 * 1024))) {
          // Until the buffer of the socket is full.
        }
        if (!sent.destroyed) sent.once('drain', more)
      }
      more()
    })
    expect(status).toBe(413)
    expect(admission.inFlight()).toBe(0)
  })

  test('who announces much, sends little and goes away takes no room', async () => {
    const { port, admission, counters, post } = await door()
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${15 * MB}\r\n\r\nabc`,
    )
    while (admission.inFlight() !== 3) await new Promise((tick) => setImmediate(tick))
    expect((await post('/v1/logs', { body: bytes, headers: PROTOBUF })).status).toBe(200)
    socket.destroy()
    while (admission.inFlight() !== 0) await new Promise((tick) => setImmediate(tick))
    expect(counters.snapshot()[0]?.refused.get('gone')).toBe(1)
  })

  test('twenty gzip bombs at once stay within the bytes that are taken in flight', async () => {
    const { post, admission } = await door()
    const bomb = gzipSync(Buffer.alloc(40 * MB))
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, admission.inFlight())
    }, 1)
    const before = process.memoryUsage.rss()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('/v1/logs', { body: bomb, headers: GZIP })),
    )
    clearInterval(watch)
    expect(answers.every(({ status }) => status === 413 || status === 429)).toBe(true)
    expect(most).toBeLessThanOrEqual(64 * MB)
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * MB)
    expect(admission.inFlight()).toBe(0)
  }, 30_000)
})

describe('remote write', () => {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  }
  const V2 = { ...headers, 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' }
  const series = (timestamp: number): object => ({
    labels: [{ name: '__name__', value: 'up' }],
    samples: [{ value: 1, timestamp }],
  })
  const write = (...timeseries: object[]): Buffer => compress(encode('WriteRequest', { timeseries }))

  test('of 1.0 is stored', async () => {
    const { post, intake } = await door()
    expect((await post('/api/v1/write', { body: write(series(NOW)), headers })).status).toBe(204)
    expect(intake.items('metrics')).toMatchObject([{ kind: 'gauge', value: 1 }])
  })

  test('of 2.0 is told what was written', async () => {
    const { post } = await door()
    const symbols = ['', '__name__', 'up']
    const body = compress(
      encode('WriteRequest2', {
        symbols,
        timeseries: [{ labelsRefs: [1, 2], samples: [{ value: 1, timestamp: NOW }] }],
      }),
    )
    const answer = await post('/api/v1/write', { body, headers: V2 })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('x-prometheus-remote-write-samples-written')).toBe('1')
  })

  test('with old samples is told so, and the rest is kept', async () => {
    const { post, intake } = await door()
    const answer = await post('/api/v1/write', { body: write(series(1000), series(NOW)), headers })
    expect({ status: answer.status, body: answer.body.toString() }).toEqual({
      status: 400,
      body: expect.stringContaining('1 of 2 refused: 1 older'),
    })
    expect(intake.items('metrics').length).toBe(1)
  })

  const claims = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), Buffer.alloc(20)])
  test.each<[string, Post, number]>([
    ['bytes that are no snappy', { body: Buffer.from([5, 0xff, 0xff, 0xff]), headers }, 400],
    ['a broken message', { body: compress(Buffer.from('nonsense')), headers }, 400],
    ['a block that says it is of 4 GB', { body: claims, headers }, 413],
    ['a block that inflates beyond the limit', { body: compress(Buffer.alloc(30 * MB)), headers }, 413],
    ['no compression', { body: bytes, headers: PROTOBUF }, 415],
    [
      'another message',
      { body: bytes, headers: { ...headers, 'content-type': 'application/x-protobuf;proto=other' } },
      415,
    ],
  ])('%s: refused for good', async (_what, post, status) => {
    const { post: send, admission } = await door()
    const before = process.memoryUsage().arrayBuffers
    const answer = await send('/api/v1/write', post)
    expect(answer.status).toBe(status)
    expect(answer.body.toString()).toContain('expected')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MB)
    expect(admission.inFlight()).toBe(0)
  })

  test('that cannot be stored now is tried again by Prometheus: 503', async () => {
    const { post, intake } = await door()
    intake.refuse({ kind: 'try-later', afterMs: 10, reason: 'full' })
    const answer = await post('/api/v1/write', { body: write(series(NOW)), headers })
    expect({ status: answer.status, after: answer.headers.get('retry-after') }).toEqual({
      status: 503,
      after: '1',
    })
  })
})

test('another path is left alone', async () => {
  const { post, counters } = await door()
  expect((await post('/v1/profiles', { body: bytes, headers: PROTOBUF })).status).toBe(404)
  expect(counters.snapshot()).toEqual([])
})
