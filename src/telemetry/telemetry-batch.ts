import type { Change } from './change.ts'
import type { DatabaseProbe } from './database-probe.ts'
import type { LogRecord } from './log-record.ts'
import type { MetricPoint } from './metric-point.ts'
import type { ProbeResult } from './probe-result.ts'
import type { ReceivedAlert } from './received-alert.ts'
import type { RequestOutcome } from './request.ts'
import type { Span } from './span.ts'
import type { UserReport } from './user-report.ts'

/** Requests that an access log or a proxy tells of, to one service. */
export type LoggedRequests = { readonly service: string; readonly outcomes: readonly RequestOutcome[] }

/** What a source hands on: things of one kind that came together. */
export type TelemetryBatch =
  | { readonly kind: 'logs'; readonly items: readonly LogRecord[] }
  | { readonly kind: 'spans'; readonly items: readonly Span[] }
  | { readonly kind: 'metrics'; readonly items: readonly MetricPoint[] }
  | { readonly kind: 'requests'; readonly items: readonly LoggedRequests[] }
  | { readonly kind: 'changes'; readonly items: readonly Change[] }
  | { readonly kind: 'reports'; readonly items: readonly UserReport[] }
  | { readonly kind: 'probes'; readonly items: readonly ProbeResult[] }
  | { readonly kind: 'databases'; readonly items: readonly DatabaseProbe[] }
  | { readonly kind: 'alerts'; readonly items: readonly ReceivedAlert[] }

export type SignalKind = TelemetryBatch['kind']
