// node bench/otlp-sink.ts [PORT]: an OTLP/HTTP receiver that counts what it gets and keeps nothing.
// GET /counts answers { spans, logs, points, requests, bytes, cpuMs }; it ends when its input ends.
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { countRecords } from './otlp-count.ts'

const counts = { spans: 0, logs: 0, points: 0, requests: 0, bytes: 0 }
const SIGNALS = { '/v1/traces': 'spans', '/v1/logs': 'logs', '/v1/metrics': 'points' } as const

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const server = createServer((request, response) => {
  const signal = SIGNALS[request.url as keyof typeof SIGNALS]
  if (signal === undefined) {
    const { user, system } = process.cpuUsage()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...counts, cpuMs: (user + system) / 1000 }))
    return
  }
  void bodyOf(request).then((body) => {
    counts.requests += 1
    counts.bytes += body.length
    counts[signal] += countRecords(body, signal)
    response.setHeader('content-type', 'application/x-protobuf')
    response.end() // an empty message: everything was accepted
  })
})

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
