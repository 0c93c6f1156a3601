import { connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeService, NOON, aChange, aDetection, type FakeService } from '../../test/fake-service.ts'
import { problemSchema } from '../contract/api.ts'
import { endpoints } from './endpoints/all.ts'
import { openDoor } from './open-door.ts'

const TOKEN = 'a-token-of-16-letters'

async function opened(service: FakeService = fakeService(), token: string | null = null): Promise<string> {
  const door = await openDoor(service, { host: '127.0.0.1', port: 0, token, hosts: ['status.example.com'] })
  onTestFinished(() => door.close(100))
  return door.url
}

async function json(response: Response): Promise<unknown> {
  return response.json()
}

const examples: Readonly<Record<string, string>> = {
  '/api/v1/detections/{id}': '/api/v1/detections/d1',
  '/api/v1/traces/{traceId}': `/api/v1/traces/${'a'.repeat(32)}`,
  '/api/v1/metrics/series': '/api/v1/metrics/series?service=shop&metric=cpu&step=5m',
}
const reading = endpoints.filter(({ method }) => method === 'GET')

test.each(reading.map((one) => [one.path, one] as const))(
  'GET %s answers what it documents',
  async (path, one) => {
    const url = await opened()
    const response = await fetch(`${url}${examples[path] ?? path}`)
    expect(response.status).toBe(200)
    expect(one.answer.safeParse(await json(response)).error).toBeUndefined()
  },
)

test.each([
  ['/api/v1/logs?limit=0', 400, 'limit'],
  ['/api/v1/logs?since=1h', 400, 'it takes from, to, service'],
  ['/api/v1/logs?from=yesterday', 400, 'yesterday'],
  ['/api/v1/logs?from=1h&to=2h', 400, 'before'],
  ['/api/v1/traces/xyz', 400, 'hexadecimal'],
  [`/api/v1/traces/${'c'.repeat(32)}`, 404, 'no span'],
  ['/api/v1/detections/none', 404, 'none'],
  ['/api/v1/metrics/series?service=shop', 400, 'metric'],
  ['/api/v1/metrics/series?service=shop&metric=cpu&step=90s', 400, 'whole minutes'],
  ['/nowhere', 404, '/docs'],
])('GET %s is refused with %i and says why', async (path, status, word) => {
  const response = await fetch(`${await opened()}${path}`)
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const problem = problemSchema.parse(await json(response))
  expect(problem.status).toBe(status)
  expect(problem.detail).toContain(word)
})

test('a failure of ours says nothing of our insides', async () => {
  const stored = { ...fakeService().stored, changes: () => Promise.reject(new Error('secret insides')) }
  const url = await opened(fakeService({}, { stored }))
  const response = await fetch(`${url}/api/v1/changes`)
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('insides')
})

test('a report is taken as JSON and by the form', async () => {
  const service = fakeService()
  const url = await opened(service)
  const posted = await fetch(`${url}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'the page is empty', service: 'shop' }),
  })
  expect(posted.status).toBe(201)
  const form = await fetch(`${url}/report`, {
    method: 'POST',
    body: new URLSearchParams({ text: 'it <b>broke</b>', url: '', service: '' }),
  })
  expect(form.status).toBe(201)
  const items = service.took.flatMap((batch) => (batch.kind === 'reports' ? batch.items : []))
  expect(items.map(({ text, source, service: about }) => [text, source, about])).toEqual([
    ['the page is empty', 'api', 'shop'],
    ['it <b>broke</b>', 'form', null],
  ])
})

test('who reports is answered with what is kept, which has no secrets in it', async () => {
  const service = fakeService()
  const response = await fetch(`${await opened(service)}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'no login with password=hunter2-hunter2', service: 'shop' }),
  })
  const answer = await response.text()
  expect(response.status).toBe(201)
  expect(answer).toContain('no login with')
  expect(answer).not.toContain('hunter2')
  expect(JSON.stringify(service.took)).not.toContain('hunter2')
})

test('what cannot be kept now is asked for again later', async () => {
  const intake = {
    take: async () => ({ kind: 'try-later', afterMs: 1000, reason: 'the disk is full' }) as const,
  }
  const response = await fetch(`${await opened(fakeService({}, { intake }))}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"text":"x"}',
  })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(problemSchema.parse(await json(response)).detail).toContain('the disk is full')
})

test('the form shows what was written again as text, never as markup', async () => {
  const response = await fetch(`${await opened()}/report`, {
    method: 'POST',
    body: new URLSearchParams({ text: `<script>${'x'.repeat(4_000)}` }),
  })
  expect(response.status).toBe(400)
  expect(await response.text()).not.toContain('<script>')
})

test('a silence is made, listed, and ended', async () => {
  const url = await opened()
  const made = await fetch(`${url}/api/v1/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: { service: 'shop' }, for: '2h', by: 'me' }),
  })
  expect(made.status).toBe(201)
  expect(await json(made)).toMatchObject({ id: 'id-1', until: '2026-03-03T14:00:00Z', isActive: true })
  expect(await json(await fetch(`${url}/api/v1/silences`))).toMatchObject({ data: [{ id: 'id-1' }] })
  expect((await fetch(`${url}/api/v1/silences/id-1`, { method: 'DELETE' })).status).toBe(200)
  expect((await fetch(`${url}/api/v1/silences/id-1`, { method: 'DELETE' })).status).toBe(404)
})

test('webhooks get the raw bytes, whatever type they say', async () => {
  const service = fakeService()
  const url = await opened(service)
  for (const type of ['application/json', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded']) {
    await fetch(`${url}/webhooks/changes`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{ "a":1 }',
    })
  }
  expect(service.told).toEqual(Array.from({ length: 3 }, () => 'changes { "a":1 }'))
})

