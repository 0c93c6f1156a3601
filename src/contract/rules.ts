import { z } from 'zod'
import { durationMs, share } from './config-words.ts'

/**
 * The rules of detection as firebreak.yaml has them: an object by name. The names below are there by default, and what
 * is written changes single fields of them; any other name is a rule of one's own and says its `kind`.
 * `docs/detection.md` explains each, with its arithmetic.
 */

const urgency = z.enum(['P1', 'P2', 'P3', 'P4'])
const glob = z.string().min(1)

const subject = {
  enabled: z.boolean().prefault(true).describe('false switches the rule off'),
  service: glob.prefault('*').describe('services that it judges; `*` stands for any text'),
}

function kindOf<Kind extends string>(kind: Kind) {
  return z.literal(kind).prefault(kind as never)
}

const errorRate = z.strictObject({
  kind: kindOf('error-rate'),
  ...subject,
  route: glob.prefault('*').describe('routes that it judges, as `METHOD /template`'),
  above: share.prefault('1%').describe('share of requests failing that is too much'),
})

const latency = z.strictObject({
  kind: kindOf('latency'),
  ...subject,
  route: glob.prefault('*').describe('routes that it judges, as `METHOD /template`'),
  above: durationMs.prefault('1s').describe('an answer that takes longer is slow'),
  share: share.prefault('5%').describe('share of requests being slow that is too much: 5% judges the p95'),
})

const thresholdFields = {
  ...subject,
  metric: z.union([z.string(), z.array(z.string()).min(1)]).describe('name of the metric, or several'),
  attributes: z
    .record(z.string(), glob)
    .prefault({})
    .describe('attributes that a series must have, `*` stands for any text'),
  aggregate: z
    .enum(['each', 'sum', 'max', 'mean'])
    .prefault('each')
    .describe('over the series of one instance: each alone, or together'),
  above: z.number().optional().describe('wrong while greater'),
  below: z.number().optional().describe('wrong while less'),
  for: durationMs.prefault('30s').describe('so long without a break'),
  urgency: urgency.prefault('P4'),
}
const threshold = z
  .strictObject({ kind: z.literal('threshold'), ...thresholdFields })
  .refine(({ above, below }) => above !== undefined || below !== undefined, {
    message: 'expected `above` or `below`, found neither',
  })

/** A threshold rule that is there by default: every field can be changed. */
function thresholdOn(metric: string | string[], defaults: { above: number; for: string; urgency: string }) {
  return z
    .strictObject({
      kind: kindOf('threshold'),
      ...thresholdFields,
      metric: thresholdFields.metric.prefault(metric),
      above: z.number().optional().prefault(defaults.above),
      for: durationMs.prefault(defaults.for),
      urgency: urgency.prefault(defaults.urgency as 'P4'),
    })
    .prefault({})
}

const burnWindow = z.strictObject({
  factor: z.number().positive().describe('times the rate that uses up the budget exactly'),
  long: durationMs,
  short: durationMs.describe('burns in this one, too: it ends the detection soon after the burning ends'),
  urgency,
})

const burnRate = z.strictObject({
  kind: kindOf('burn-rate'),
  ...subject,
  objective: share.optional().describe('share of good requests; by default the objective of the service'),
  windows: z
    .array(burnWindow)
    .min(1)
    .prefault([
      { factor: 14.4, long: '1h', short: '5m', urgency: 'P2' },
      { factor: 6, long: '6h', short: '30m', urgency: 'P2' },
      { factor: 3, long: '1d', short: '2h', urgency: 'P3' },
      { factor: 1, long: '3d', short: '6h', urgency: 'P3' },
    ])
    .describe('the windows of the SRE workbook, chapter 5'),
  minimumFailed: z.int().positive().prefault(10).describe('fewer failures in the long window say nothing'),
})

const newError = z.strictObject({
  kind: kindOf('new-error'),
  ...subject,
  warmUp: durationMs.prefault('5m').describe('what a service says in its first minutes is learned silently'),
  burst: z.number().positive().prefault(10).describe('times its usual rate is suddenly frequent'),
  urgency: urgency.prefault('P4'),
})

const probe = z.strictObject({
  kind: kindOf('probe'),
  ...subject,
  probe: glob.prefault('*').describe('names of the probes that it judges'),
  failures: z.int().positive().prefault(3).describe('in a row'),
  urgency: z
    .union([urgency, z.literal('auto')])
    .prefault('auto')
    .describe('auto: P1 where the service answers nobody, P4 where its users are fine, else P2'),
})

const userReports = z.strictObject({
  kind: kindOf('user-reports'),
  ...subject,
  count: z.int().positive().prefault(5),
  within: durationMs.prefault('5m'),
  urgency: urgency.prefault('P3'),
})

const missingTelemetry = z.strictObject({
  kind: kindOf('missing-telemetry'),
  ...subject,
  after: durationMs.prefault('2m').describe('of silence, at least, and ten times the longest pause so far'),
  learn: durationMs.prefault('10m').describe('who has reported for less is not missed'),
  urgency: urgency.prefault('P4'),
})

const alert = z.strictObject({
  kind: kindOf('alert'),
  ...subject,
  urgencies: z
    .record(z.string(), urgency)
    .prefault({ critical: 'P2', page: 'P2', error: 'P3', high: 'P3', ticket: 'P3', warning: 'P4' })
    .describe("by the sender's word for severity; any other is P4"),
})

