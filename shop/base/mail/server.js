import Fastify from 'fastify'
import { createLog, logRequests } from '../log.js'
import { instrument, startTelemetry, stopTelemetry } from '../telemetry.js'

const { HOST = '127.0.0.1', PORT = '3002', INSTANCE = 'mail' } = process.env
const STOP_MS = 2000
/** How long the next mail server takes to accept a message. */
const RELAY_MS = { least: 5, spread: 10 }

const log = createLog(INSTANCE)
await startTelemetry()
const app = Fastify({ logger: false, forceCloseConnections: true })
instrument(app)
logRequests(app, log)

app.get('/health', async () => ({ status: 'ok', instance: INSTANCE }))

app.post('/send', async (request, reply) => {
  const { to, subject, text } = request.body ?? {}
  if (!to || !subject || !text) return reply.code(400).send({ error: 'expected to, subject and text' })
  await new Promise((resolve) => {
    setTimeout(resolve, RELAY_MS.least + Math.random() * RELAY_MS.spread)
  })
  return reply.code(202).send({ accepted: true })
})

await app.listen({ host: HOST, port: Number(PORT), backlog: 1024 })
log.info(`listening on ${HOST}:${PORT}`)
process.once('SIGTERM', stop)
process.once('SIGINT', stop)

async function stop() {
  log.info('stopping')
  setTimeout(() => process.exit(0), STOP_MS).unref()
  await app.close()
  await stopTelemetry()
  process.exit(0)
}