test('telemetry is handed on unread', async () => {
  const service = fakeService()
  const url = await opened(service)
  const response = await fetch(`${url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array([10, 255, 255]),
  })
  expect(response.status).toBe(200)
  expect(service.told).toEqual(['/v1/logs'])
})

test('with a token, all but the signs of life ask for it', async () => {
  const url = await opened(fakeService(), TOKEN)
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${url}${path}`, { headers })).status
  expect(await status('/healthz')).toBe(200)
  expect(await status('/readyz')).toBe(200)
  for (const path of ['/api/v1/detections', '/metrics', '/docs', '/report', '/v1/logs', '/api/v1/events']) {
    expect([path, await status(path)]).toEqual([path, 401])
  }
  expect(await status('/api/v1/detections', { authorization: `Bearer ${TOKEN}` })).toBe(200)
  expect(await status('/api/v1/detections', { authorization: 'Bearer something-else' })).toBe(401)
  const basic = Buffer.from(`me:${TOKEN}`).toString('base64')
  expect(await status('/docs', { authorization: `Basic ${basic}` })).toBe(200)
})

test('a webhook with a secret of its own needs no token', async () => {
  const hooks = { sources: { webhooks: { token: 'hook-token' } } }
  const url = await opened(fakeService(hooks), TOKEN)
  const status = async (name: string): Promise<number> =>
    (await fetch(`${url}/webhooks/${name}`, { method: 'POST', body: '{}' })).status
  expect(await status('alertmanager')).toBe(200)
  expect(await status('github')).toBe(401)
})

test('when the store is away it lives, and is not ready', async () => {
  const service = fakeService()
  const state = () => ({ ...service.state(), isReady: false })
  const url = await opened({ ...service, state })
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
})

test('the API describes itself', async () => {
  const url = await opened()
  const description = (await json(await fetch(`${url}/openapi.json`))) as {
    openapi: string
    paths: Record<string, Record<string, unknown>>
  }
  const ids = Object.values(description.paths).flatMap((operations) =>
    Object.values(operations as Record<string, { readonly operationId: string }>).map(
      (one) => one.operationId,
    ),
  )
  expect(ids.filter((id, at) => !/^[a-z][A-Za-z0-9]*$/.test(id) || ids.indexOf(id) !== at)).toEqual([])
  expect(description.openapi).toBe('3.1.0')
  const described = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.toSorted()).toEqual(
    [...endpoints.map(({ method, path }) => `${method} ${path}`), 'GET /api/v1/events'].toSorted(),
  )
  const page = await (await fetch(`${url}/docs`)).text()
  for (const { path } of endpoints) expect(page).toContain(path)
})

test('its own metrics are what Prometheus reads', async () => {
  const text = await (await fetch(`${await opened()}/metrics`)).text()
  expect(text).toContain('firebreak_detections_active{urgency="P1"} 1')
  expect(text).toContain('firebreak_stored_total{signal="logs"} 3')
  expect(text).toContain('firebreak_engine_restarts_total 1')
  expect(text).toContain('firebreak_own_source_working{source="probe",name="home"} 1')
})

async function readUntil(response: Response, word: string): Promise<string> {
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes(word)) return text
  }
  return text
}

test('events are followed, and after a break nothing is missed', async () => {
  const service = fakeService()
  const url = await opened(service)
  const first = new AbortController()
  const response = await fetch(`${url}/api/v1/events`, { signal: first.signal })
  service.hub.publish('detection', { at: NOON, kind: 'detected', detection: aDetection })
  const seen = await readUntil(response, '"kind":"detected"')
  const id = /^id: (.+)$/m.exec(seen)?.[1] ?? ''
  expect(seen).toContain('"startedAt":"2026-03-03T11:59:50Z"')
  first.abort()
  service.hub.publish('change', aChange)
  const second = new AbortController()
  onTestFinished(() => second.abort())
  const resumed = await fetch(`${url}/api/v1/events`, {
    headers: { 'last-event-id': id },
    signal: second.signal,
  })
  const missed = await readUntil(resumed, '"kind":"deploy"')
  expect(missed).toContain('event: change')
  expect(missed).not.toContain('event: detection')
})

test('who was away too long is told to ask anew', async () => {
  const url = await opened()
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  const response = await fetch(`${url}/api/v1/events`, {
    headers: { 'last-event-id': '1-1' },
    signal: stopping.signal,
  })
  expect(await readUntil(response, '{}')).toContain('event: reset')
})

test('a reader that does not read is let go, and the others go on', async () => {
  const service = fakeService()
  const url = new URL(await opened(service))
  const socket = connect(Number(url.port), url.hostname)
  onTestFinished(() => void socket.destroy())
  socket.pause()
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
  await vi.waitUntil(() => service.hub.listeners() === 1)
  const large = { ...aChange, summary: 'x'.repeat(200_000) }
  await vi.waitUntil(
    () => {
      service.hub.publish('change', large)
      return service.hub.listeners() === 0
    },
    { interval: 1, timeout: 10_000 },
  )
  expect((await fetch(`${url.origin}/healthz`)).status).toBe(200)
})

test.each([
  ['10.255.255.1', '--host an address of this machine'],
  ['no-such-host.invalid', '--host an address of this machine'],
])('an address that is not here, %s, is told with what to do', async (host, hint) => {
  const opening = openDoor(fakeService(), { host, port: 0, token: TOKEN, hosts: [] })
  await expect(opening).rejects.toMatchObject({ code: 'PORT_IN_USE', hint: expect.stringContaining(hint) })
})

test('a silence that would be over already is refused', async () => {
  const response = await fetch(`${await opened()}/api/v1/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: { service: 'shop' }, until: new Date(NOON - 1000).toISOString() }),
  })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('expected a time to come')
})
