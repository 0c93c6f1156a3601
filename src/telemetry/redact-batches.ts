import { createHash } from 'node:crypto'
import type { Attributes } from './attributes.ts'
import type { Change } from './change.ts'
import type { DatabaseProbe } from './database-probe.ts'
import type { LogRecord } from './log-record.ts'
import type { MetricInfo, MetricPoint } from './metric-point.ts'
import type { ProbeResult } from './probe-result.ts'
import type { ReceivedAlert } from './received-alert.ts'
import type { Resource, Scope } from './resource.ts'
import type { Span } from './span.ts'
import type { LoggedRequests, TelemetryBatch } from './telemetry-batch.ts'
import { createTextRedaction, type RedactionRules, type TextRedaction } from './text-redaction.ts'
import type { UserReport } from './user-report.ts'

export type RedactBatches = (batches: readonly TelemetryBatch[]) => readonly TelemetryBatch[]

/**
 * Takes secrets and personal data out of telemetry before anything is stored or judged. Ids, times and numbers stay
 * as they are; what is shared among records (a resource, a metric's name) is looked at once and stays shared. What has
 * nothing to hide is handed on as the same object.
 */
export function createRedactBatches(rules?: RedactionRules): RedactBatches {
  const clean = createCleaner(createTextRedaction(rules))
  return (batches) => batches.map((batch) => cleanBatch(batch, clean))
}

/** How each shape is cleaned; every function returns its argument where nothing had to go. */
type Cleaner = TextRedaction & {
  readonly attributes: (attributes: Attributes) => Attributes
  readonly resource: (resource: Resource) => Resource
  readonly scope: (scope: Scope) => Scope
  readonly metric: (metric: MetricInfo) => MetricInfo
}

function createCleaner(redaction: TextRedaction): Cleaner {
  const attributes = (given: Attributes): Attributes => cleanAttributes(given, redaction)
  const resource = once((given: Resource) =>
    changed(given, {
      serviceName: redaction.text(given.serviceName),
      serviceInstance: redaction.text(given.serviceInstance),
      serviceVersion: redaction.text(given.serviceVersion),
      attributes: attributes(given.attributes),
    }),
  )
  const scope = once((given: Scope) =>
    changed(given, {
      name: redaction.text(given.name),
      version: redaction.text(given.version),
      attributes: attributes(given.attributes),
    }),
  )
  const metric = once((given: MetricInfo) =>
    changed(given, {
      resource: resource(given.resource),
      scope: scope(given.scope),
      description: redaction.text(given.description),
      unit: redaction.text(given.unit),
    }),
  )
  return { ...redaction, attributes, resource, scope, metric }
}

function cleanAttributes(given: Attributes, { name, value }: TextRedaction): Attributes {
  let copy: Map<string, string> | null = null
  for (const [key, raw] of given) {
    const judged = name(key)
    const clean = value(judged, raw)
    if (judged.clean !== key) (copy ??= new Map(given)).delete(key)
    if (judged.clean !== key || clean !== raw) (copy ??= new Map(given)).set(judged.clean, clean)
  }
  return copy ?? given
}

/** Shared objects are cleaned once, as long as somebody holds them. */
function once<Shared extends object>(clean: (shared: Shared) => Shared): (shared: Shared) => Shared {
  const known = new WeakMap<Shared, Shared>()
  return (shared) => {
    let cleaned = known.get(shared)
    if (cleaned === undefined) {
      cleaned = clean(shared)
      known.set(shared, cleaned)
    }
    return cleaned
  }
}

/** The same object where all of `fields` are what they were, so that clean telemetry costs no memory. */
function changed<Item extends object>(item: Item, fields: Partial<Item>): Item {
  for (const name in fields) if (fields[name] !== item[name]) return { ...item, ...fields }
  return item
}

function cleanBatch(batch: TelemetryBatch, clean: Cleaner): TelemetryBatch {
  switch (batch.kind) {
    case 'logs':
      return withItems(batch, cleanLog, clean)
    case 'spans':
      return withItems(batch, cleanSpan, clean)
    case 'metrics':
      return withItems(batch, cleanPoint, clean)
    case 'requests':
      return withItems(batch, cleanRequests, clean)
    case 'changes':
      return withItems(batch, cleanChange, clean)
    case 'reports':
      return withItems(batch, cleanReport, clean)
    case 'probes':
      return withItems(batch, cleanProbe, clean)
    case 'databases':
      return withItems(batch, cleanDatabase, clean)
    default:
      return withItems(batch, cleanAlert, clean)
  }
}

function withItems<Item, Batch extends { readonly items: readonly Item[] }>(
  batch: Batch,
  cleanItem: (item: Item, clean: Cleaner) => Item,
  clean: Cleaner,
): Batch {
  return { ...batch, items: batch.items.map((item) => cleanItem(item, clean)) }
}

