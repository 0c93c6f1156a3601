import type { IncomingMessage, ServerResponse } from 'node:http'
import { createOtlpDecoder } from '../otlp/decoder.ts'
import type { OtlpDecoder, OtlpEncoding, OtlpSignal } from '../otlp/decoder.ts'
import { exportResponse, RPC_CODE, statusResponse } from '../otlp/export-response.ts'
import { limitsOf, receive, WAIT_MS } from './receive-export.ts'
import type { Received, ReceiverDeps } from './receive-export.ts'
import { CONTENT_ENCODINGS, readBody } from './request-body.ts'
import type { ContentEncoding } from './request-body.ts'

/** Takes requests of a server of node:http, or of one that hands out its raw request and response. */
export type HttpReceiver = {
  /** False, and nothing touched, where the path is not one of its own. Never rejects. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
}

const SOURCE = 'otlp-http'
const SIGNALS: ReadonlyMap<string, OtlpSignal> = new Map([
  ['/v1/logs', 'logs'],
  ['/v1/traces', 'spans'],
  ['/v1/metrics', 'metrics'],
])
const MEDIA_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const

type Answer = {
  readonly status: number
  readonly body: Buffer
  readonly encoding: OtlpEncoding
  readonly retryAfterMs?: number
}

type Context = { readonly deps: ReceiverDeps; readonly decoder: OtlpDecoder }

/** OTLP/HTTP: `POST /v1/logs`, `/v1/traces`, `/v1/metrics`, protobuf or JSON
 *  (https://opentelemetry.io/docs/specs/otlp/#otlphttp). It reads the body itself. */
export function createOtlpHttp(deps: ReceiverDeps): HttpReceiver {
  const context = { deps, decoder: createOtlpDecoder(limitsOf(deps)) }
  return {
    async handle(request, response) {
      const signal = SIGNALS.get(pathOf(request))
      if (signal === undefined) return false
      deps.counters.add(SOURCE, 'requests')
      const answer = await answerTo(request, signal, context)
      if (answer !== null) send(response, answer)
      return true
    },
  }
}

/** The path without a query, and without a slash at its end. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

async function answerTo(
  request: IncomingMessage,
  signal: OtlpSignal,
  { deps, decoder }: Context,
): Promise<Answer | null> {
  const asked = headersOf(request)
  if (asked.kind === 'refused') {
    deps.counters.refuse(SOURCE, 'unsupported')
    return refusal(asked.status, { encoding: asked.encoding, message: asked.message })
  }
  const { encoding } = asked
  const limit = limitsOf(deps).maxBodyBytes
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) return tooLarge(deps, encoding)
  const ticket = deps.admission.enter(announced)
  if (ticket === null) return noRoom(deps, encoding)
  try {
    const body = await readBody(request, ticket, { encoding: asked.compression, limit })
    switch (body.kind) {
      case 'gone':
        deps.counters.refuse(SOURCE, 'gone')
        return null
      case 'too-large':
        return tooLarge(deps, encoding)
      case 'no-room':
        return noRoom(deps, encoding)
      case 'undecodable':
        deps.counters.refuse(SOURCE, 'malformed')
        return refusal(400, { encoding, message: body.reason })
      case 'body':
        deps.counters.add(SOURCE, 'bytes', body.received)
        return await keep({ signal, encoding, bytes: body.bytes }, { deps, decoder })
      default:
        return body satisfies never
    }
  } finally {
    ticket.leave()
  }
}

type Export = { readonly signal: OtlpSignal; readonly encoding: OtlpEncoding; readonly bytes: Buffer }

async function keep(body: Export, { deps, decoder }: Context): Promise<Answer> {
  const received = await receive(deps, SOURCE, () => decoder.decode({ ...body, now: deps.now() }))
  return answerFor(received, body)
}

function answerFor(received: Received, { signal, encoding }: Export): Answer {
  switch (received.kind) {
    case 'kept': {
      const { rejected, message } = received
      return { status: 200, encoding, body: exportResponse({ signal, rejected, message }, encoding) }
    }
    case 'invalid': {
      const status = received.why === 'too-large' ? 413 : 400
      return refusal(status, { encoding, message: received.reason })
    }
    case 'try-later': {
      const { afterMs, reason } = received
      return { ...refusal(503, { encoding, message: reason }), retryAfterMs: afterMs }
    }
    default:
      return received satisfies never
  }
}

type Asked =
  | {
      readonly kind: 'understood'
      readonly encoding: OtlpEncoding
      readonly compression: ContentEncoding | null
    }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly encoding: OtlpEncoding
      readonly message: string
    }

function headersOf({ method, headers }: IncomingMessage): Asked {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const isProtobuf = type === MEDIA_TYPE.protobuf || type === 'application/protobuf'
  // Who sends something else can at least read JSON.
  const encoding = isProtobuf ? 'protobuf' : 'json'
  const refused = (status: number, message: string): Asked => ({ kind: 'refused', status, encoding, message })
  if (method !== 'POST') return refused(405, `expected POST, found ${method}`)
  if (!isProtobuf && type !== MEDIA_TYPE.json) {
    const found = type === '' ? 'none' : type
    return refused(
      415,
      `expected the content type ${MEDIA_TYPE.protobuf} or ${MEDIA_TYPE.json}, found ${found}`,
    )
  }
  const sent = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const compression = CONTENT_ENCODINGS.find((known) => known === sent) ?? null
  if (compression === null && sent !== 'identity' && sent !== '') {
    return refused(
      415,
      `expected the content encoding ${CONTENT_ENCODINGS.join(', ')} or none, found ${sent}`,
    )
  }
  return { kind: 'understood', encoding, compression }
}

function tooLarge(deps: ReceiverDeps, encoding: OtlpEncoding): Answer {
  deps.counters.refuse(SOURCE, 'too-large')
  const message = `expected a body of at most ${limitsOf(deps).maxBodyBytes} bytes, also when decompressed: send smaller batches`
  return refusal(413, { encoding, message })
}

function noRoom(deps: ReceiverDeps, encoding: OtlpEncoding): Answer {
  deps.counters.refuse(SOURCE, 'try-later')
  const message = 'as much as fits into memory is being stored: try again'
  return { ...refusal(429, { encoding, message }), retryAfterMs: WAIT_MS }
}

const CODES: ReadonlyMap<number, number> = new Map([
  [405, RPC_CODE.unimplemented],
  [413, RPC_CODE.resourceExhausted],
  [429, RPC_CODE.resourceExhausted],
  [503, RPC_CODE.unavailable],
])

function refusal(status: number, { encoding, message }: { encoding: OtlpEncoding; message: string }): Answer {
  const code = CODES.get(status) ?? RPC_CODE.invalidArgument
  return { status, encoding, body: statusResponse({ code, message }, encoding) }
}

function send(response: ServerResponse, { status, body, encoding, retryAfterMs }: Answer): void {
  if (response.destroyed || response.headersSent) return
  response.statusCode = status
  response.setHeader('content-type', MEDIA_TYPE[encoding])
  response.setHeader('content-length', body.length)
  if (status === 405) response.setHeader('allow', 'POST')
  if (retryAfterMs !== undefined) response.setHeader('retry-after', secondsOf(retryAfterMs))
  // What is left of a body that was refused is read and let go by node:http, so that the answer is read.
  response.end(body)
}

/** Whole seconds, as the header has them, and never 0. */
export function secondsOf(afterMs: number): number {
  return Math.max(1, Math.ceil(afterMs / 1000))
}
