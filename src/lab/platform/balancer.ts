import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { Pool, request } from 'undici'
import { accessLine } from './access-line.ts'
import type { BackendState, BalancerSettings } from './balancer-protocol.ts'
import { clientAddress } from './client-address.ts'
import { forward } from './forward.ts'
import type { Forwarded } from './forward.ts'
import { createPicker } from './pick-backend.ts'
import type { RequestTrace, RequestTraces } from './request-traces.ts'
import { createSecondCounter } from './second-counter.ts'
import { shopRoute } from './shop-routes.ts'

/** Connections to one instance: far more than its pool, so that the balancer is never what runs out. */
const CONNECTIONS = 1_024
const ANSWER_WITHIN_MS = 30_000
const CHECK_WITHIN_MS = 1_000
/** Checks in a row that must fail before an instance gets nothing any more. */
const FAILED_CHECKS = 2

export type Backend = {
  readonly name: string
  readonly port: number
  readonly pool: Pool
  weight: number
  isHealthy: boolean
  failedChecks: number
  credit: number
  inFlight: number
}

export type BalancerDeps = {
  readonly now: () => number
  readonly writeLine: (line: string) => void
  readonly onBackends: (states: readonly BackendState[]) => void
  readonly traces: RequestTraces
}

export type LoadBalancer = {
  listen(host: string, port: number): Promise<void>
  configure(settings: BalancerSettings): void
  /** Asks every instance whether it is well. */
  checkHealth(): Promise<void>
  /** Counts since the last call. */
  takeSecond: ReturnType<typeof createSecondCounter>['take']
  readonly inFlight: number
  close(): void
}

export function createBalancer(deps: BalancerDeps): LoadBalancer {
  const pick = createPicker()
  const counter = createSecondCounter()
  let backends: readonly Backend[] = []
  let settings: BalancerSettings = { backends: [], maintenance: false, canary: null }
  let inFlight = 0
  let server: Server | null = null

  const tell = (): void =>
    deps.onBackends(backends.map(({ name, isHealthy, inFlight }) => ({ name, isHealthy, inFlight })))

  function finish(req: IncomingMessage, trace: RequestTrace | null, outcome: Forwarded): void {
    inFlight -= 1
    const { startedAt, waitedMs, answeredAfterMs, status, bytes, ending, backend } = outcome
    const totalMs = performance.now() - startedAt
    const { method = 'GET', url: target = '/' } = req
    const route = shopRoute(method, target)
    counter.add(route, { status, durationMs: totalMs })
    trace?.setRoute(route.slice(route.indexOf(' ') + 1))
    trace?.end(status < 0 ? null : status)
    deps.writeLine(
      accessLine({
        at: deps.now() - totalMs,
        client: `${clientAddress(req)}:${req.socket.remotePort ?? 0}`,
        backend: backend?.name ?? null,
        waitedMs,
        answeredAfterMs,
        totalMs,
        status,
        bytes,
        ending,
        inFlight: inFlight + 1,
        onBackend: backend?.inFlight ?? 0,
        method,
        target,
      }),
    )
    if (backend?.weight === 0 && backend.inFlight === 0) tell() // somebody waits for it to be drained
  }

  function serve(req: IncomingMessage, res: ServerResponse): void {
    inFlight += 1
    const { method = 'GET', url = '/', headers } = req
    const trace = deps.traces.begin({ method, url, headers })
    if (settings.maintenance) return maintenance(req, res, (outcome) => finish(req, trace, outcome))
    forward({
      req,
      res,
      headers: trace?.headers ?? {},
      pick: (except) => pick(backends, settings.canary, except),
      onRefused: (backend) => {
        backend.isHealthy = false // the next check that passes brings it back
        tell()
      },
      onEnd: (outcome) => finish(req, trace, outcome),
    })
  }

  async function check(backend: Backend): Promise<void> {
    const isWell = await asksWell(backend.port)
    backend.failedChecks = isWell ? 0 : backend.failedChecks + 1
    const before = backend.isHealthy
    if (isWell) backend.isHealthy = true
    else if (backend.failedChecks >= FAILED_CHECKS) backend.isHealthy = false
    if (before !== backend.isHealthy) tell()
  }

  return {
    async listen(host, port) {
      server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, serve)
      server.listen(port, host, 4_096)
      await once(server, 'listening')
    },
    configure(next) {
      settings = next
      const before = new Map(backends.map((backend) => [`${backend.name} ${backend.port}`, backend]))
      backends = next.backends.map(({ name, port, weight }) => {
        const known = before.get(`${name} ${port}`)
        before.delete(`${name} ${port}`)
        return Object.assign(known ?? newBackend(name, port), { weight })
      })
      for (const gone of before.values()) void gone.pool.destroy()
      tell()
    },
    checkHealth: async () => void (await Promise.all(backends.map(check))),
    takeSecond: counter.take,
    get inFlight() {
      return inFlight
    },
    close() {
      server?.close()
      server?.closeAllConnections()
    },
  }
}

function newBackend(name: string, port: number): Backend {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
    connectTimeout: 2_000,
    keepAliveTimeout: 4_000, // under what the apps keep, so that none is closed under a request
  })
  return { name, port, pool, weight: 1, isHealthy: true, failedChecks: 0, credit: 0, inFlight: 0 }
}

/** On a connection of its own: a full pool says nothing of the instance's health. */
async function asksWell(port: number): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/health`, {
      headersTimeout: CHECK_WITHIN_MS,
      bodyTimeout: CHECK_WITHIN_MS,
      signal: AbortSignal.timeout(CHECK_WITHIN_MS),
    })
    await body.dump()
    return statusCode < 400
  } catch {
    return false
  }
}

const MAINTENANCE_PAGE = `<!doctype html><html lang="en"><title>Back soon</title>
<h1>We are working on the shop</h1><p>Please come back in a few minutes. Your cart is kept.</p></html>
`

function maintenance(req: IncomingMessage, res: ServerResponse, finish: (outcome: Forwarded) => void): void {
  const startedAt = performance.now()
  req.resume()
  res.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '60' })
  res.end(MAINTENANCE_PAGE)
  const bytes = MAINTENANCE_PAGE.length
  const timers = { startedAt, waitedMs: 0, answeredAfterMs: 0 }
  finish({ ...timers, status: 503, bytes, ending: 'PR--', backend: null })
}
