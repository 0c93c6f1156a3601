import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { firebreak, freePort } from './firebreak.ts'
import { labFolder, labIn } from './lab.ts'
import type { LabAt } from './lab.ts'

const data = labFolder()
let at: LabAt

beforeAll(async () => {
  const port = String(await freePort())
  const options = ['--data', data, '--port', port, '--rate', '20/s', '--detach']
  const up = await firebreak(['lab', 'up', ...options], { cwd: '/' })
  if (up.code !== 0) throw new Error(up.stderr)
  at = labIn(data)
})

afterAll(() => firebreak(['lab', 'down', '--data', data], { cwd: '/' }))

type Status = {
  readonly instances: readonly { name: string; version: string; state: string; weight: number }[]
  readonly release: { readonly commit: string; readonly version: string }
}

type Content = { readonly schema: Parameters<typeof z.fromJSONSchema>[0] }
type Described = {
  readonly responses: {
    readonly 200: { readonly content: { readonly 'application/json': Content } }
    readonly default: { readonly content: { readonly 'application/problem+json': Content } }
  }
}
type OpenApi = {
  readonly paths: Readonly<Record<string, { readonly get?: Described; readonly post?: Described }>>
}

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function control(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${at.controlUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${at.controlToken}`,
      'x-user': 'on call',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const status = async (): Promise<Status> => (await control('GET', '/status')).body as unknown as Status
const instance = async (name: string) => (await status()).instances.find((one) => one.name === name)

/** Which instances answered so many requests. */
async function answeredBy(count: number): Promise<ReadonlySet<string>> {
  const names = await Promise.all(
    Array.from({ length: count }, async () => {
      const answer = await fetch(`${at.shopUrl}/health`)
      return ((await answer.json()) as { instance: string }).instance
    }),
  )
  return new Set(names)
}

describe('the control API', () => {
  test('wants its token, and says of itself what it can be asked', async () => {
    expect((await fetch(`${at.controlUrl}/status`)).status).toBe(401)
    const page = (await (await fetch(`${at.controlUrl}/openapi.json`)).json()) as { paths: object }
    expect(Object.keys(page.paths)).toEqual(
      expect.arrayContaining(['/deploy', '/rollback', '/scale', '/canary', '/instances/{name}/drain']),
    )
    const text = JSON.stringify(page)
    expect(text).not.toMatch(/\bfaults?\b|truth|drill|inject/i)
  })

  test('answers as its page says', async () => {
    const page = (await (await fetch(`${at.controlUrl}/openapi.json`)).json()) as OpenApi
    const looks = Object.entries(page.paths).filter(([, { get }]) => get !== undefined)
    expect(looks.length).toBeGreaterThan(5)
    for (const [path, { get }] of looks) {
      const schema = z.fromJSONSchema(get?.responses[200].content['application/json'].schema ?? {})
      const { status, body } = await control('GET', path)
      expect([path, status, schema.safeParse(body).error]).toEqual([path, 200, undefined])
    }
    const refused = await control('POST', '/deploy', { commit: 'f00f00f' })
    const problem = page.paths['/deploy']?.post?.responses.default.content['application/problem+json'].schema
    z.fromJSONSchema(problem ?? {}).parse(refused.body)
    const anything = z.fromJSONSchema(
      page.paths['/status']?.get?.responses[200].content['application/json'].schema ?? {},
    )
    expect(anything.safeParse({ state: 'up' }).success).toBe(false) // the schema says something
  })

  test('drains an instance and restores it', async () => {
    await control('POST', '/instances/app-2/drain')
    expect(await instance('app-2')).toMatchObject({ state: 'drained', weight: 0 })
    expect([...(await answeredBy(12))].sort()).toEqual(['app-1', 'app-3'])
    await control('POST', '/instances/app-2/restore')
    expect([...(await answeredBy(12))].sort()).toEqual(['app-1', 'app-2', 'app-3'])
  })

  test('shows the maintenance page, which says when to come back', async () => {
    await control('PUT', '/maintenance', { on: true })
    const page = await fetch(at.shopUrl)
    expect(page.status).toBe(503)
    expect(page.headers.get('retry-after')).toBe('60')
    await control('PUT', '/maintenance', { on: false })
    expect((await fetch(at.shopUrl)).status).toBe(200)
  })

  test('scales out and in', async () => {
    await control('POST', '/scale', { instances: 4 })
    expect(await answeredBy(16)).toContain('app-4')
    await control('POST', '/scale', { instances: 3 })
    expect((await status()).instances).toHaveLength(3)
  })

  test('rolls back, deploys again, and gives a canary its share', async () => {
    const before = (await status()).release
    const back = await control('POST', '/rollback')
    expect(back.body).not.toMatchObject({ version: before.version })
    await control('POST', '/canary', { commit: before.commit, share: 0.1 })
    expect(await instance('app-3')).toMatchObject({ version: before.version })
    await control('POST', '/deploy', { commit: before.commit })
    expect((await status()).instances.map(({ version }) => version)).toEqual(Array(3).fill(before.version))
  })

  test('a setting that keeps instances from coming up is taken back', async () => {
    const refused = await control('PUT', '/config/DATABASE_URL', { value: null })
    expect(refused).toMatchObject({ status: 500, body: { code: 'LAB_FAILED' } })
    expect(refused.body['detail']).toContain('DATABASE_URL is not set')
    expect(new Set((await status()).instances.map(({ state }) => state))).toEqual(new Set(['up']))
  })

  test('every change is an event with who, what, when, from and to', async () => {
    await control('PUT', '/flags/gift-notes', { value: true })
    const { body } = await control('GET', '/changes')
    const events = body['data'] as { who: string; what: string; at: string; from: string; to: string }[]
    expect(events.at(-1)).toMatchObject({
      who: 'on call',
      what: 'flag',
      service: 'shop',
      from: 'gift-notes=false',
      to: 'gift-notes=true',
    })
    expect(new Set(events.map(({ what }) => what))).toEqual(
      new Set('drain restore maintenance scale rollback canary deploy configuration flag'.split(' ')),
    )
    const since = encodeURIComponent(events.at(-1)?.at ?? '')
    expect((await control('GET', `/changes?since=${since}`)).body['data']).toHaveLength(1)
    expect(JSON.stringify(events)).not.toMatch(/:[0-9a-f]{32}@/) // no password
  })

  test.each([
    { method: 'POST', path: '/instances/app-9/drain', body: undefined, expected: 404 },
    { method: 'POST', path: '/scale', body: { instances: 99 }, expected: 400 },
    { method: 'POST', path: '/scale', body: { instances: 'many' }, expected: 400 },
    { method: 'POST', path: '/deploy', body: { commit: 'f00f00f' }, expected: 404 },
    { method: 'POST', path: '/deploy', body: {}, expected: 400 },
    { method: 'GET', path: '/faults', body: undefined, expected: 404 },
  ])('$method $path $body is refused with $expected', async ({ method, path, body, expected }) => {
    expect((await control(method, path, body)).status).toBe(expected)
  })
})

describe('the balancer', () => {
  test('users feel little of an instance that is killed, and it comes back by itself', async () => {
    const { pid } = await processNamed('app-1')
    process.kill(pid, 'SIGKILL')
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        await pause(index * 20)
        return (await fetch(`${at.shopUrl}/products/${index + 1}`)).status
      }),
    )
    expect(answers.filter((code) => code >= 500).length).toBeLessThanOrEqual(2)
    for (let round = 0; round < 100 && (await instance('app-1'))?.state !== 'up'; round += 1) await pause(100)
    expect(await instance('app-1')).toMatchObject({ state: 'up' })
  })

  test('counts every route, and writes a line for every request', async () => {
    const { body } = await control('GET', '/routes')
    const routes = (body['data'] as { route: string }[]).map(({ route }) => route)
    expect(routes).toContain('GET /products/:id')
    expect(routes.every((route) => !/\d/.test(route))).toBe(true)
  })
})

async function processNamed(name: string): Promise<{ pid: number }> {
  const { body } = await control('GET', '/processes')
  const found = (body['data'] as { name: string; pid: number }[]).find((one) => one.name === name)
  if (found === undefined) throw new Error(`expected a process ${name}`)
  return found
}
