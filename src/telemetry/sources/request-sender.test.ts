import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../../test/small-program.ts'
import { requestForUrl } from '../requests/recorded-request.ts'
import type { RequestOutcome } from '../request.ts'
import { createConnections, startSending } from './request-sender.ts'
import type { SenderOptions } from './request-sender.ts'

const servers: { close(): unknown; closeAllConnections?(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function sending(urls: readonly string[], options: Partial<SenderOptions> = {}) {
  const outcomes: RequestOutcome[] = []
  const sender = startSending(
    { now: Date.now },
    {
      requests: urls.map(requestForUrl),
      ratePerSecond: 100,
      timeoutMs: 2_000,
      signal: new AbortController().signal,
      onOutcome: (outcome) => outcomes.push(outcome),
      ...options,
    },
  )
  return { sender, outcomes }
}

describe('startSending', () => {
  test('keeps its rate, takes turns by weight, and tells every outcome', async () => {
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200
      response.end('x')
    })
    const requests = [{ ...requestForUrl(`${url}/`), weight: 3 }, requestForUrl(`${url}/bad`)]
    const { sender, outcomes } = sending([], { requests })
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThanOrEqual(40), { timeout: 5_000 })
    await sender.stop(1_000)
    expect(outcomes).toHaveLength(sender.sent())
    const bad = outcomes.filter((outcome) => outcome.route === 'GET /bad')
    expect(bad.every((outcome) => outcome.status === 500)).toBe(true)
    expect(Math.abs(bad.length - sender.sent() / 4)).toBeLessThanOrEqual(1)
  })

  test('arrivals keep coming while the program stalls, and durations count from the scheduled time', async () => {
    let release = (): void => {}
    const stalled = new Promise<void>((resolve) => {
      release = resolve
    })
    let arrived = 0
    const url = await serve((_, response) => {
      arrived += 1
      void stalled.then(() => response.end())
    })
    const { sender, outcomes } = sending([url])
    await vi.waitFor(() => expect(arrived).toBeGreaterThanOrEqual(30), { timeout: 5_000 })
    expect(outcomes).toEqual([])
    release()
    await sender.stop(2_000)
    expect(outcomes).toHaveLength(sender.sent())
    const durations = outcomes.toSorted((a, b) => a.at - b.at).map((outcome) => outcome.durationMs ?? 0)
    expect(durations[0]).toBeGreaterThan(250) // waited while 29 others arrived
    expect(durations[0]).toBeGreaterThan(durations.at(-1) ?? 0)
  })

  test('a time-out is a failure that lasted as long as the time-out', async () => {
    const url = await serve(() => {})
    const { sender, outcomes } = sending([url], { timeoutMs: 150, ratePerSecond: 20 })
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(2), { timeout: 5_000 })
    await sender.stop(1_000)
    expect(outcomes[0]).toMatchObject({ status: null, noAnswer: 'timed-out', durationMs: 150 })
  })

  test('what is outstanding is bounded, and what comes past the bound is a failure', async () => {
    const url = await serve(() => {})
    const { sender, outcomes } = sending([url], { ratePerSecond: 500, timeoutMs: 400, maxOutstanding: 20 })
    await vi.waitFor(() => expect(sender.sent()).toBeGreaterThan(100), { timeout: 5_000 })
    await sender.stop(1_000)
    expect(outcomes).toHaveLength(sender.sent())
    expect(new Set(outcomes.map((outcome) => outcome.noAnswer))).toEqual(new Set(['no-answer', 'timed-out']))
  })

  test('after Ctrl-C nothing is sent and nothing waited for', async () => {
    const url = await serve(() => {})
    const abort = new AbortController()
    const { sender, outcomes } = sending([url], { signal: abort.signal })
    abort.abort()
    const sent = sender.sent()
    await sender.stop(60_000)
    expect(sender.sent()).toBe(sent)
    expect(outcomes).toEqual([])
  })
})

describe('createConnections', () => {
  test('does not follow redirects, and sends what was asked for', async () => {
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      const { host: _, ...headers } = request.headers
      seen.push([request.method, request.url, headers])
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const connections = createConnections(1)
    const request = { ...requestForUrl(`${url}/a?b=1`), method: 'PUT', body: 'x', headers: { 'x-a': '1' } }
    expect(await connections.answerTo(request, 1_000)).toEqual({ status: 302, noAnswer: null })
    await connections.close()
    const headers = {
      accept: '*/*',
      'user-agent': 'firebreak',
      'x-a': '1',
      connection: 'keep-alive',
      'content-length': '1',
    }
    expect(seen).toEqual([['PUT', '/a?b=1', headers]])
  })

  test('says why there is no answer', async () => {
    const port = await freePort()
    const rude = createTcpServer((socket) => socket.once('data', () => socket.destroy()))
    const gibberish = createTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')))
    servers.push(rude, gibberish)
    const listening = async (server: typeof rude): Promise<string> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    }
    const connections = createConnections(1)
    const why = async (url: string) => (await connections.answerTo(requestForUrl(url), 1_000))?.noAnswer
    expect(await why(`http://127.0.0.1:${port}/`)).toBe('refused')
    expect(await why(await listening(rude))).toBe('reset')
    expect(await why(await listening(gibberish))).toBe('no-answer')
    await connections.close()
  })

  test('a stream of events is an answer as soon as it begins', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    })
    const connections = createConnections(1)
    expect(await connections.answerTo(requestForUrl(url), 5_000)).toEqual({ status: 200, noAnswer: null })
    await connections.close()
  })
})
