import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { RouteCount } from '../load/shoppers-protocol.ts'
import { accessLine } from './access-line.ts'
import { answersWell, createBackend } from './backend.ts'
import type { Backend } from './backend.ts'
import type { BackendState, BalancerSettings } from './balancer-protocol.ts'
import { clientAddress } from './client-address.ts'
import { forward } from './forward.ts'
import type { Forwarded } from './forward.ts'
import { createPicker } from './pick-backend.ts'
import type { RequestTrace, RequestTraces } from './request-traces.ts'
import { createSecondCounter } from './second-counter.ts'
import { shopRoute } from './shop-routes.ts'

/** Checks in a row that must fail before an instance gets nothing any more. */
const FAILED_CHECKS = 2

export type BalancerDeps = {
  readonly now: () => number
  readonly writeLine: (line: string) => void
  readonly onBackends: (states: readonly BackendState[]) => void
  readonly traces: RequestTraces
}

/** A request as it came. */
type Asked = {
  readonly client: string
  readonly method: string
  readonly target: string
  readonly trace: RequestTrace | null
}

export type LoadBalancer = {
  listen(host: string, port: number): Promise<void>
  configure(settings: BalancerSettings): void
  /** Asks every instance whether it is well. */
  checkHealth(): Promise<void>
  /** Counts since the last call. */
  takeSecond(): Readonly<Record<string, RouteCount>>
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

  function finish({ client, method, target, trace }: Asked, outcome: Forwarded): void {
    inFlight -= 1
    const { startedAt, answeredAfterMs, status, bytes, ending, backend } = outcome
    const totalMs = performance.now() - startedAt
    const route = shopRoute(method, target)
    counter.add(route, { status, durationMs: totalMs })
    trace?.setRoute(route.slice(route.indexOf(' ') + 1))
    trace?.end(status < 0 ? null : status)
    deps.writeLine(
      accessLine({
        at: deps.now() - totalMs,
        client,
        backend: backend?.name ?? null,
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
    const { method = 'GET', url: target = '/', headers } = req
    const trace = deps.traces.begin({ method, url: target, headers })
    // Of the address now: a request whose connection has gone has none any more.
    const client = `${clientAddress(req)}:${req.socket.remotePort ?? 0}`
    const onEnd = (outcome: Forwarded): void => finish({ client, method, target, trace }, outcome)
    if (settings.maintenance) return maintenance(req, res, onEnd)
    forward({
      req,
      res,
      headers: trace?.headers ?? {},
      pick: (except) => pick(backends, settings.canary, except),
      onRefused: (backend) => {
        backend.isHealthy = false // the next check that passes brings it back
        tell()
      },
      onEnd,
    })
  }

  async function check(backend: Backend): Promise<void> {
    const isWell = await answersWell(backend)
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
        const backend = known ?? createBackend(name, port)
        // Who puts one back in service has seen that it is ready.
        if (backend.weight === 0 && weight > 0) Object.assign(backend, { isHealthy: true, failedChecks: 0 })
        return Object.assign(backend, { weight })
      })
      for (const gone of before.values()) void gone.pool.destroy()
      tell()
    },
    checkHealth: async () => void (await Promise.all(backends.map(check))),
    takeSecond: () => counter.take(),
    get inFlight() {
      return inFlight
    },
    close() {
      server?.close()
      server?.closeAllConnections()
    },
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
  finish({ startedAt, answeredAfterMs: 0, status: 503, bytes, ending: 'PR--', backend: null })
}
