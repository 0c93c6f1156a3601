import { NO_ATTRIBUTES } from '../attributes.ts'
import type { LogRecord } from '../log-record.ts'
import type { MetricPoint } from '../metric-point.ts'
import type { Resource, Scope } from '../resource.ts'
import type { Span, SpanEvent, SpanLink } from '../span.ts'
import { countItem } from './decode-run.ts'
import { idOfText, SPAN_ID_BYTES, TRACE_ID_BYTES } from './ids.ts'
import { readJsonMetric } from './json-metrics.ts'
import { anyValueOf, attributesOf, nameOf } from './json-value.ts'
import { halvesOf, inEach, inObject, integerOf, millisecondsOf, rootOf, stringOf } from './json-walk.ts'
import type { JsonObject, Walk } from './json-walk.ts'
import { logDraft, logRecordOf } from './log-draft.ts'
import { resourceOf, UNKNOWN_RESOURCE, UNKNOWN_SCOPE } from './origin.ts'
import type { Origin } from './origin.ts'
import { spanDraft, spanOf } from './span-draft.ts'

/** The names of the three levels of a request; field names are in lowerCamelCase. */
type Levels = { readonly blocks: string; readonly scopes: string; readonly items: string }

export function jsonLogs(walk: Walk, document: unknown): LogRecord[] {
  const records: LogRecord[] = []
  const levels = { blocks: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' }
  readExport(walk, { document, levels }, (item, origin) => {
    countItem(walk.run)
    const record = logRecordOf(walk.run, {
      ...logDraft(origin),
      time: millisecondsOf(walk, item, 'timeUnixNano'),
      observed: millisecondsOf(walk, item, 'observedTimeUnixNano'),
      severityNumber: integerOf(walk, item, 'severityNumber'),
      severityText: nameOf(walk, item, 'severityText'),
      body: anyValueOf(walk, item, { key: 'body', limit: walk.run.limits.maxBodyLength }),
      attributes: attributesOf(walk, item),
      traceId: idOfText(stringOf(walk, item, 'traceId'), TRACE_ID_BYTES),
      spanId: idOfText(stringOf(walk, item, 'spanId'), SPAN_ID_BYTES),
      flags: integerOf(walk, item, 'flags'),
      eventName: nameOf(walk, item, 'eventName'),
    })
    if (record !== null) records.push(record)
  })
  return records
}

export function jsonSpans(walk: Walk, document: unknown): Span[] {
  const spans: Span[] = []
  const levels = { blocks: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' }
  readExport(walk, { document, levels }, (item, origin) => {
    countItem(walk.run)
    const start = halvesOf(walk, item, 'startTimeUnixNano')
    const end = halvesOf(walk, item, 'endTimeUnixNano')
    const status = { code: 0, message: '' }
    inObject(walk, item, {
      key: 'status',
      visit(sent) {
        status.code = integerOf(walk, sent, 'code')
        status.message = nameOf(walk, sent, 'message')
      },
    })
    const span = spanOf(walk.run, {
      ...spanDraft(origin),
      traceId: idOfText(stringOf(walk, item, 'traceId'), TRACE_ID_BYTES),
      spanId: idOfText(stringOf(walk, item, 'spanId'), SPAN_ID_BYTES),
      parentSpanId: idOfText(stringOf(walk, item, 'parentSpanId'), SPAN_ID_BYTES),
      traceState: nameOf(walk, item, 'traceState'),
      name: nameOf(walk, item, 'name'),
      kind: integerOf(walk, item, 'kind'),
      startHigh: start.high,
      startLow: start.low,
      endHigh: end.high,
      endLow: end.low,
      statusCode: status.code,
      statusMessage: status.message,
      attributes: attributesOf(walk, item),
      events: eventsOf(walk, item),
      links: linksOf(walk, item),
    })
    if (span !== null) spans.push(span)
  })
  return spans
}

export function jsonMetrics(walk: Walk, document: unknown): MetricPoint[] {
  const points: MetricPoint[] = []
  const levels = { blocks: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' }
  readExport(walk, { document, levels }, (item, origin) => readJsonMetric(walk, { item, origin }, points))
  return points
}

type Request = { readonly document: unknown; readonly levels: Levels }

function readExport(
  walk: Walk,
  { document, levels }: Request,
  read: (item: JsonObject, origin: Origin) => void,
): void {
  inEach(walk, rootOf(walk, document), {
    key: levels.blocks,
    visit(block) {
      const resource = readResource(walk, block)
      inEach(walk, block, {
        key: levels.scopes,
        visit(scoped) {
          const origin = { resource, scope: readScope(walk, scoped) }
          inEach(walk, scoped, { key: levels.items, visit: (item) => read(item, origin) })
        },
      })
    },
  })
}

function readResource(walk: Walk, block: JsonObject): Resource {
  let resource = UNKNOWN_RESOURCE
  inObject(walk, block, {
    key: 'resource',
    visit(sent) {
      const attributes = attributesOf(walk, sent)
      if (attributes !== null) resource = resourceOf(attributes)
    },
  })
  return resource
}

function readScope(walk: Walk, block: JsonObject): Scope {
  let scope = UNKNOWN_SCOPE
  inObject(walk, block, {
    key: 'scope',
    visit(sent) {
      const attributes = attributesOf(walk, sent) ?? NO_ATTRIBUTES
      scope = { name: nameOf(walk, sent, 'name'), version: nameOf(walk, sent, 'version'), attributes }
    },
  })
  return scope
}

function eventsOf(walk: Walk, span: JsonObject): SpanEvent[] | null {
  const events: SpanEvent[] = []
  inEach(walk, span, {
    key: 'events',
    visit(event) {
      if (events.length >= walk.run.limits.maxEvents) {
        walk.run.droppedAttributes += 1
        return
      }
      events.push({
        at: millisecondsOf(walk, event, 'timeUnixNano'),
        name: nameOf(walk, event, 'name'),
        attributes: attributesOf(walk, event) ?? NO_ATTRIBUTES,
      })
    },
  })
  return events.length === 0 ? null : events
}

function linksOf(walk: Walk, span: JsonObject): SpanLink[] | null {
  const links: SpanLink[] = []
  inEach(walk, span, {
    key: 'links',
    visit(link) {
      if (links.length >= walk.run.limits.maxEvents) {
        walk.run.droppedAttributes += 1
        return
      }
      links.push({
        traceId: idOfText(stringOf(walk, link, 'traceId'), TRACE_ID_BYTES),
        spanId: idOfText(stringOf(walk, link, 'spanId'), SPAN_ID_BYTES),
        traceState: nameOf(walk, link, 'traceState'),
        attributes: attributesOf(walk, link) ?? NO_ATTRIBUTES,
      })
    },
  })
  return links.length === 0 ? null : links
}
