import type { z } from 'zod'
import type {
  alertSchema,
  changeSchema,
  DetectionEventJson,
  DetectionJson,
  logRecordSchema,
  MetricSeriesJson,
  probeResultSchema,
  reportSchema,
  spanSchema,
} from '../contract/api.ts'
import type { DetectionEvent, LiveDetection } from '../detect/index.ts'
import type {
  Attributes,
  Change,
  LogRecord,
  ProbeResult,
  ReceivedAlert,
  Span,
  UserReport,
} from '../telemetry/index.ts'
import type { Service } from '../service/index.ts'
import { toIso, toIsoOrNull } from '../time.ts'
import type { EpochMs } from '../time.ts'

/** From the model to what the API answers: times become ISO 8601, maps become objects. */

export function attributesJson(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(attributes)
}

export function detectionJson(detection: LiveDetection): DetectionJson {
  return {
    ...detection,
    subject: { ...detection.subject },
    evidence: detection.evidence.map((one) => ({ ...one })),
    startedAt: toIso(detection.startedAt),
    detectedAt: toIso(detection.detectedAt),
    endedAt: toIsoOrNull(detection.endedAt),
  }
}

export function detectionEventJson({ at, kind, detection }: DetectionEvent): DetectionEventJson {
  return { at: toIso(at), kind, detection: detectionJson(detection) }
}

export function logJson(record: LogRecord): z.output<typeof logRecordSchema> {
  return {
    service: record.resource.serviceName,
    instance: record.resource.serviceInstance,
    timestamp: toIso(record.timestamp),
    observedTimestamp: toIso(record.observedTimestamp),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: record.body,
    attributes: attributesJson(record.attributes),
    resource: attributesJson(record.resource.attributes),
    traceId: record.traceId,
    spanId: record.spanId,
  }
}

export function spanJson(span: Span): z.output<typeof spanSchema> {
  return {
    service: span.resource.serviceName,
    instance: span.resource.serviceInstance,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    startedAt: toIso(span.startedAt),
    durationMs: span.durationNs / 1e6,
    status: span.status,
    statusMessage: span.statusMessage,
    attributes: attributesJson(span.attributes),
    resource: attributesJson(span.resource.attributes),
    events: span.events.map(({ at, name, attributes }) => ({
      at: toIso(at),
      name,
      attributes: attributesJson(attributes),
    })),
  }
}

type MetricSeries = Awaited<ReturnType<Service['stored']['metricSeries']>>[number]

export function metricSeriesJson(series: MetricSeries): MetricSeriesJson {
  const { kind } = series // a branch for each form of points, so that they stay what their kind says
  if (kind === 'gauge') return { ...series, points: series.points.map((point) => pointJson(point)) }
  if (kind === 'sum') return { ...series, points: series.points.map((point) => pointJson(point)) }
  return { ...series, points: series.points.map((point) => pointJson(point)) }
}

function pointJson<Point extends { readonly at: EpochMs }>(point: Point): Omit<Point, 'at'> & { at: string } {
  return { ...point, at: toIso(point.at) }
}

export function changeJson(change: Change): z.output<typeof changeSchema> {
  return { ...change, at: toIso(change.at) }
}

export function reportJson(report: UserReport): z.output<typeof reportSchema> {
  return { ...report, at: toIso(report.at) }
}

export function probeJson(probe: ProbeResult): z.output<typeof probeResultSchema> {
  return { ...probe, at: toIso(probe.at) }
}

export function alertJson(alert: ReceivedAlert): z.output<typeof alertSchema> {
  return {
    ...alert,
    startedAt: toIso(alert.startedAt),
    endedAt: toIsoOrNull(alert.endedAt),
    labels: attributesJson(alert.labels),
  }
}

/** A page of the store as the API has it. */
export function pageJson<Item, Json>(
  page: { readonly data: readonly Item[]; readonly pagination: { readonly next: string | null } },
  json: (item: Item) => Json,
): { readonly data: readonly Json[]; readonly pagination: { readonly next: string | null } } {
  return { data: page.data.map((item) => json(item)), pagination: page.pagination }
}

/** What is short enough to come at once, in the envelope of all lists. */
export function allJson<Json>(data: readonly Json[]) {
  return { data, pagination: { next: null } }
}
