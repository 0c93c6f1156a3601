import type { EpochMs } from '../time.ts'
import type { Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export type SpanEvent = { readonly at: EpochMs; readonly name: string; readonly attributes: Attributes }
export type SpanLink = {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: Attributes
}

/** A finished span (opentelemetry.io/docs/specs/otel/trace/api). */
export type Span = {
  readonly resource: Resource
  readonly scope: Scope
  /** 32 and 16 hexadecimal digits; the parent is '' for a root. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  readonly kind: SpanKind
  readonly startedAt: EpochMs
  /** Exact, whatever the precision of `startedAt`. */
  readonly durationNs: number
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
}
