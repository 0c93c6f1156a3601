import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import type { ProbeResult } from '../probe-result.ts'
import { startProbe } from './probe.ts'
import type { ProbeOptions } from './probe.ts'
import { judgeAnswer } from './probe-assertions.ts'
import type { HttpAnswer, HttpExpectation } from './probe-assertions.ts'

const NOW = Date.UTC(2026, 2, 3, 9)

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const httpPort = (listener: RequestListener): Promise<number> => listening(createServer(listener))

function probing(check: ProbeOptions['check'], options: Partial<ProbeOptions> = {}) {
  const intake = fakeIntake()
  const deps = { intake, now: () => NOW, random: () => 0, signal: new AbortController().signal }
  const source = startProbe(deps, { name: 'shop', service: 'web', timeoutMs: 1_000, ...options, check })
  onTestFinished(() => source.stop())
  const first = (): Promise<ProbeResult> =>
    vi.waitFor(() => {
      const [result] = intake.items('probes')
      if (result === undefined) throw new Error('no look yet')
      return result
    }, 5_000)
  return { intake, source, first }
}

describe('startProbe', () => {
  test('tells what an answer was like, and how long it took', async () => {
    const port = await httpPort((_, response) => response.end('all is well'))
    const { intake, first, source } = probing({ kind: 'http', url: `http://127.0.0.1:${port}/health?deep=1` })
    expect(await first()).toMatchObject({
      at: NOW,
      probe: 'shop',
      kind: 'http',
      target: `http://127.0.0.1:${port}/health?deep=1`,
      service: 'web',
      succeeded: true,
      reason: '',
      expiresInSeconds: null,
    })
    const [point] = intake.items('metrics')
    expect(point).toMatchObject({ kind: 'gauge', metric: { name: 'probe.duration', unit: 'ms' } })
    expect(source.state().kind).toBe('working')
  })

  test('looks again within about a second while it fails, and as usual when it is well again', async () => {
    let isDown = true
    const port = await httpPort((_, response) => {
      response.statusCode = isDown ? 500 : 200
      response.end()
    })
    const { intake, first } = probing({ kind: 'http', url: `http://127.0.0.1:${port}/` }, { everyMs: 60_000 })
    expect((await first()).reason).toBe('expected a status below 400, found 500')
    isDown = false
    await vi.waitFor(() => expect(intake.items('probes').at(-1)?.succeeded).toBe(true), 5_000)
    expect(intake.items('probes')).toHaveLength(2)
  })

  test('does not follow redirects', async () => {
    let asked = 0
    const port = await httpPort((_, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const check = { kind: 'http', url: `http://127.0.0.1:${port}/`, expect: { status: [302] } } as const
    expect((await probing(check).first()).succeeded).toBe(true)
    expect(asked).toBe(1)
  })

  test('sends user and password of the URL, and shows neither', async () => {
    let authorization = ''
    const port = await httpPort((request, response) => {
      authorization = request.headers.authorization ?? ''
      response.end()
    })
    const result = await probing({ kind: 'http', url: `http://ada:p%40ss@127.0.0.1:${port}/` }).first()
    expect(authorization).toBe(`Basic ${Buffer.from('ada:p@ss').toString('base64')}`)
    expect(JSON.stringify(result)).not.toMatch(/ada|p%40ss/)
  })

  test('gives up a target that does not answer, and one that does not end its answer', async () => {
    const silent = await httpPort(() => {})
    const endless = await httpPort((_, response) => {
      response.write('begun')
    })
    for (const port of [silent, endless]) {
      const result = await probing(
        { kind: 'http', url: `http://127.0.0.1:${port}/` },
        { timeoutMs: 200 },
      ).first()
      expect(result.reason).toBe('expected an answer within 200 ms, found none')
      expect(result.durationMs).toBeLessThan(1_000)
    }
  })

  test('reads no more than it needs of an answer without end', async () => {
    const port = await httpPort((_, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536))) if (response.destroyed) return
        response.once('drain', more)
      }
      more()
    })
    const result = await probing({ kind: 'http', url: `http://127.0.0.1:${port}/` }).first()
    expect(result.succeeded).toBe(true)
  })

  test.each([
    [{ kind: 'tcp', host: '127.0.0.1', port: 1 }, /ECONNREFUSED/],
    [{ kind: 'http', url: 'http://127.0.0.1:1/' }, /ECONNREFUSED/],
    [{ kind: 'tls', host: '127.0.0.1', port: 1 }, /ECONNREFUSED/],
    [{ kind: 'dns', name: 'no.such.name.invalid' }, /ENOTFOUND|EAI_AGAIN/],
  ] as const)('says why %j does not answer', async (check, why) => {
    const result = await probing(check, { timeoutMs: 4_000 }).first()
    expect(result).toMatchObject({ succeeded: false, kind: check.kind })
    expect(result.reason).toMatch(why)
  })

  test('connects over TCP', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()))
    expect(await probing({ kind: 'tcp', host: '127.0.0.1', port }).first()).toMatchObject({
      succeeded: true,
      target: `127.0.0.1:${port}`,
    })
  })

  test('resolves names, and compares the addresses', async () => {
    expect((await probing({ kind: 'dns', name: 'localhost' }).first()).succeeded).toBe(true)
    const other = await probing({ kind: 'dns', name: 'localhost', expect: ['10.0.0.1'] }).first()
    expect(other.reason).toBe('expected localhost to resolve to 10.0.0.1, found 127.0.0.1')
  })

  test.each([
    [{ kind: 'http', url: 'ftp://x/' }, /begins with ftp:/],
    [{ kind: 'http', url: 'shop' }, /no URL/],
    [{ kind: 'http', url: 'http://x/', expect: { bodyMatches: '(' } }, /regular expression/],
  ] as const)('refuses %j at once', (check, found) => {
    expect(() => probing(check)).toThrow(found)
  })

  test('one that never answers keeps no other waiting', async () => {
    const silent = await httpPort(() => {})
    const well = await httpPort((_, response) => response.end())
    probing({ kind: 'http', url: `http://127.0.0.1:${silent}/` }, { timeoutMs: 30_000, everyMs: 100 })
    const other = probing({ kind: 'http', url: `http://127.0.0.1:${well}/` }, { everyMs: 100 })
    await vi.waitFor(() => expect(other.intake.items('probes').length).toBeGreaterThan(5), 5_000)
  })
})

