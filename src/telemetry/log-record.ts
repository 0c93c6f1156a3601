import type { EpochMs } from '../time.ts'
import type { Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'

/** A log record as OpenTelemetry's data model has it (opentelemetry.io/docs/specs/otel/logs/data-model). */
export type LogRecord = {
  readonly resource: Resource
  readonly scope: Scope
  /** With fractions: to about a quarter of a microsecond. The observed time where the sender knew none. */
  readonly timestamp: EpochMs
  readonly observedTimestamp: EpochMs
  /** 1 to 24; 0 is unspecified. */
  readonly severityNumber: number
  readonly severityText: string
  /** Text, or JSON where the sender sent a map or a list. */
  readonly body: string
  readonly attributes: Attributes
  /** 32 and 16 hexadecimal digits, or ''. */
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly eventName: string
}
