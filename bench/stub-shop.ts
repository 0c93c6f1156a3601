// node bench/stub-shop.ts: answers every request with a small JSON text, as cheaply as Node can; for benchmarks of
// load generators. A line "stall MS" on its input holds all answers back for so long. It ends when its input ends.
//
// Each piece of data is taken for one request: true for clients that ask one thing at a time on a connection.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { createInterface } from 'node:readline'

const BODY = '{"orderId":17,"code":"abc123","items":[{"id":1,"name":"lamp","price":1999}]}'
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`

const held: Socket[] = []
let isStalled = false

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => {
    if (isStalled) held.push(socket)
    else socket.write(ANSWER)
  })
  socket.on('error', () => socket.destroy())
})

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))
})

for await (const line of createInterface({ input: process.stdin })) {
  const [, ms] = /^stall (\d+)$/.exec(line) ?? []
  if (ms === undefined) continue
  isStalled = true
  setTimeout(() => {
    isStalled = false
    for (const socket of held.splice(0)) socket.write(ANSWER)
  }, Number(ms))
}
process.exit(0)
