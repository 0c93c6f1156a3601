import type { Attributes, LogRecord, Resource, Span } from '../telemetry/index.ts'
import { fromNanoseconds } from './ask.ts'
import { spanKindOf, statusOf } from './otel-words.ts'

type StoredMap = Readonly<Record<string, string>>

const attributesOf = (stored: StoredMap): Attributes => new Map(Object.entries(stored))

/** A resource as it was sent, from what is kept of it. */
export function resourceOf(serviceName: string, stored: StoredMap): Resource {
  return {
    serviceName,
    serviceInstance: stored['service.instance.id'] ?? stored['host.name'] ?? '',
    serviceVersion: stored['service.version'] ?? '',
    attributes: attributesOf(stored),
  }
}

export type LogRow = {
  readonly ns: string
  readonly TraceId: string
  readonly SpanId: string
  readonly TraceFlags: number
  readonly SeverityText: string
  readonly SeverityNumber: number
  readonly ServiceName: string
  readonly Body: string
  readonly ResourceAttributes: StoredMap
  readonly ScopeName: string
  readonly ScopeVersion: string
  readonly ScopeAttributes: StoredMap
  readonly LogAttributes: StoredMap
  readonly EventName: string
}

export const LOG_COLUMNS = `toString(toUnixTimestamp64Nano(Timestamp)) AS ns, TraceId, SpanId, TraceFlags, SeverityText,
  SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, EventName`

/** The exporter's table has no observed time: it is the record's own. */
export function toLogRecord(row: LogRow): LogRecord {
  return {
    resource: resourceOf(row.ServiceName, row.ResourceAttributes),
    scope: { name: row.ScopeName, version: row.ScopeVersion, attributes: attributesOf(row.ScopeAttributes) },
    timestamp: fromNanoseconds(row.ns),
    observedTimestamp: fromNanoseconds(row.ns),
    severityNumber: row.SeverityNumber,
    severityText: row.SeverityText,
    body: row.Body,
    attributes: attributesOf(row.LogAttributes),
    traceId: row.TraceId,
    spanId: row.SpanId,
    traceFlags: row.TraceFlags,
    eventName: row.EventName,
  }
}

export type SpanRow = {
  readonly ns: string
  readonly TraceId: string
  readonly SpanId: string
  readonly ParentSpanId: string
  readonly TraceState: string
  readonly SpanName: string
  readonly SpanKind: string
  readonly ServiceName: string
  readonly ResourceAttributes: StoredMap
  readonly ScopeName: string
  readonly ScopeVersion: string
  readonly SpanAttributes: StoredMap
  readonly Duration: string
  readonly StatusCode: string
  readonly StatusMessage: string
  readonly eventTimes: readonly string[]
  readonly eventNames: readonly string[]
  readonly eventAttributes: readonly StoredMap[]
  readonly linkTraces: readonly string[]
  readonly linkSpans: readonly string[]
  readonly linkStates: readonly string[]
  readonly linkAttributes: readonly StoredMap[]
}

export const SPAN_COLUMNS = `toString(toUnixTimestamp64Nano(Timestamp)) AS ns, TraceId, SpanId, ParentSpanId, TraceState,
  SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode,
  StatusMessage, arrayMap(at -> toString(toUnixTimestamp64Nano(at)), Events.Timestamp) AS eventTimes,
  Events.Name AS eventNames, Events.Attributes AS eventAttributes, Links.TraceId AS linkTraces,
  Links.SpanId AS linkSpans, Links.TraceState AS linkStates, Links.Attributes AS linkAttributes`

/** The exporter's table has no attributes of a span's scope. */
export function toSpan(row: SpanRow): Span {
  return {
    resource: resourceOf(row.ServiceName, row.ResourceAttributes),
    scope: { name: row.ScopeName, version: row.ScopeVersion, attributes: new Map() },
    traceId: row.TraceId,
    spanId: row.SpanId,
    parentSpanId: row.ParentSpanId,
    traceState: row.TraceState,
    name: row.SpanName,
    kind: spanKindOf(row.SpanKind),
    startedAt: fromNanoseconds(row.ns),
    durationNs: Number(row.Duration),
    status: statusOf(row.StatusCode),
    statusMessage: row.StatusMessage,
    attributes: attributesOf(row.SpanAttributes),
    events: row.eventTimes.map((at, index) => ({
      at: fromNanoseconds(at),
      name: row.eventNames[index] ?? '',
      attributes: attributesOf(row.eventAttributes[index] ?? {}),
    })),
    links: row.linkTraces.map((traceId, index) => ({
      traceId,
      spanId: row.linkSpans[index] ?? '',
      traceState: row.linkStates[index] ?? '',
      attributes: attributesOf(row.linkAttributes[index] ?? {}),
    })),
  }
}