function cleanLog(record: LogRecord, clean: Cleaner): LogRecord {
  const resource = clean.resource(record.resource)
  const scope = clean.scope(record.scope)
  const severityText = clean.text(record.severityText)
  const eventName = clean.text(record.eventName)
  const body = clean.text(record.body)
  const attributes = clean.attributes(record.attributes)
  const isClean =
    resource === record.resource &&
    scope === record.scope &&
    severityText === record.severityText &&
    eventName === record.eventName &&
    body === record.body &&
    attributes === record.attributes
  return isClean ? record : { ...record, resource, scope, severityText, eventName, body, attributes }
}

function cleanSpan(span: Span, clean: Cleaner): Span {
  const resource = clean.resource(span.resource)
  const scope = clean.scope(span.scope)
  const traceState = clean.text(span.traceState)
  const name = clean.text(span.name)
  const statusMessage = clean.text(span.statusMessage)
  const attributes = clean.attributes(span.attributes)
  const events = cleanEach(span.events, (event) =>
    changed(event, { name: clean.text(event.name), attributes: clean.attributes(event.attributes) }),
  )
  const links = cleanEach(span.links, (link) =>
    changed(link, { attributes: clean.attributes(link.attributes) }),
  )
  const isClean =
    resource === span.resource &&
    scope === span.scope &&
    traceState === span.traceState &&
    name === span.name &&
    statusMessage === span.statusMessage &&
    attributes === span.attributes &&
    events === span.events &&
    links === span.links
  if (isClean) return span
  return { ...span, resource, scope, traceState, name, statusMessage, attributes, events, links }
}

function cleanEach<Part>(parts: readonly Part[], cleanPart: (part: Part) => Part): readonly Part[] {
  if (parts.length === 0) return parts
  const cleaned = parts.map(cleanPart)
  return cleaned.every((part, at) => part === parts[at]) ? parts : cleaned
}

function cleanPoint(point: MetricPoint, clean: Cleaner): MetricPoint {
  const metric = clean.metric(point.metric)
  const attributes = clean.attributes(point.attributes)
  return metric === point.metric && attributes === point.attributes ? point : { ...point, metric, attributes }
}

function cleanRequests(logged: LoggedRequests, clean: Cleaner): LoggedRequests {
  const outcomes = logged.outcomes.map((outcome) => {
    const route = clean.text(outcome.route)
    const client = outcome.client === null ? null : stillApart(outcome.client, clean)
    return route === outcome.route && client === outcome.client ? outcome : { ...outcome, route, client }
  })
  return { ...logged, outcomes }
}

/** Who asked is counted, so two people must not become one: what identifies them is replaced by a digest. */
function stillApart(client: string, { text }: TextRedaction): string {
  if (text(client) === client) return client
  return `client-${createHash('sha256').update(client).digest('hex').slice(0, 12)}`
}

function cleanChange(change: Change, { text }: Cleaner): Change {
  const orNull = (said: string | null): string | null => (said === null ? null : text(said))
  return changed(change, {
    service: orNull(change.service),
    from: orNull(change.from),
    to: orNull(change.to),
    who: orNull(change.who),
    summary: text(change.summary),
  })
}

function cleanReport(report: UserReport, { text }: Cleaner): UserReport {
  return changed(report, {
    text: text(report.text),
    service: report.service === null ? null : text(report.service),
    url: report.url === null ? null : text(report.url),
    source: text(report.source),
  })
}

function cleanProbe(probe: ProbeResult, { text }: Cleaner): ProbeResult {
  return changed(probe, { target: text(probe.target), reason: text(probe.reason) })
}

function cleanDatabase(probe: DatabaseProbe, { text }: Cleaner): DatabaseProbe {
  const orNull = (said: string | null): string | null => (said === null ? null : text(said))
  const sessions = probe.sessions.map((session) =>
    changed(session, {
      user: orNull(session.user),
      application: orNull(session.application),
      statement: orNull(session.statement),
    }),
  )
  const refused =
    probe.refused === null ? null : changed(probe.refused, { reason: text(probe.refused.reason) })
  return { ...probe, target: text(probe.target), sessions, refused }
}

function cleanAlert(alert: ReceivedAlert, clean: Cleaner): ReceivedAlert {
  return changed(alert, {
    name: clean.text(alert.name),
    service: alert.service === null ? null : clean.text(alert.service),
    severity: clean.text(alert.severity),
    summary: clean.text(alert.summary),
    labels: clean.attributes(alert.labels),
    url: alert.url === null ? null : clean.text(alert.url),
  })
}