describe('judgeAnswer', () => {
  const answer: HttpAnswer = {
    status: 200,
    headers: { 'content-type': 'application/json', 'set-cookie': ['a', 'b'] },
    body: '{"state":"ok","checks":[{"name":"db","ms":4}],"__proto__":{"x":1}}',
    durationMs: 120,
  }
  test.each<[HttpExpectation, string]>([
    [{}, ''],
    [{ status: [200, 204] }, ''],
    [{ status: [204] }, 'expected status 204, found 200'],
    [{ maxLatencyMs: 120 }, ''],
    [{ maxLatencyMs: 100 }, 'expected an answer within 100 ms, found 120 ms'],
    [{ headers: { 'Content-Type': 'application/json' } }, ''],
    [{ headers: { server: 'nginx' } }, 'expected the header server: nginx, found none'],
    [{ bodyContains: '"ok"' }, ''],
    [{ bodyContains: 'fine' }, 'expected a body with "fine", found 66 characters without it'],
    [{ bodyMatches: '"ms":\\d' }, ''],
    [{ bodyMatches: '^$' }, 'expected a body that matches /^$/, found 66 characters without it'],
    [{ json: { state: 'ok', 'checks[0].ms': 4 } }, ''],
    [{ json: { '$.checks[0].name': 'cache' } }, 'expected $.checks[0].name to be "cache", found "db"'],
    [{ json: { 'checks[1].name': 'x' } }, 'expected checks[1].name to be "x", found nothing'],
    [
      { json: { 'state.constructor.name': 'String' } },
      'expected state.constructor.name to be "String", found nothing',
    ],
  ])('%j', (expected, reason) => {
    expect(judgeAnswer(answer, expected)).toBe(reason)
  })

  test('ends an expression that would search for ever', () => {
    const reason = judgeAnswer({ ...answer, body: `${'a'.repeat(40)}!` }, { bodyMatches: '^(a+)+$' })
    expect(reason).toMatch(/takes longer/)
  })

  test('says that a body is no JSON', () => {
    expect(judgeAnswer({ ...answer, body: '<html>' }, { json: { a: 1 } })).toMatch(/^expected JSON/)
  })
})
