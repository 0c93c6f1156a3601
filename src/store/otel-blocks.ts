import type { LogRecord, Span } from '../telemetry/index.ts'
import { createBlock, field } from './native-block.ts'
import type { BlockWriter } from './native-block.ts'
import { attributes, list, text, time, uint64, uint8, word } from './native-columns.ts'
import { SPAN_KIND_WORDS, STATUS_WORDS } from './otel-words.ts'

/** Columns and words as the OpenTelemetry Collector's ClickHouse exporter has them. */
export function logsBlock(): BlockWriter<LogRecord> {
  return createBlock<LogRecord>('otel_logs', [
    field('Timestamp', time(), (log) => log.timestamp),
    field('TraceId', text(), (log) => log.traceId),
    field('SpanId', text(), (log) => log.spanId),
    field('TraceFlags', uint8(), (log) => log.traceFlags),
    field('SeverityText', word(), (log) => log.severityText),
    field('SeverityNumber', uint8(), (log) => log.severityNumber),
    field('ServiceName', word(), (log) => log.resource.serviceName),
    field('Body', text(), (log) => log.body),
    field('ResourceAttributes', attributes('shared'), (log) => log.resource.attributes),
    field('ScopeName', text(), (log) => log.scope.name),
    field('ScopeVersion', word(), (log) => log.scope.version),
    field('ScopeAttributes', attributes('shared'), (log) => log.scope.attributes),
    field('LogAttributes', attributes('own'), (log) => log.attributes),
    field('EventName', text(), (log) => log.eventName),
  ])
}

export function spansBlock(): BlockWriter<Span> {
  return createBlock<Span>('otel_traces', [
    field('Timestamp', time(), (span) => span.startedAt),
    field('TraceId', text(), (span) => span.traceId),
    field('SpanId', text(), (span) => span.spanId),
    field('ParentSpanId', text(), (span) => span.parentSpanId),
    field('TraceState', text(), (span) => span.traceState),
    field('SpanName', word(), (span) => span.name),
    field('SpanKind', word(), (span) => SPAN_KIND_WORDS[span.kind]),
    field('ServiceName', word(), (span) => span.resource.serviceName),
    field('ResourceAttributes', attributes('shared'), (span) => span.resource.attributes),
    field('ScopeName', text(), (span) => span.scope.name),
    field('ScopeVersion', text(), (span) => span.scope.version),
    field('SpanAttributes', attributes('own'), (span) => span.attributes),
    field('Duration', uint64(), (span) => span.durationNs),
    field('StatusCode', word(), (span) => STATUS_WORDS[span.status]),
    field('StatusMessage', text(), (span) => span.statusMessage),
    field('Events.Timestamp', list(time()), (span) => each(span.events, ({ at }) => at)),
    field('Events.Name', list(word()), (span) => each(span.events, ({ name }) => name)),
    field('Events.Attributes', list(attributes('own')), (span) =>
      each(span.events, (event) => event.attributes),
    ),
    field('Links.TraceId', list(text()), (span) => each(span.links, ({ traceId }) => traceId)),
    field('Links.SpanId', list(text()), (span) => each(span.links, ({ spanId }) => spanId)),
    field('Links.TraceState', list(text()), (span) => each(span.links, ({ traceState }) => traceState)),
    field('Links.Attributes', list(attributes('own')), (span) => each(span.links, (link) => link.attributes)),
  ])
}

const NONE: readonly never[] = []

/** Most spans have no events and no links: for them nothing is made. */
function each<Part, Value>(parts: readonly Part[], valueOf: (part: Part) => Value): readonly Value[] {
  return parts.length === 0 ? NONE : parts.map(valueOf)
}
