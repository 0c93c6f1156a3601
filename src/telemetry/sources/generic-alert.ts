import type { EpochMs } from '../../time.ts'
import type { ReceivedAlert } from '../received-alert.ts'
import { keyOfLabels } from './alert-key.ts'
import { parseAlertmanager } from './alertmanager.ts'
import { fieldsAt, isFields, textAt, textEntries, timeAt } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'

const MOST_ALERTS = 1_000

export const ALERT_EXPECTED =
  'an alert {"name", "status": "firing"|"resolved", "service"?, "severity"?, "summary"?, "startedAt"?, "endedAt"?, "labels"?, "url"?, "key"?}, or a list of such'

/** Alerts, or why there are none: a reason to refuse, or one that is fine (`isFine`). */
export type ParsedAlerts =
  | { readonly ok: true; readonly alerts: readonly ReceivedAlert[] }
  | { readonly ok: false; readonly isFine: boolean; readonly reason: string }

/**
 * Alerts as JSON of any monitoring system: the documented shape, one or a list; Alertmanager's and Grafana's webhook;
 * CloudWatch alarms through SNS; Uptime Kuma. Other field names for the same (`title`, `state`, `message`, …) are
 * understood too. What has neither a name nor a text is refused.
 */
export function parseGenericAlerts(body: unknown, now: EpochMs): ParsedAlerts {
  const notices: readonly unknown[] = Array.isArray(body) ? body.slice(0, MOST_ALERTS) : [body]
  const alerts: ReceivedAlert[] = []
  for (const notice of notices) {
    const parsed = parseOne(notice, now)
    if (!parsed.ok) return parsed
    alerts.push(...parsed.alerts)
  }
  if (alerts.length === 0)
    return { ok: false, isFine: false, reason: `expected ${ALERT_EXPECTED}, found none` }
  return { ok: true, alerts }
}

function parseOne(body: unknown, now: EpochMs): ParsedAlerts {
  if (!isFields(body)) return unknownShape(body)
  const listed = parseAlertmanager(body, now)
  if (listed !== null) return { ok: true, alerts: listed }
  if (isFields(body['monitor']) && isFields(body['heartbeat'])) return one(uptimeKuma(body, now))
  if (typeof body['TopicArn'] === 'string') return notification(body, now)
  if ('AlarmName' in body) return one(cloudWatch(body, now))
  return plain(body, now)
}

function one(alert: ReceivedAlert): ParsedAlerts {
  return { ok: true, alerts: [alert] }
}

function unknownShape(found: unknown): ParsedAlerts {
  const keys = isFields(found)
    ? `the fields ${Object.keys(found).slice(0, 10).join(', ') || '(none)'}`
    : typeof found
  return { ok: false, isFine: false, reason: `expected ${ALERT_EXPECTED}, found ${keys}` }
}

const RESOLVED = /^(?:resolved|ok|okay|up|normal|closed|close|recovered|recovery|inactive|cleared?|0)$/i

function plain(body: JsonFields, now: EpochMs): ParsedAlerts {
  const summary = textAt(body, 'summary', 'message', 'text', 'description', 'body', 'details')
  const name = textAt(body, 'name', 'title', 'alertname', 'alert', 'ruleName', 'check', 'subject') ?? summary
  if (name === null) return unknownShape(body)
  const labels = new Map(textEntries(fieldsAt(body, 'labels')))
  const status = RESOLVED.test(textAt(body, 'status', 'state', 'event') ?? 'firing') ? 'resolved' : 'firing'
  const service =
    textAt(body, 'service', 'service_name', 'app', 'application') ?? labels.get('service') ?? null
  const source = textAt(body, 'source') ?? 'webhook'
  const named: readonly (readonly [string, string])[] = [
    ['name', name],
    ['service', service ?? ''],
    ...labels,
  ]
  return one({
    key: `${source}:${textAt(body, 'key', 'id', 'fingerprint', 'dedup_key', 'alias') ?? keyOfLabels(named)}`,
    source,
    status,
    name: name.slice(0, 200),
    service,
    severity: textAt(body, 'severity', 'priority', 'level') ?? labels.get('severity') ?? '',
    summary: summary ?? name,
    startedAt: timeAt(body, 'startedAt', 'startsAt', 'started_at', 'timestamp', 'time', 'at') ?? now,
    endedAt: status === 'resolved' ? (timeAt(body, 'endedAt', 'endsAt', 'ended_at') ?? now) : null,
    labels,
    url: textAt(body, 'url', 'link', 'generatorURL'),
  })
}

