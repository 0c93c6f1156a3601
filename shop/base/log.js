import { inspect } from 'node:util'
import { activeTraceId, recordLog } from './telemetry.js'

/** Plain lines for people: `2026-03-01T09:00:00.123Z INFO app-1 POST /checkout 201 34ms trace=…`. */
export function createLog(instance, write = (text) => process.stdout.write(text)) {
  function line(severity, message, error = null) {
    const trace = activeTraceId()
    const tail = `${trace === null ? '' : ` trace=${trace}`}${error === null ? '' : `\n${inspect(error)}`}`
    write(`${new Date().toISOString()} ${severity} ${instance} ${message}${tail}\n`)
    recordLog({ severity, message, error })
  }
  return {
    info: (message) => line('INFO', message),
    warn: (message) => line('WARN', message),
    error: (message, error) => line('ERROR', message, error),
  }
}

/** One line for every request. */
export function logRequests(app, log) {
  app.addHook('onResponse', (request, reply, done) => {
    log.info(`${request.method} ${request.url} ${reply.statusCode} ${Math.round(reply.elapsedTime)}ms`)
    done()
  })
}
