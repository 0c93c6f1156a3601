import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { HttpClient } from './http-client.ts'
import type { Answer } from './shop-request.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A server that does what it is told with each piece of data; it counts its connections. */
async function serverWith(onData: (socket: Socket, count: number) => void) {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    let count = 0
    socket.on('data', () => onData(socket, (count += 1)))
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function clientOf(port: number, maxSockets = 4): HttpClient {
  return new HttpClient({ host: '127.0.0.1', port, maxSockets, now: () => 0 })
}

function ask(client: HttpClient, isIdempotent = true): Promise<Answer> {
  const text = `${isIdempotent ? 'GET' : 'POST'} / HTTP/1.1\r\nhost: x\r\n\r\n`
  return new Promise((resolve) => client.send({ text, isIdempotent, keepsBody: true }, resolve))
}

test('uses a connection again', async () => {
  await using server = await serverWith((socket) => void socket.write(OK))
  const client = clientOf(server.port)
  for (let time = 0; time < 3; time += 1) expect(await ask(client)).toEqual({ outcome: 200, body: 'ok' })
  expect(server.connections()).toBe(1)
  client.close()
})

test('opens no more connections than allowed; the others wait for their turn', async () => {
  await using server = await serverWith((socket) => void setTimeout(() => socket.write(OK), 5))
  const client = clientOf(server.port, 2)
  const answers = await Promise.all(Array.from({ length: 9 }, () => ask(client)))
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 9 }, () => 200))
  expect(server.connections()).toBe(2)
  client.close()
})

test('tells a refusal from a reset', async () => {
  const gone = await serverWith(() => {})
  await gone[Symbol.asyncDispose]()
  expect((await ask(clientOf(gone.port))).outcome).toBe('refused')
  await using resetting = await serverWith((socket) => socket.resetAndDestroy())
  expect((await ask(clientOf(resetting.port))).outcome).toBe('reset')
})

test('asks once more on a fresh connection where a kept one was closed, unless asking twice may do harm', async () => {
  await using server = await serverWith((socket, count) => {
    if (count === 1) socket.write(OK)
    else socket.destroy()
  })
  const client = clientOf(server.port)
  expect((await ask(client)).outcome).toBe(200)
  expect((await ask(client)).outcome).toBe(200)
  expect(server.connections()).toBe(2)
  expect((await ask(client, false)).outcome).toBe('reset')
  client.close()
})

test('a cancelled request calls nobody back, and says whether it had left', async () => {
  await using server = await serverWith(() => {})
  const client = clientOf(server.port, 1)
  const request = { text: 'GET / HTTP/1.1\r\n\r\n', isIdempotent: true, keepsBody: false }
  let calls = 0
  const first = client.send(request, () => (calls += 1))
  const second = client.send(request, () => (calls += 1))
  expect(second()).toBe('unsent')
  expect(first()).toBe('sent')
  expect([client.openSockets, calls]).toEqual([0, 0])
})
