import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { portHolder } from './port-holder.ts'

test.each(['127.0.0.1', '::1'])('names the process that listens at %s', async (host) => {
  const server = createServer()
  const listens = await new Promise<boolean>((known) => {
    server.once('error', () => known(false)) // a machine without IPv6
    server.listen(0, host, () => known(true))
  })
  if (!listens) return
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const holder = portHolder(port)
  const expected = process.platform === 'linux' ? `node (process ${process.pid})` : 'null'
  expect(String(holder)).toContain(expected)
})

test('knows nobody where nobody listens', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  expect(portHolder(port)).toBeNull()
})
