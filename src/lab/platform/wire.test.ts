import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { WireProxy } from './wire.ts'

/** A service that says everything twice, behind a wire. */
async function wired(): Promise<{ wire: WireProxy; port: number }> {
  const service = createServer((socket) => {
    socket.on('error', () => {}) // reset by the wire
    socket.on('data', (bytes) => socket.write(`${bytes.toString()}${bytes.toString()}`))
  })
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const port = await freePort()
  const targetPort = (service.address() as AddressInfo).port
  const wire = new WireProxy({ host: '127.0.0.1', listenPort: port, targetPort })
  await wire.listen()
  onTestFinished(async () => {
    await wire.close()
    service.close()
  })
  return { wire, port }
}

async function call(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function ask(socket: Socket, text = 'x'): Promise<string> {
  socket.write(text)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString()
}

describe('a wire', () => {
  test('passes everything while nothing is wrong', async () => {
    const { port } = await wired()
    expect(await ask(await call(port), 'ab')).toBe('abab')
  })

  test('delays what comes back, in its order', async () => {
    const { wire, port } = await wired()
    await wire.set({ kind: 'latency', ms: 120 })
    const from = performance.now()
    expect(await ask(await call(port))).toBe('xx')
    expect(performance.now() - from).toBeGreaterThan(110)
  })

  test('holds what comes back while it hangs, and lets it go then', async () => {
    const { wire, port } = await wired()
    await wire.set({ kind: 'hang' })
    const socket = await call(port)
    const answer = ask(socket)
    const early = await Promise.race([answer, new Promise((go) => setTimeout(() => go('nothing'), 80))])
    expect(early).toBe('nothing')
    await wire.set(null)
    expect(await answer).toBe('xx')
  })

  test('resets connections that are open, and new ones at their first byte', async () => {
    const { wire, port } = await wired()
    const before = await call(port)
    await ask(before)
    const broken = once(before, 'error')
    await wire.set({ kind: 'reset' })
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' })
    await expect(ask(await call(port))).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('refuses, and takes calls again afterwards', async () => {
    const { wire, port } = await wired()
    await wire.set({ kind: 'refuse' })
    await expect(call(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await wire.set(null)
    expect(await ask(await call(port))).toBe('xx')
  })

  test('is felt by the share that was asked for', async () => {
    const { wire, port } = await wired()
    await wire.set({ kind: 'reset', share: 0.5 })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => ask(await call(port)).catch(() => 'reset')),
    )
    expect(outcomes.filter((outcome) => outcome === 'reset').length).toBeGreaterThanOrEqual(9)
    expect(outcomes.filter((outcome) => outcome === 'xx').length).toBeGreaterThanOrEqual(9)
  })
})
