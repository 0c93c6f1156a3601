// OpenTelemetry for the shop's programs: traces, metrics and logs over OTLP/HTTP.
//
//   await startTelemetry()                // first; off, with nothing loaded, without OTEL_EXPORTER_OTLP_ENDPOINT
//   instrument(fastify)                   // a server span and a duration for every request
//   const pool = tracedPool(new pg.Pool(...))
//   await tracedFetch(url, { method: 'POST', ... })
//   recordLog({ severity: 'ERROR', message, error })   // beside the line on stdout; carries the trace id
//   await stopTelemetry()                 // on SIGTERM: sends what is left, for one second at most
import { AsyncLocalStorage } from 'node:async_hooks'

/** What telemetry/sdk.js made; null while telemetry is off. */
let sdk = null

/** The server span that the running code works for. */
const current = new AsyncLocalStorage()

const serverSpan = Symbol('server span')

export async function startTelemetry(env = process.env) {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT || sdk !== null) return
  const { createSdk } = await import('./telemetry/sdk.js')
  sdk = createSdk(env)
}

export async function stopTelemetry() {
  const stopping = sdk
  sdk = null
  await stopping?.shutdown()
}

/** 32 hexadecimal digits for log lines; null outside a request, or with telemetry off. */
export function activeTraceId() {
  return current.getStore()?.traceId ?? null
}

/** A server span for every request of a Fastify application, and http.server.request.duration. */
export function instrument(fastify) {
  if (sdk === null) return
  fastify.decorateRequest(serverSpan, null)
  fastify.addHook('onRequest', (request, reply, done) => {
    const span = startServerSpan({ method: request.method, url: request.url, headers: request.headers })
    span.setRoute(request.routeOptions.url)
    request[serverSpan] = span
    current.run(span, done)
  })
  // Reading the body leaves the context behind: enter it again before the handler.
  fastify.addHook('preValidation', (request, reply, done) => current.run(request[serverSpan], done))
  fastify.addHook('onError', async (request, reply, error) => {
    request[serverSpan].setError(error)
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    request[serverSpan].end(reply.raw.writableFinished ? reply.statusCode : null)
    current.run(request[serverSpan], done) // hooks after this one write the request's log line
  })
}

/**
 * The span of one request, for servers without Fastify; null while telemetry is off. Its `headers` are for the request
 * that is passed on; `end(status)` ends it, with null where the client went away before the answer.
 */
export function startServerSpan(request) {
  return sdk?.startServerSpan(request) ?? null
}

/** Runs `work` for this request, so that what it asks of others belongs to the same trace. */
export function withServerSpan(span, work) {
  return span === null ? work() : current.run(span, work)
}

/** Every query of the pool becomes a span; waiting for connections, and how many are used, become metrics. */
export function tracedPool(pool) {
  if (sdk === null) return pool
  sdk.observePool(pool)
  const seen = new WeakSet()
  const query = pool.query.bind(pool)
  const connect = pool.connect.bind(pool)
  pool.query = (...args) => tracedQuery(query, args)
  pool.connect = (callback) => {
    const wait = sdk?.startPoolWait(pool, current.getStore())
    if (typeof callback === 'function') {
      return connect((error, client, release) => {
        wait?.end(error)
        callback(error, client, release)
      })
    }
    return connect().then(
      (client) => {
        wait?.end(null)
        return seen.has(client) ? client : tracedClient(client, seen)
      },
      (error) => {
        wait?.end(error)
        throw error
      },
    )
  }
  return pool
}

function tracedClient(client, seen) {
  seen.add(client)
  const query = client.query.bind(client)
  client.query = (...args) => tracedQuery(query, args)
  return client
}

async function tracedQuery(query, args) {
  const text = typeof args[0] === 'string' ? args[0] : args[0]?.text
  // With a callback the pool asks its client on behalf of a query that already has a span.
  if (sdk === null || text === undefined || typeof args.at(-1) === 'function') return query(...args)
  const span = sdk.startQuerySpan(text, current.getStore())
  try {
    const result = await query(...args)
    span.end(null)
    return result
  } catch (error) {
    span.end(error)
    throw error
  }
}

/** Like fetch; a client span, and the trace goes on in the service that is asked. `init.fetch` replaces the global one. */
export async function tracedFetch(url, { fetch = globalThis.fetch, ...init } = {}) {
  if (sdk === null) return fetch(url, init)
  const span = sdk.startClientSpan({ url: new URL(url), method: init.method ?? 'GET' }, current.getStore())
  try {
    const response = await fetch(url, { ...init, headers: { ...init.headers, ...span.headers } })
    span.end(response.status, null)
    return response
  } catch (error) {
    span.end(null, error)
    throw error
  }
}

/** One log record. `severity` is DEBUG, INFO, WARN, ERROR or FATAL. */
export function recordLog({ severity, message, error = null, attributes = {} }) {
  sdk?.recordLog({ severity, message, error, attributes }, current.getStore())
}
