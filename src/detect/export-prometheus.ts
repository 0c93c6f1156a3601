import { stringify } from 'yaml'
import type { BurnRateRule, ErrorRateRule, LatencyRule, MissingTelemetryRule } from '../contract/rules.ts'
import type { CrashLoopRule, Rule, Rules, ThresholdRule } from '../contract/rules.ts'
import type { ServicePolicy } from './judges/judge.ts'

export type PrometheusExport = {
  /** A rules file as `promtool check rules` takes it. */
  readonly yaml: string
  /** Rules that PromQL cannot say, or not without what was not given; each with the reason. */
  readonly notExported: readonly { readonly rule: string; readonly reason: string }[]
}

type Alert = {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}
type Exported = readonly Alert[] | string
type Named<Of> = { readonly name: string; readonly rule: Of }

/** http.server.request.duration as the OpenTelemetry Collector and Prometheus' own OTLP receiver name it. */
const DURATION = 'http_server_request_duration_seconds'
/** What is said of services there: `service.name` becomes `job`. */
const BY = 'by (job)'

/**
 * The rules as Prometheus alerting rules, on the metric names that OpenTelemetry's become there
 * (opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics). A sequential test cannot be said in PromQL:
 * error rate and response time become shares of the last minute, which is slower and less sure.
 */
export function exportPrometheusRules(
  rules: Rules,
  services: ReadonlyMap<string, ServicePolicy> = new Map(),
): PrometheusExport {
  const exported = Object.entries(rules)
    .filter(([, rule]) => rule.enabled)
    .map(([name, rule]) => ({ name, result: exportRule({ name, rule }, services) }))
  const alerts = exported.flatMap(({ result }) => (typeof result === 'string' ? [] : result))
  const notExported = exported.flatMap(({ name, result }) =>
    typeof result === 'string' ? [{ rule: name, reason: result }] : [],
  )
  const yaml = stringify({ groups: [{ name: 'firebreak', rules: alerts }] }, { lineWidth: 0 })
  return { yaml, notExported }
}

function exportRule({ name, rule }: Named<Rule>, services: ReadonlyMap<string, ServicePolicy>): Exported {
  switch (rule.kind) {
    case 'error-rate':
      return errorRate({ name, rule })
    case 'latency':
      return latency({ name, rule })
    case 'threshold':
      return threshold({ name, rule })
    case 'burn-rate':
      return burnRate({ name, rule }, services)
    case 'missing-telemetry':
      return missing({ name, rule })
    case 'process':
      return restarts({ name, rule })
    case 'new-error':
      return 'Prometheus holds no log lines and no stack traces'
    case 'probe':
      return "a probe's results are not metrics of OpenTelemetry; the blackbox exporter has probe_success for it"
    case 'user-reports':
      return 'what users report is not a metric'
    case 'alert':
      return 'these alerts come from elsewhere, Prometheus among it'
    case 'anomaly':
    default:
      return 'what is usual for a series is learned, and PromQL has no state to learn in'
  }
}

function errorRate({ name, rule }: Named<ErrorRateRule>): Alert[] {
  const where = labelsOf(rule)
  const failed = rateOf(`${DURATION}_count`, [...where, 'http_response_status_code=~"5.."'], '1m')
  const all = rateOf(`${DURATION}_count`, where, '1m')
  const steps = [
    ['P1', 0.2],
    ['P2', 0.05],
    ['P3', rule.above],
  ] as const
  return steps
    .filter(([, limit]) => limit >= rule.above)
    .map(([severity, limit]) => ({
      alert: `${alertName(name)}${severity}`,
      expr: `${failed} / ${all} > ${limit}`,
      for: '1m',
      labels: { severity },
      annotations: { summary: '{{ $value | humanizePercentage }} of requests to {{ $labels.job }} fail' },
    }))
}

function latency({ name, rule }: Named<LatencyRule>): Alert[] {
  const where = labelsOf(rule)
  const seconds = rule.above / 1000
  // Prometheus 3 writes `1.0` where 2 wrote `1`.
  const bound = Number.isInteger(seconds) ? `le=~"${seconds}|${seconds}\\\\.0"` : `le="${seconds}"`
  const fast = rateOf(`${DURATION}_bucket`, [...where, bound], '1m')
  const all = rateOf(`${DURATION}_count`, where, '1m')
  return [
    {
      alert: alertName(name),
      expr: `1 - ${fast} / ${all} > ${rule.share}`,
      for: '1m',
      labels: { severity: 'P3' },
      annotations: {
        summary: `{{ $value | humanizePercentage }} of requests to {{ $labels.job }} take longer than ${seconds} s`,
      },
    },
  ]
}

