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
/** Connections that wait to be accepted while this process is busy. */
const BACKLOG = 4_096

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

/** Sends each request to an instance that is in service, and counts how it went. */
export class LoadBalancer {
  readonly #deps: BalancerDeps
  readonly #pick = createPicker()
  readonly #counter = createSecondCounter()
  #backends: readonly Backend[] = []
  #settings: BalancerSettings = { backends: [], maintenance: false, canary: null }
  #inFlight = 0
  #server: Server | null = null

  constructor(deps: BalancerDeps) {
    this.#deps = deps
  }

  get inFlight(): number {
    return this.#inFlight
  }

  async listen(host: string, port: number): Promise<void> {
    this.#server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (req, res) =>
      this.#serve(req, res),
    )
    this.#server.listen(port, host, BACKLOG)
    await once(this.#server, 'listening')
  }

  close(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }

  configure(settings: BalancerSettings): void {
    const gone = new Map(this.#backends.map((backend) => [keyOf(backend), backend]))
    this.#settings = settings
    this.#backends = settings.backends.map(({ name, port, weight }) => {
      const backend = gone.get(keyOf({ name, port })) ?? createBackend(name, port)
      gone.delete(keyOf(backend))
      // Who puts one back in service has seen that it is ready.
      if (backend.weight === 0 && weight > 0) Object.assign(backend, { isHealthy: true, failedChecks: 0 })
      return Object.assign(backend, { weight })
    })
    for (const { pool } of gone.values()) void pool.destroy()
    this.#tell()
  }

  /** Asks every instance whether it is well. */
  async checkHealth(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => this.#check(backend)))
  }

  /** Counts since the last call. */
  takeSecond(): Readonly<Record<string, RouteCount>> {
    return this.#counter.take()
  }

  #tell(): void {
    const states = this.#backends.map(({ name, isHealthy, inFlight }) => ({ name, isHealthy, inFlight }))
    this.#deps.onBackends(states)
  }

  #serve(req: IncomingMessage, res: ServerResponse): void {
    this.#inFlight += 1
    const { method = 'GET', url: target = '/', headers } = req
    const trace = this.#deps.traces.begin({ method, url: target, headers })
    // Of the address now: a request whose connection has gone has none any more.
    const client = `${clientAddress(req)}:${req.socket.remotePort ?? 0}`
    const onEnd = (outcome: Forwarded): void => this.#finish({ client, method, target, trace }, outcome)
    if (this.#settings.maintenance) return maintenance(req, res, onEnd)
    forward({
      req,
      res,
      headers: trace?.headers ?? {},
      pick: (except) => this.#pick(this.#backends, this.#settings.canary, except),
      onRefused: (backend) => {
        backend.isHealthy = false // the next check that passes brings it back
        this.#tell()
      },
      onEnd,
    })
  }

  #finish({ client, method, target, trace }: Asked, outcome: Forwarded): void {
    this.#inFlight -= 1
    const { startedAt, answeredAfterMs, status, bytes, ending, backend } = outcome
    const totalMs = performance.now() - startedAt
    const route = shopRoute(method, target)
    this.#counter.add(route, { status, durationMs: totalMs })
    trace?.setRoute(route.slice(route.indexOf(' ') + 1))
    trace?.end(status < 0 ? null : status)
    this.#deps.writeLine(
      accessLine({
        at: this.#deps.now() - totalMs,
        client,
        backend: backend?.name ?? null,
        answeredAfterMs,
        totalMs,
        status,
        bytes,
        ending,
        inFlight: this.#inFlight + 1,
        onBackend: backend?.inFlight ?? 0,
        method,
        target,
      }),
    )
    if (backend?.weight === 0 && backend.inFlight === 0) this.#tell() // somebody waits for it to be drained
  }

  async #check(backend: Backend): Promise<void> {
    const isWell = await answersWell(backend)
    const before = backend.isHealthy
    backend.failedChecks = isWell ? 0 : backend.failedChecks + 1
    if (isWell) backend.isHealthy = true
    else if (backend.failedChecks >= FAILED_CHECKS) backend.isHealthy = false
    if (before !== backend.isHealthy) this.#tell()
  }
}

function keyOf({ name, port }: Pick<Backend, 'name' | 'port'>): string {
  return `${name} ${port}`
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
