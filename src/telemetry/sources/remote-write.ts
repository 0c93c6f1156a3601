import type { IncomingMessage, ServerResponse } from 'node:http'
import { uncompress } from 'snappyjs'
import type { TelemetryLimits } from '../otlp/limits.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import { limitsOf, receive, WAIT_MS } from './receive-export.ts'
import type { Received, ReceiverDeps } from './receive-export.ts'
import { pathOf, secondsOf } from './otlp-http.ts'
import type { HttpReceiver } from './otlp-http.ts'
import { createRemoteWriteDecoder } from './remote-write-decode.ts'
import type { RemoteWriteDecoder, RemoteWriteVersion } from './remote-write-decode.ts'
import { readBody } from './request-body.ts'
import type { Ticket } from './admission.ts'

const SOURCE = 'remote-write'
const PATH = '/api/v1/write'

type Answer = {
  readonly status: number
  readonly message: string
  readonly retryAfterMs?: number
  readonly headers?: Readonly<Record<string, string>>
}
type Context = { readonly deps: ReceiverDeps; readonly decoder: RemoteWriteDecoder }

/** Prometheus remote write, 1.0 and 2.0: `POST /api/v1/write` (https://prometheus.io/docs/specs/prw/remote_write_spec). */
export function createRemoteWrite(deps: ReceiverDeps): HttpReceiver {
  const context = { deps, decoder: createRemoteWriteDecoder(limitsOf(deps)) }
  return {
    async handle(request, response) {
      if (pathOf(request) !== PATH) return false
      deps.counters.add(SOURCE, 'requests')
      const answer = await answerTo(request, context)
      if (answer !== null) send(response, answer)
      return true
    },
  }
}

async function answerTo(request: IncomingMessage, context: Context): Promise<Answer | null> {
  const { deps } = context
  const version = versionOf(request)
  if (typeof version !== 'string') {
    deps.counters.refuse(SOURCE, 'unsupported')
    return version
  }
  const limit = limitsOf(deps).maxBodyBytes
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) return tooLarge(deps)
  const ticket = deps.admission.enter(announced)
  if (ticket === null) return noRoom(deps)
  try {
    const body = await readBody(request, ticket, { encoding: null, limit })
    switch (body.kind) {
      case 'gone':
        deps.counters.refuse(SOURCE, 'gone')
        return null
      case 'too-large':
        return tooLarge(deps)
      case 'no-room':
        return noRoom(deps)
      case 'undecodable':
        return malformed(deps, body.reason)
      case 'body':
        deps.counters.add(SOURCE, 'bytes', body.received)
        return await keep({ compressed: body.bytes, version, ticket }, context)
      default:
        return body satisfies never
    }
  } finally {
    ticket.leave()
  }
}

type Write = { readonly compressed: Buffer; readonly version: RemoteWriteVersion; readonly ticket: Ticket }

async function keep({ compressed, version, ticket }: Write, { deps, decoder }: Context): Promise<Answer> {
  const length = uncompressedLength(compressed)
  if (length === null) return malformed(deps, 'expected a block of snappy with its length in front')
  if (length > limitsOf(deps).maxBodyBytes) return tooLarge(deps)
  if (!ticket.grow(length)) return noRoom(deps)
  const bytes = inflated(compressed)
  if (bytes === null)
    return malformed(deps, 'expected a block of snappy (not its framing format), found other bytes')
  const received = await receive(deps, SOURCE, () => decoder.decode({ version, bytes, now: deps.now() }))
  return answerFor(received, version)
}

/** The length that a block of snappy begins with, a varint of 32 bits; null where there is none
 *  (https://github.com/google/snappy/blob/main/format_description.txt). It is the sender's word: nothing is allocated
 *  before it is held against the limit. */
function uncompressedLength(block: Buffer): number | null {
  let length = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index]
    if (byte === undefined) return null
    length += (byte & 127) * 2 ** (7 * index)
    if (byte < 128) return length
  }
  return null
}

function inflated(compressed: Buffer): Buffer | null {
  try {
    return uncompress(compressed)
  } catch {
    return null
  }
}

/** Prometheus tries again after 5xx and not after 4xx, unless told to for 429. */
function answerFor(received: Received, version: RemoteWriteVersion): Answer {
  switch (received.kind) {
    case 'kept': {
      const { rejected, message, decoded } = received
      const headers = version === '2.0' ? written(decoded.batch) : {}
      // The specification wants 400 where some were refused, and the rest kept.
      return rejected === 0 ? { status: 204, message: '', headers } : { status: 400, message, headers }
    }
    case 'invalid':
      return { status: received.why === 'too-large' ? 413 : 400, message: received.reason }
    case 'try-later':
      return { status: 503, message: received.reason, retryAfterMs: received.afterMs }
    default:
      return received satisfies never
  }
}

/** 2.0 has to be told what was written, or its sender takes us for a server of 1.0. */
function written(batch: TelemetryBatch): Readonly<Record<string, string>> {
  const points = batch.kind === 'metrics' ? batch.items : []
  const histograms = points.filter(({ kind }) => kind !== 'gauge' && kind !== 'sum').length
  return {
    'x-prometheus-remote-write-samples-written': String(points.length - histograms),
    'x-prometheus-remote-write-histograms-written': String(histograms),
    'x-prometheus-remote-write-exemplars-written': '0',
  }
}

const MESSAGES: ReadonlyMap<string, RemoteWriteVersion> = new Map([
  ['', '1.0'],
  ['prometheus.writerequest', '1.0'],
  ['io.prometheus.write.v2.request', '2.0'],
])

function versionOf({ method, headers }: IncomingMessage): RemoteWriteVersion | Answer {
  if (method !== 'POST')
    return { status: 405, message: `expected POST, found ${method}`, headers: { allow: 'POST' } }
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const proto = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('proto='))
  const version = MESSAGES.get((proto ?? 'proto=').slice('proto='.length).replaceAll('"', ''))
  if (type.trim() !== 'application/x-protobuf' || version === undefined) {
    const expected = 'application/x-protobuf (1.0), or with proto=io.prometheus.write.v2.Request (2.0)'
    return {
      status: 415,
      message: `expected the content type ${expected}, found ${headers['content-type'] ?? 'none'}`,
    }
  }
  const encoding = headers['content-encoding'] ?? 'none'
  if (encoding.toLowerCase() !== 'snappy') {
    return { status: 415, message: `expected the content encoding snappy, found ${encoding}` }
  }
  return version
}

function malformed({ counters }: ReceiverDeps, message: string): Answer {
  counters.refuse(SOURCE, 'malformed')
  return { status: 400, message }
}

function tooLarge(deps: ReceiverDeps): Answer {
  deps.counters.refuse(SOURCE, 'too-large')
  const { maxBodyBytes }: TelemetryLimits = limitsOf(deps)
  return {
    status: 413,
    message: `expected at most ${maxBodyBytes} bytes, decompressed: lower max_samples_per_send`,
  }
}

/** 503, where OTLP is told 429: Prometheus gives a batch up after 429 unless it is configured otherwise. */
function noRoom(deps: ReceiverDeps): Answer {
  deps.counters.refuse(SOURCE, 'try-later')
  const message = 'as much as fits into memory is being stored: try again'
  return { status: 503, message, retryAfterMs: WAIT_MS }
}

function send(response: ServerResponse, { status, message, retryAfterMs, headers = {} }: Answer): void {
  if (response.destroyed || response.headersSent) return
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (retryAfterMs !== undefined) response.setHeader('retry-after', secondsOf(retryAfterMs))
  if (message !== '') response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(message === '' ? undefined : `${message}\n`)
}
