// A small app as the shop's are, for measuring what telemetry costs: three queries that take no time, and a log line.
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'

type Pool = {
  query(text: string): Promise<unknown>
  connect(): Promise<{ query(text: string): Promise<unknown> }>
}
type Telemetry = {
  readonly startTelemetry: () => Promise<void>
  readonly instrument: (app: FastifyInstance) => void
  readonly tracedPool: (pool: Pool) => Pool
  readonly recordLog: (record: { readonly severity: string; readonly message: string }) => void
}

const { startTelemetry, instrument, tracedPool, recordLog } = (await import(
  new URL('../shop/base/telemetry.js', import.meta.url).href
)) as Telemetry
await startTelemetry()

const query = (): Promise<unknown> => new Promise((resolve) => setImmediate(() => resolve({ rows: [] })))
const figures = { options: { max: 40 }, idleCount: 1, totalCount: 1, waitingCount: 0 }
const pool = tracedPool(Object.assign({ query, connect: async () => ({ query }) }, figures))

const app = Fastify()
instrument(app)
app.addHook('onResponse', (request, reply, done) => {
  recordLog({ severity: 'INFO', message: `${request.method} ${request.url} ${reply.statusCode}` })
  done()
})
app.get('/*', async () => {
  await pool.query('SELECT id, name, price_cents FROM products WHERE id = $1')
  await pool.query('SELECT count(*) FROM stock WHERE product_id = $1')
  await pool.query('UPDATE visits SET last_at = now() WHERE id = $1')
  return { id: 1, name: 'lamp', price: 1999 }
})
app.post('/*', async () => ({ orderId: 1 }))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
