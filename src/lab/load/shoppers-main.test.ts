import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createShoppersLink } from './shoppers-link.ts'
import type { ShoppersReport } from './shoppers-protocol.ts'

async function startShop() {
  const clients = new Set<unknown>()
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    clients.add(request.headers['x-forwarded-for'])
    response.setHeader('content-type', 'application/json').end('{"orderId":1,"code":"abc"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    clients,
    requests: () => requests,
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function startProcess(target: string) {
  const child = spawn(process.execPath, ['--no-warnings', `${import.meta.dirname}/shoppers-main.ts`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const reports: ShoppersReport[] = []
  const link = createShoppersLink({
    write: (line) => void child.stdin.write(line),
    onReport: (report) => reports.push(report),
  })
  child.stdout.on('data', (chunk: Buffer) => link.read(chunk))
  const settings = { target, perSecond: 50, seed: 3, timeoutMs: 2_000, reportsFile: null, reportsUrl: null }
  link.start({ ...settings, profile: 'everyday' })
  return { child, link, reports, exited: once(child, 'exit') }
}

test('the process sends, obeys, and says at its end what it did', async () => {
  await using shop = await startShop()
  const { link, reports, exited } = startProcess(shop.target)
  await vi.waitFor(() => expect(shop.requests()).toBeGreaterThan(20), { timeout: 10_000 })
  link.setRate(400)
  await vi.waitFor(() => expect(link.latest()?.started).toBeGreaterThan(300), { timeout: 10_000 })
  link.stop()
  expect(await exited).toEqual([0, null])
  expect(reports[0]).toEqual({ kind: 'ready' })
  expect(reports.at(-1)).toEqual({ kind: 'stopped', requests: shop.requests(), failed: 0 })
  expect(link.figures(60).errorRate).toBe(0)
  expect(shop.clients.size).toBeGreaterThan(10)
})

test('the process ends when the one that started it is gone', async () => {
  await using shop = await startShop()
  const { child, exited } = startProcess(shop.target)
  await vi.waitFor(() => expect(shop.requests()).toBeGreaterThan(0), { timeout: 10_000 })
  child.stdin.end()
  expect(await exited).toEqual([0, null])
})
