import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Backend } from './backend.ts'
import { forwardedFor } from './client-address.ts'

/** How it went with one request. */
export type Forwarded = {
  readonly startedAt: number
  /** -1 where no answer began. */
  readonly answeredAfterMs: number
  /** -1: the client left first. */
  readonly status: number
  readonly bytes: number
  readonly ending: string
  readonly backend: Backend | null
}

export type ForwardOrder = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** In the place of what the client sent under these names. */
  readonly headers: Readonly<Record<string, string>>
  /** An instance for it, not the one that has just refused; null where there is none. */
  readonly pick: (except: string | undefined) => Backend | null
  readonly onRefused: (backend: Backend) => void
  readonly onEnd: (outcome: Forwarded) => void
}

type Attempt = { readonly startedAt: number; readonly refusedBy: string | undefined }

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Sends a request on and its answer back. Refused ones without effect are tried once more, at another instance. */
export function forward(order: ForwardOrder): void {
  attempt(order, { startedAt: performance.now(), refusedBy: undefined })
}

function attempt(order: ForwardOrder, { startedAt, refusedBy }: Attempt): void {
  const { req, res } = order
  const backend = order.pick(refusedBy)
  if (backend === null) {
    req.resume()
    answer(res, 503)
    order.onEnd({ startedAt, answeredAfterMs: -1, status: 503, bytes: 0, ending: 'SC--', backend })
    return
  }
  const exchange = new Exchange(order, backend, { startedAt, refusedBy })
  const hasBody = req.headers['content-length'] !== undefined || 'transfer-encoding' in req.headers
  const options: Dispatcher.DispatchOptions = {
    method: req.method ?? 'GET',
    path: req.url ?? '/',
    headers: headersOf(req, order.headers),
    // Not the request itself: what fails is destroyed, and the client's connection with it.
    body: hasBody ? req.pipe(new PassThrough()) : null,
  }
  try {
    backend.pool.dispatch(options, exchange)
  } catch (error) {
    exchange.fail(error as Error) // what undici will not send, such as a target with a blank in it
  }
}

/** One request under way at one instance. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #order: ForwardOrder
  readonly #backend: Backend
  readonly #attempt: Attempt
  readonly #onClose = (): void => this.#leave()
  #abort: ((reason: Error) => void) | null = null
  #isOver = false
  #status = 0
  #bytes = 0
  #answeredAfterMs = -1

  constructor(order: ForwardOrder, backend: Backend, attempt: Attempt) {
    this.#order = order
    this.#backend = backend
    this.#attempt = attempt
    backend.inFlight += 1
    order.res.on('close', this.#onClose)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#abort = (reason) => controller.abort(reason)
    if (this.#isOver) controller.abort(new Error('the client has left'))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#isOver || statusCode < 200) return
    this.#status = statusCode
    this.#answeredAfterMs = performance.now() - this.#attempt.startedAt
    this.#order.res.writeHead(statusCode, withoutHops(headers))
    this.#order.res.on('drain', () => controller.resume())
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (!this.#order.res.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.#order.res.end()
    this.#end(this.#status, '----')
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error)
  }

  fail(error: Error): void {
    if (this.#isOver) return
    const { req, res, onRefused } = this.#order
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const wasRefused = code === 'ECONNREFUSED'
    if (wasRefused) onRefused(this.#backend)
    if (wasRefused && this.#attempt.refusedBy === undefined && IDEMPOTENT.has(req.method ?? '')) {
      this.#letGo()
      attempt(this.#order, { ...this.#attempt, refusedBy: this.#backend.name })
    } else if (res.headersSent) {
      res.destroy()
      this.#end(502, 'SD--')
    } else {
      const isLate = /TIMEOUT/.test(code)
      answer(res, isLate ? 504 : 502)
      this.#end(isLate ? 504 : 502, isLate ? 'sH--' : wasRefused ? 'SC--' : 'SH--')
    }
  }

  #leave(): void {
    if (this.#isOver || this.#order.res.writableFinished) return
    this.#end(-1, this.#answeredAfterMs < 0 ? 'CH--' : 'CD--')
    this.#abort?.(new Error('the client has left'))
  }

  #end(status: number, ending: string): void {
    if (this.#isOver) return
    this.#letGo()
    const { startedAt } = this.#attempt
    const [bytes, answeredAfterMs] = [this.#bytes, this.#answeredAfterMs]
    this.#order.onEnd({ startedAt, answeredAfterMs, status, bytes, ending, backend: this.#backend })
  }

  #letGo(): void {
    this.#isOver = true
    this.#order.res.off('close', this.#onClose)
    this.#backend.inFlight -= 1
  }
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
])

function headersOf(req: IncomingMessage, own: Readonly<Record<string, string>>): string[] {
  const sent: string[] = []
  const { rawHeaders } = req
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const lower = name.toLowerCase()
    const isSentOn = !HOP_BY_HOP.has(lower) && lower !== 'x-forwarded-for' && !(lower in own)
    if (isSentOn) sent.push(name, rawHeaders[at + 1] ?? '')
  }
  sent.push('x-forwarded-for', forwardedFor(req))
  return sent.concat(...Object.entries(own))
}

function withoutHops(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value
  }
  return kept
}

const WORDS: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Time-out',
}

function answer(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  res.end(`${status} ${WORDS[status]}\n`)
}
