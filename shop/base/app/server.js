import { startTelemetry, stopTelemetry } from '../telemetry.js'
import { buildApp } from './build.js'
import { createMail } from './clients/mail.js'
import { createPayment } from './clients/payment.js'
import { readConfig } from './config.js'
import { createDatabase } from './database.js'
import { createLog } from '../log.js'

const log = createLog(process.env.INSTANCE ?? 'app')
const STOP_MS = 2000

try {
  await main()
} catch (error) {
  log.error('could not start', error)
  process.exit(1)
}

async function main() {
  const config = readConfig(process.env)
  await startTelemetry()
  const parts = {
    config,
    log,
    database: createDatabase(config, log),
    payment: createPayment(config.payment),
    mail: createMail(config.mail, log),
  }
  const app = buildApp(parts)
  await app.listen({ host: config.host, port: config.port, backlog: 1024 })
  log.info(`listening on ${config.host}:${config.port}, version ${config.version}`)
  process.once('SIGTERM', () => stop(app, parts))
  process.once('SIGINT', () => stop(app, parts))
}

async function stop(app, parts) {
  log.info('stopping')
  setTimeout(() => process.exit(0), STOP_MS).unref()
  await app.close()
  await Promise.allSettled([
    parts.database.close(),
    parts.payment.close(),
    parts.mail.close(),
    stopTelemetry(),
  ])
  process.exit(0)
}
