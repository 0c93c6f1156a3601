import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../test/small-program.ts'
import type { RecordedRequest } from '../telemetry/index.ts'
import { replay, timesFor } from './replay.ts'

const deps = { signal: new AbortController().signal, onProgress: () => {} }
const recorded = (url: string, observed: RecordedRequest['observed'] = null): RecordedRequest => ({
  url,
  method: 'GET',
  headers: {},
  body: null,
  weight: 1,
  observed,
})

async function serving<T>(
  statusOf: (path: string) => number,
  use: (origin: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    response.statusCode = statusOf(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('replay', () => {
  test('names what still fails, at the address that was given', async () => {
    let asked = 0
    const statusOf = (path: string): number => (path === '/app/a?x=1' && (asked += 1) % 2 === 0 ? 503 : 200)
    const requests = [recorded('http://127.0.0.1:1/a?x=1'), recorded('http://127.0.0.1:1/b')]
    const result = await serving(statusOf, (origin) => replay(deps, { requests, url: `${origin}/app` }))
    expect(result.stillFailing).toMatchObject([{ route: 'GET /app/a', answer: '503' }])
    expect(result.stillFailing[0]?.failed).toBeGreaterThanOrEqual(3)
    expect(result.sent).toBeGreaterThanOrEqual(20 + 3)
  })

  test('is content when nothing fails any more', async () => {
    const result = await serving(
      () => 200,
      (origin) =>
        replay(deps, {
          requests: [recorded(`${origin}/a`, { requests: 100, failed: 100, answers: {} })],
          url: null,
        }),
    )
    expect(result).toEqual({
      sent: timesFor({ observed: { requests: 100, failed: 100, answers: {} } }),
      stillFailing: [],
    })
  })

  test('does not take a program that is down for a failure', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`
    await expect(replay(deps, { requests: [recorded(url)], url: null })).rejects.toMatchObject({
      code: 'NEVER_LISTENED',
    })
  })
})

describe('timesFor', () => {
  test.each([
    [null, 20],
    [{ requests: 200, failed: 200, answers: {} }, 4],
    [{ requests: 1, failed: 1, answers: {} }, 62],
    [{ requests: 200, failed: 98, answers: {} }, 26],
  ])('%o: %i times', (observed, times) => {
    expect(timesFor({ observed })).toBe(times)
  })

  test('a failure as frequent as it was stays away by luck less than once in a million times', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        (requests, share) => {
          const failed = Math.ceil(requests * share)
          const times = timesFor({ observed: { requests, failed, answers: {} } })
          fc.pre(times < 2_000)
          expect((1 - failed / requests) ** times).toBeLessThanOrEqual(1e-6)
        },
      ),
    )
  })
})
