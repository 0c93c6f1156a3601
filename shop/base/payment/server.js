import { randomUUID } from 'node:crypto'
import { readFileSync, watchFile } from 'node:fs'
import Fastify from 'fastify'
import { createLog, logRequests } from '../log.js'
import { instrument, startTelemetry, stopTelemetry } from '../telemetry.js'
import { checkCharge } from './check-charge.js'

const { HOST = '127.0.0.1', PORT = '3001', INSTANCE = 'payment', TLS_CERT_FILE, TLS_KEY_FILE } = process.env
const STOP_MS = 2000
/** How long the card network takes: a base and a tail. */
const NETWORK_MS = { least: 12, spread: 18 }

const log = createLog(INSTANCE)
await startTelemetry()
const app = Fastify({ logger: false, forceCloseConnections: true, https: tls() })
instrument(app)
logRequests(app, log)

app.get('/health', async () => ({ status: 'ok', instance: INSTANCE }))

app.post('/charge', async (request, reply) => {
  const { reference, card } = request.body ?? {}
  const refusal = checkCharge(request.body ?? {})
  if (refusal !== null) {
    log.warn(`${reference}: ${refusal}`)
    return reply.code(422).send({ error: refusal })
  }
  await new Promise((resolve) => {
    setTimeout(resolve, NETWORK_MS.least + Math.random() * NETWORK_MS.spread)
  })
  if (card.endsWith('0002')) return reply.code(402).send({ error: 'the card was declined' })
  return reply.code(201).send({ reference: `pay-${randomUUID()}` })
})

await app.listen({ host: HOST, port: Number(PORT), backlog: 1024 })
log.info(`listening on ${HOST}:${PORT}`)
if (TLS_CERT_FILE) watchFile(TLS_CERT_FILE, { interval: 500, persistent: false }, renew)
process.once('SIGTERM', stop)
process.once('SIGINT', stop)

function tls() {
  return TLS_CERT_FILE ? { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) } : null
}

/** A new certificate is shown to everybody who connects from now on. */
function renew() {
  try {
    app.server.setSecureContext(tls())
    app.server.closeIdleConnections()
    log.info('certificate read again')
  } catch (error) {
    log.warn(`the certificate could not be read again: ${error.message}`)
  }
}

async function stop() {
  log.info('stopping')
  setTimeout(() => process.exit(0), STOP_MS).unref()
  await app.close()
  await stopTelemetry()
  process.exit(0)
}
