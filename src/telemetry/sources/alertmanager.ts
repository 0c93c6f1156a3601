import type { EpochMs } from '../../time.ts'
import type { ReceivedAlert } from '../received-alert.ts'
import { keyOfLabels } from './alert-key.ts'
import { fieldsAt, isFields, textAt, textEntries, timeAt } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'

/** At most so many alerts of one notice; Alertmanager says in `truncatedAlerts` what it left out itself. */
const MOST_ALERTS = 1_000

export const ALERTMANAGER_EXPECTED =
  'the JSON of an Alertmanager webhook (version "4": {"version", "status", "alerts": [{"status", "labels", "annotations", "startsAt"}]})'

/**
 * The alerts of one notice of Prometheus' Alertmanager, version "4" of its webhook
 * (prometheus.io/docs/alerting/latest/configuration/#webhook_config); Grafana's webhook has the same shape. Null where
 * it has none. Each notice repeats all alerts of its group: `key` is the same in each.
 */
export function parseAlertmanager(body: unknown, now: EpochMs): readonly ReceivedAlert[] | null {
  if (!isFields(body) || !Array.isArray(body['alerts'])) return null
  const alerts: readonly unknown[] = body['alerts']
  const source = 'orgId' in body ? 'grafana' : 'alertmanager'
  const found = alerts.slice(0, MOST_ALERTS).map((alert) => alertOf(alert, { source, now }))
  return found.includes(null) ? null : found.filter((alert) => alert !== null)
}

function alertOf(
  alert: unknown,
  { source, now }: { readonly source: string; readonly now: EpochMs },
): ReceivedAlert | null {
  if (!isFields(alert) || !isFields(alert['labels'])) return null
  const labels = new Map(textEntries(alert['labels']))
  const annotations = fieldsAt(alert, 'annotations')
  const status = alert['status'] === 'resolved' ? 'resolved' : 'firing'
  const name = labels.get('alertname') ?? 'alert'
  return {
    key: `${source}:${textAt(alert, 'fingerprint') ?? keyOfLabels(labels)}`,
    source,
    status,
    name,
    service: serviceOf(alert['labels']),
    severity: labels.get('severity') ?? '',
    summary: textAt(annotations, 'summary', 'description', 'message') ?? name,
    startedAt: timeAt(alert, 'startsAt') ?? now,
    // A firing alert has Go's zero time here, or the time at which it lapses.
    endedAt: status === 'resolved' ? (timeAt(alert, 'endsAt') ?? now) : null,
    labels,
    url: textAt(alert, 'generatorURL', 'panelURL', 'dashboardURL'),
  }
}

/** The labels in which people keep the service's name; `job` is Prometheus' own and always there. */
function serviceOf(labels: JsonFields): string | null {
  return textAt(labels, 'service', 'service_name', 'service.name', 'app', 'application', 'job')
}
