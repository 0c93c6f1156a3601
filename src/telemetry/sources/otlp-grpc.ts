import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js'
import type { MethodDefinition, sendUnaryData, ServerInterceptor, ServerUnaryCall } from '@grpc/grpc-js'
import { createOtlpDecoder } from '../otlp/decoder.ts'
import type { Decoded, OtlpDecoder, OtlpSignal } from '../otlp/decoder.ts'
import { exportResponse, statusResponse } from '../otlp/export-response.ts'
import { limitsOf, receive, WAIT_MS } from './receive-export.ts'
import type { Received, ReceiverDeps } from './receive-export.ts'
import { createSlots } from './slots.ts'

/** A gRPC server for OpenTelemetry's three export services. */
export type OtlpGrpc = {
  /** The port it listens on; 0 asks for any. Rejects where the port is taken. */
  readonly listen: (host: string, port: number) => Promise<number>
  /** Takes no more calls, lets those that run end, and cuts them off after the grace. */
  readonly close: (graceMs: number) => Promise<void>
}

/** Whether who says this as its `authorization` may send. */
type IsAllowed = (authorization: string) => boolean

const SOURCE = 'otlp-grpc'
const SERVICES: readonly { readonly service: string; readonly signal: OtlpSignal }[] = [
  { service: 'opentelemetry.proto.collector.logs.v1.LogsService', signal: 'logs' },
  { service: 'opentelemetry.proto.collector.trace.v1.TraceService', signal: 'spans' },
  { service: 'opentelemetry.proto.collector.metrics.v1.MetricsService', signal: 'metrics' },
]

/** Calls whose messages are received at once. grpc-js does not tell how much of a message has come, so that each may be
 *  of the limit; the others wait behind HTTP/2's flow control, a window of 64 kB each. */
const RECEIVED_AT_ONCE = 32
/** So that who sends slowly, or not at all, keeps no slot from others. */
const RECEIVE_MS = 20_000

/** OTLP/gRPC (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc). The bytes of a message go to the same decoders as
 *  those of OTLP/HTTP. */
export function createOtlpGrpc(deps: ReceiverDeps, isAllowed: IsAllowed = () => true): OtlpGrpc {
  // Its own lines on standard error say what we say anyway, without a next step.
  setLogVerbosity(logVerbosity.NONE)
  const limits = limitsOf(deps)
  const decoder = createOtlpDecoder(limits)
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxBodyBytes,
    'grpc.max_concurrent_streams': 100,
    interceptors: [gate(deps, isAllowed)],
  })
  for (const { service, signal } of SERVICES) {
    server.addService({ Export: exportMethod(service) }, { Export: handler({ deps, decoder, signal }) })
  }
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
          if (error === null) resolve(bound)
          else reject(error)
        })
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => server.forceShutdown(), graceMs)
        server.tryShutdown(() => {
          clearTimeout(cutOff)
          resolve()
        })
      }),
  }
}

/** Messages stay bytes: what is wrong with them is for the decoder to say. */
function exportMethod(service: string): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes
  return {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

/** A call waits for its turn to be received, and is refused before when there is no room for it. */
function gate({ admission, counters }: ReceiverDeps, isAllowed: IsAllowed): ServerInterceptor {
  const slots = createSlots(RECEIVED_AT_ONCE)
  return (_method, call) => {
    counters.add(SOURCE, 'requests')
    let done = (): void => {}
    return new ServerInterceptingCall(call, {
      start(next) {
        const allowed = (metadata: Metadata, pass: (metadata: Metadata) => void): void => {
          if (isAllowed(String(metadata.get('authorization')[0] ?? ''))) {
            pass(metadata)
            return
          }
          counters.refuse(SOURCE, 'unauthenticated')
          done()
          call.sendStatus({
            code: status.UNAUTHENTICATED,
            details: 'expected metadata authorization: Bearer and the token of the configuration',
          })
        }
        slots.enter((release) => {
          const cutOff = setTimeout(() => {
            counters.refuse(SOURCE, 'too-slow')
            done()
            call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: `no message in ${RECEIVE_MS} ms` })
          }, RECEIVE_MS)
          done = () => {
            clearTimeout(cutOff)
            release()
          }
          if (admission.enter(0) === null) {
            counters.refuse(SOURCE, 'try-later')
            done()
            call.sendStatus(noRoom())
            return
          }
          next({
            onReceiveMetadata: allowed,
            onReceiveMessage(message, pass) {
              done()
              pass(message)
            },
            onCancel: () => done(),
          })
        })
      },
      sendStatus(answer, next) {
        done()
        next(answer)
      },
    })
  }
}

type Context = { readonly deps: ReceiverDeps; readonly decoder: OtlpDecoder; readonly signal: OtlpSignal }
type Handler = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void

function handler({ deps, decoder, signal }: Context): Handler {
  return (call, answer) => {
    const bytes = call.request
    const ticket = deps.admission.enter(bytes.length)
    if (ticket === null) {
      deps.counters.refuse(SOURCE, 'try-later')
      answer(noRoom())
      return
    }
    ticket.grow(bytes.length)
    deps.counters.add(SOURCE, 'bytes', bytes.length)
    const decode = (): Decoded => decoder.decode({ signal, encoding: 'protobuf', bytes, now: deps.now() })
    void receive(deps, SOURCE, decode).then((received) => {
      ticket.leave()
      respond(received, signal, answer)
    })
  }
}

function respond(received: Received, signal: OtlpSignal, answer: sendUnaryData<Buffer>): void {
  switch (received.kind) {
    case 'kept': {
      const { rejected, message } = received
      return answer(null, exportResponse({ signal, rejected, message }, 'protobuf'))
    }
    case 'invalid': {
      // Without RetryInfo neither is tried again.
      const code = received.why === 'too-large' ? status.RESOURCE_EXHAUSTED : status.INVALID_ARGUMENT
      return answer({ code, details: received.reason, metadata: new Metadata() })
    }
    case 'try-later':
      return answer(
        retryable(status.UNAVAILABLE, { message: received.reason, retryAfterMs: received.afterMs }),
      )
    default:
      return received satisfies never
  }
}

type Refusal = { readonly code: status; readonly details: string; readonly metadata: Metadata }

function noRoom(): Refusal {
  const message = 'as much as fits into memory is being stored: try again'
  return retryable(status.RESOURCE_EXHAUSTED, { message, retryAfterMs: WAIT_MS })
}

/** A status that the sender should come again after: the details say when
 *  (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling). */
function retryable(
  code: status,
  { message, retryAfterMs }: { message: string; retryAfterMs: number },
): Refusal {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', statusResponse({ code, message, retryAfterMs }, 'protobuf'))
  return { code, details: message, metadata }
}