const anomaly = z.strictObject({
  kind: kindOf('anomaly'),
  ...subject,
  metric: glob
    .prefault('*')
    .describe('series that are judged: names of metrics, and of the figures of requests'),
  urgency: urgency.prefault('P4'),
})

const crashLoop = z.strictObject({
  kind: kindOf('process'),
  ...subject,
  restarts: z.int().positive().prefault(3).describe('of one instance'),
  within: durationMs.prefault('10m'),
  urgency: urgency.prefault('P4'),
})

const CPU = ['host.cpu.utilization', 'process.cpu.utilization', 'k8s.pod.cpu_limit_utilization']
const MEMORY = ['host.memory.utilization', 'process.memory.utilization', 'k8s.pod.memory_limit_utilization']

const named = {
  'error-rate': errorRate.prefault({}),
  'response-time': latency.prefault({}),
  'database-connections': thresholdOn('db.connections.utilization', {
    above: 0.8,
    for: '30s',
    urgency: 'P3',
  }),
  cpu: thresholdOn(CPU, { above: 0.8, for: '1m', urgency: 'P4' }),
  memory: thresholdOn(MEMORY, { above: 0.8, for: '1m', urgency: 'P4' }),
  'burn-rate': burnRate.prefault({}),
  'new-error': newError.prefault({}),
  probe: probe.prefault({}),
  'user-reports': userReports.prefault({}),
  'missing-telemetry': missingTelemetry.prefault({}),
  alert: alert.prefault({}),
  anomaly: anomaly.prefault({}),
  'crash-loop': crashLoop.prefault({}),
}

/** The kind decides; here it must be said, for a name of one's own has no default. */
const own = z.discriminatedUnion('kind', [
  errorRate.extend({ kind: z.literal('error-rate') }),
  latency.extend({ kind: z.literal('latency') }),
  threshold,
  burnRate.extend({ kind: z.literal('burn-rate') }),
  newError.extend({ kind: z.literal('new-error') }),
  probe.extend({ kind: z.literal('probe') }),
  userReports.extend({ kind: z.literal('user-reports') }),
  missingTelemetry.extend({ kind: z.literal('missing-telemetry') }),
  alert.extend({ kind: z.literal('alert') }),
  anomaly.extend({ kind: z.literal('anomaly') }),
  crashLoop.extend({ kind: z.literal('process') }),
])

/** `rules:` of firebreak.yaml; `rulesSchema.parse({})` is the default. */
export const rulesSchema = z.object(named).catchall(own).prefault({})

export type ErrorRateRule = z.output<typeof errorRate>
export type LatencyRule = z.output<typeof latency>
export type ThresholdRule = z.output<typeof threshold>
export type BurnRateRule = z.output<typeof burnRate>
export type NewErrorRule = z.output<typeof newError>
export type ProbeRule = z.output<typeof probe>
export type UserReportsRule = z.output<typeof userReports>
export type MissingTelemetryRule = z.output<typeof missingTelemetry>
export type AlertRule = z.output<typeof alert>
export type AnomalyRule = z.output<typeof anomaly>
export type CrashLoopRule = z.output<typeof crashLoop>
export type Rule = z.output<typeof own>
/** Rules by name. */
export type Rules = Readonly<Record<string, Rule>>

const matcher = z.strictObject({
  rule: glob.optional().describe('name of the rule'),
  service: glob.optional().describe('its service'),
  route: glob.optional().describe('its route'),
  instance: glob.optional().describe('its instance'),
  resource: glob.optional().describe('its database, probe or series'),
})

/** Nobody is told of what matches, from `from` until `until`; it is detected and kept all the same. */
export const silenceSchema = z.strictObject({
  id: z.string().min(1).describe('by which it is ended'),
  match: matcher.describe('all that is given must match; `*` stands for any text'),
  from: z.iso.datetime({ offset: true }).optional().describe('ISO 8601; at once without it'),
  until: z.iso.datetime({ offset: true }).describe('ISO 8601'),
  by: z.string().prefault('').describe('who made it'),
  comment: z.string().prefault('').describe('why'),
})
export type Silence = z.output<typeof silenceSchema>

/** Planned work: as a silence, again every week. */
export const maintenanceSchema = z.strictObject({
  name: z.string().min(1).describe('what it is called in detections'),
  match: matcher.prefault({}),
  days: z
    .array(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']))
    .min(1)
    .prefault(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
    .describe('days of the week, UTC'),
  from: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 02:30')
    .describe('UTC'),
  for: durationMs.describe('how long it lasts'),
})
export type Maintenance = z.output<typeof maintenanceSchema>

/** What `firebreak rules test` wants of a replay. */
export const ruleExpectationSchema = z.strictObject({
  rule: glob.describe('name of the rule; `*` stands for any text'),
  service: glob.prefault('*'),
  urgency: urgency.prefault('P4').describe('at least so urgent'),
  within: durationMs.optional().describe('since the first item of the telemetry'),
  never: z.boolean().prefault(false).describe('true: there must be none'),
})
export type RuleExpectation = z.output<typeof ruleExpectationSchema>
