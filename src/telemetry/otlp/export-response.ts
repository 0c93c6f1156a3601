import type { OtlpEncoding, OtlpSignal } from './decoder.ts'

// What a receiver answers: Export…ServiceResponse and google.rpc.Status, small enough to be written by hand.

const REJECTED = {
  logs: 'rejectedLogRecords',
  spans: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
} as const

/** gRPC's numbers for what we answer (https://grpc.io/docs/guides/status-codes). */
export const RPC_CODE = {
  invalidArgument: 3,
  resourceExhausted: 8,
  unavailable: 14,
  unimplemented: 12,
} as const

/** `rejected` 0: a full success, in which `partial_success` must be left out. */
export type ExportAnswer = {
  readonly signal: OtlpSignal
  readonly rejected: number
  readonly message: string
}

/** An `Export…ServiceResponse`. */
export function exportResponse({ signal, rejected, message }: ExportAnswer, encoding: OtlpEncoding): Buffer {
  if (encoding === 'json') {
    if (rejected === 0) return Buffer.from('{}')
    // Integers of 64 bits are texts in protobuf's JSON.
    const partialSuccess = { [REJECTED[signal]]: String(rejected), errorMessage: message }
    return Buffer.from(JSON.stringify({ partialSuccess }))
  }
  if (rejected === 0) return Buffer.alloc(0)
  return lengthDelimited(1, Buffer.concat([varintField(1, rejected), textField(2, message)]))
}

/** A `google.rpc.Status` with when to come again, where that is known. */
export type RpcStatus = { readonly code: number; readonly message: string; readonly retryAfterMs?: number }

export function statusResponse({ code, message, retryAfterMs }: RpcStatus, encoding: OtlpEncoding): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }))
  const parts = [varintField(1, code), textField(2, message)]
  if (retryAfterMs !== undefined) parts.push(lengthDelimited(3, retryInfo(retryAfterMs)))
  return Buffer.concat(parts)
}

/** `google.protobuf.Any` with a `google.rpc.RetryInfo { Duration retry_delay = 1 }`. */
function retryInfo(afterMs: number): Buffer {
  const seconds = Math.floor(afterMs / 1000)
  const nanos = Math.round((afterMs - seconds * 1000) * 1e6)
  const duration = Buffer.concat([varintField(1, seconds), varintField(2, nanos)])
  return Buffer.concat([
    textField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
    lengthDelimited(2, lengthDelimited(1, duration)),
  ])
}

function textField(field: number, text: string): Buffer {
  return lengthDelimited(field, Buffer.from(text))
}

function lengthDelimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}