function threshold({ name, rule }: Named<ThresholdRule>): Alert[] {
  const metrics = typeof rule.metric === 'string' ? [rule.metric] : rule.metric
  const attributes = Object.entries(rule.attributes).map(([key, glob]) => matcher(promName(key), glob))
  const labels = [...serviceLabel(rule.service), ...attributes]
  const side = rule.above === undefined ? `< ${rule.below}` : `> ${rule.above}`
  const how = {
    each: '',
    sum: 'sum by (job, instance) ',
    max: 'max by (job, instance) ',
    mean: 'avg by (job, instance) ',
  }
  return metrics.map((metric) => {
    const selector = `${metricName(metric)}${braces(labels)}`
    const value = rule.aggregate === 'each' ? selector : `${how[rule.aggregate]}(${selector})`
    return {
      alert: metrics.length === 1 ? alertName(name) : `${alertName(name)}${alertName(metric)}`,
      expr: `${value} ${side}`,
      for: promDuration(rule.for),
      labels: { severity: rule.urgency },
      annotations: { summary: `${metric} of {{ $labels.job }} {{ $labels.instance }} is {{ $value }}` },
    }
  })
}

function burnRate(
  { name, rule }: Named<BurnRateRule>,
  services: ReadonlyMap<string, ServicePolicy>,
): Exported {
  const own = [...services].flatMap(([service, { objective }]) =>
    objective === null ? [] : [{ service, objective }],
  )
  const judged = rule.objective === undefined ? own : [{ service: rule.service, objective: rule.objective }]
  if (judged.length === 0) return 'no service has an objective'
  return judged.flatMap(({ service, objective }) =>
    rule.windows.map(({ factor, long, short, urgency }) => {
      const limit = Number((factor * (1 - objective)).toPrecision(12))
      const over = [long, short].map((lasts) => `(${errorShare(service, promDuration(lasts))} > ${limit})`)
      return {
        alert: `${alertName(name)}${alertName(promDuration(long))}`,
        expr: over.join(' and '),
        labels: { severity: urgency },
        annotations: { summary: `{{ $labels.job }} burns its error budget over ${factor} times too fast` },
      }
    }),
  )
}

function errorShare(service: string, window: string): string {
  const where = serviceLabel(service)
  const failed = rateOf(`${DURATION}_count`, [...where, 'http_response_status_code=~"5.."'], window)
  return `${failed} / ${rateOf(`${DURATION}_count`, where, window)}`
}

function missing({ name, rule }: Named<MissingTelemetryRule>): Alert[] {
  const info = `target_info${braces(serviceLabel(rule.service))}`
  const over = (window: string): string => `group ${BY} (last_over_time(${info}[${window}]))`
  return [
    {
      alert: alertName(name),
      expr: `${over('1h')} unless ${over(promDuration(rule.after))}`,
      labels: { severity: rule.urgency },
      annotations: { summary: 'Nothing comes from {{ $labels.job }} any more' },
    },
  ]
}

function restarts({ name, rule }: Named<CrashLoopRule>): Alert[] {
  const uptime = `process_uptime_seconds${braces(serviceLabel(rule.service))}`
  return [
    {
      alert: alertName(name),
      expr: `resets(${uptime}[${promDuration(rule.within)}]) >= ${rule.restarts}`,
      labels: { severity: rule.urgency },
      annotations: { summary: '{{ $labels.instance }} of {{ $labels.job }} started {{ $value }} times' },
    },
  ]
}

function rateOf(metric: string, labels: readonly string[], window: string): string {
  return `sum ${BY} (rate(${metric}${braces(labels)}[${window}]))`
}

/** `GET /cart/{id}` → method and route; a template is spelled as each framework likes, so any parameter matches. */
function labelsOf({ service, route }: { readonly service: string; readonly route: string }): string[] {
  if (route === '*') return serviceLabel(service)
  const [method = '*', path = '*'] = route.includes(' ') ? route.split(' ') : ['*', route]
  const labels = [...serviceLabel(service), matcher('http_route', path.replaceAll('{id}', '*'))]
  return method === '*' ? labels : [...labels, matcher('http_request_method', method)]
}

function serviceLabel(service: string): string[] {
  return service === '*' ? [] : [matcher('job', service)]
}

function matcher(label: string, glob: string): string {
  if (!glob.includes('*')) return `${label}=${JSON.stringify(glob)}`
  const parts = glob.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`))
  return `${label}=~${JSON.stringify(parts.join('.*'))}`
}

function braces(labels: readonly string[]): string {
  return labels.length === 0 ? '' : `{${labels.join(', ')}}`
}

function promName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_')
}

/** A gauge with unit 1 gets `_ratio`; of others the rule does not know the unit, and with it the suffix. */
function metricName(metric: string): string {
  return `${promName(metric)}${metric.endsWith('utilization') ? '_ratio' : ''}`
}

function alertName(name: string): string {
  return name
    .split(/[^a-zA-Z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

function promDuration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  const [unit, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
