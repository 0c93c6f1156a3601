import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Backend } from './balancer.ts'
import { forwardedFor } from './client-address.ts'

/** How it went with one request. */
export type Forwarded = {
  readonly startedAt: number
  readonly waitedMs: number
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
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Sends a request on and its answer back. Refused ones without effect are tried once more, at another instance. */
export function forward(order: ForwardOrder): void {
  const startedAt = performance.now()
  send(order, { startedAt, except: undefined })
}

type Attempt = { readonly startedAt: number; readonly except: string | undefined }

function send(order: ForwardOrder, { startedAt, except }: Attempt): void {
  const { req, res } = order
  const backend = order.pick(except)
  let answeredAfterMs = -1
  let bytes = 0
  let isOver = false
  let status = 0
  let stop: ((reason: Error) => void) | null = null

  function end(final: number, ending: string): void {
    if (isOver) return
    isOver = true
    res.off('close', leave)
    if (backend !== null) backend.inFlight -= 1
    order.onEnd({ startedAt, waitedMs: 0, answeredAfterMs, status: final, bytes, ending, backend })
  }

  function leave(): void {
    if (res.writableFinished) return
    end(-1, answeredAfterMs < 0 ? 'CH--' : 'CD--')
    stop?.(new Error('the client has left'))
  }

  function fail(error: Error): void {
    if (isOver || backend === null) return
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const wasRefused = code === 'ECONNREFUSED'
    if (wasRefused) order.onRefused(backend)
    if (wasRefused && except === undefined && IDEMPOTENT.has(req.method ?? '')) {
      isOver = true
      res.off('close', leave)
      backend.inFlight -= 1
      return send(order, { startedAt, except: backend.name })
    }
    if (res.headersSent) {
      res.destroy()
      return end(502, 'SD--')
    }
    const isLate = /TIMEOUT/.test(code)
    answer(res, isLate ? 504 : 502)
    end(isLate ? 504 : 502, isLate ? 'sH--' : wasRefused ? 'SC--' : 'SH--')
  }

  if (backend === null) {
    req.resume()
    answer(res, 503)
    return end(503, 'SC--')
  }
  backend.inFlight += 1
  res.on('close', leave)
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      stop = (reason) => controller.abort(reason)
      if (isOver) controller.abort(new Error('the client has left'))
    },
    onResponseStart(controller, statusCode, headers) {
      if (isOver || statusCode < 200) return
      status = statusCode
      answeredAfterMs = performance.now() - startedAt
      res.writeHead(statusCode, withoutHops(headers))
      res.on('drain', () => controller.resume())
    },
    onResponseData(controller, chunk) {
      bytes += chunk.length
      if (!res.write(chunk)) controller.pause()
    },
    onResponseEnd() {
      res.end()
      end(status, '----')
    },
    onResponseError: (_, error) => fail(error),
  }
  const { method = 'GET', url = '/' } = req
  const hasBody = req.headers['content-length'] !== undefined || 'transfer-encoding' in req.headers
  try {
    backend.pool.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path: url,
        headers: headersOf(req, order.headers),
        body: hasBody ? req : null,
      },
      handler,
    )
  } catch (error) {
    fail(error as Error) // what undici will not send, such as a target with a blank in it
  }
}

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