/** Amazon SNS wraps the alarm as text in `Message`, and first asks whether the subscription is wanted. */
function notification(body: JsonFields, now: EpochMs): ParsedAlerts {
  if (body['Type'] === 'SubscriptionConfirmation') {
    // It is not opened by us: whoever may post here must not make this machine visit addresses.
    const reason = `to confirm the subscription of ${String(body['TopicArn'])}, open its SubscribeURL: ${String(body['SubscribeURL'])}`
    return { ok: false, isFine: true, reason }
  }
  const message = textAt(body, 'Message') ?? ''
  const alarm = parsed(message)
  if (isFields(alarm)) return 'AlarmName' in alarm ? one(cloudWatch(alarm, now)) : plain(alarm, now)
  const summary = { name: textAt(body, 'Subject') ?? message, summary: message, timestamp: body['Timestamp'] }
  return plain({ ...summary, source: 'sns' }, now)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** An alarm of CloudWatch as SNS carries it. INSUFFICIENT_DATA says that nothing is known: the alarm has ended. */
function cloudWatch(alarm: JsonFields, now: EpochMs): ReceivedAlert {
  const trigger = fieldsAt(alarm, 'Trigger')
  const name = textAt(alarm, 'AlarmName') ?? 'alarm'
  const changedAt = timeAt(alarm, 'StateChangeTime') ?? now
  const status = alarm['NewStateValue'] === 'ALARM' ? 'firing' : 'resolved'
  const labels = [
    ...textEntries({ region: alarm['Region'], account: alarm['AWSAccountId'] }),
    ...textEntries({ metric: trigger['MetricName'], namespace: trigger['Namespace'] }),
    ...dimensions(trigger['Dimensions']),
  ]
  return {
    key: `cloudwatch:${textAt(alarm, 'AlarmArn') ?? name}`,
    source: 'cloudwatch',
    status,
    name,
    service: null,
    severity: '',
    summary: textAt(alarm, 'NewStateReason', 'AlarmDescription') ?? name,
    startedAt: changedAt,
    endedAt: status === 'resolved' ? changedAt : null,
    labels: new Map(labels),
    url: null,
  }
}

function dimensions(list: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(list)) return []
  return list.slice(0, 20).flatMap((dimension: unknown) => {
    if (!isFields(dimension)) return []
    const name = textAt(dimension, 'name')
    return name === null ? [] : [[name, textAt(dimension, 'value') ?? ''] as const]
  })
}

/** Uptime Kuma: `heartbeat.status` is 0 for down, 1 for up, 2 for pending, 3 for maintenance. */
function uptimeKuma(body: JsonFields, now: EpochMs): ReceivedAlert {
  const monitor = fieldsAt(body, 'monitor')
  const heartbeat = fieldsAt(body, 'heartbeat')
  const name = textAt(monitor, 'name') ?? 'monitor'
  const at = timeAt(heartbeat, 'time') ?? now
  const status = heartbeat['status'] === 0 ? 'firing' : 'resolved'
  return {
    key: `uptime-kuma:${textAt(monitor, 'id') ?? name}`,
    source: 'uptime-kuma',
    status,
    name,
    service: null,
    severity: '',
    summary: textAt(heartbeat, 'msg') ?? textAt(body, 'msg') ?? name,
    startedAt: at,
    endedAt: status === 'resolved' ? at : null,
    labels: new Map(textEntries({ type: monitor['type'], hostname: monitor['hostname'] })),
    url: textAt(monitor, 'url'),
  }
}
