import { z } from 'zod'
import { ruleExpectationSchema, rulesSchema, silenceSchema } from './rules.ts'

/** What the HTTP API answers. Times are ISO 8601 in UTC; additions are free, renames are a breaking change. */

const time = z.string().describe('ISO 8601, UTC')
const timeOrNull = time.nullable()
const attributes = z.record(z.string(), z.string())
const name = z.string()

/** One envelope for every list; `next` goes back in as `cursor`. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), pagination: z.object({ next: z.string().nullable() }) })
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().optional().describe('of docs/errors.md'),
  })
  .describe('RFC 9457')

export const urgencySchema = z.enum(['P1', 'P2', 'P3', 'P4'])

export const detectionSchema = z.object({
  id: name,
  rule: name,
  subject: z.object({
    service: name.nullable(),
    route: name.nullable(),
    instance: name.nullable(),
    resource: name.nullable(),
  }),
  urgency: urgencySchema,
  startedAt: time.describe('the first sign of it'),
  detectedAt: time,
  endedAt: timeOrNull.describe('null while it goes on'),
  summary: z.string(),
  evidence: z.array(z.object({ name, value: z.number(), unit: z.string() })),
  group: name,
  suppressedBy: name.nullable(),
})
export type DetectionJson = z.output<typeof detectionSchema>

export const detectionEventSchema = z.object({
  at: time,
  kind: z.enum(['detected', 'updated', 'ended']),
  detection: detectionSchema,
})
export type DetectionEventJson = z.output<typeof detectionEventSchema>

export const serviceSchema = z.object({
  service: name,
  lastSeenAt: timeOrNull,
  requests: z.number(),
  failed: z.number(),
  logs: z.number(),
  errorLogs: z.number(),
  metricPoints: z.number(),
  now: z
    .object({
      origin: z.string().describe('where its requests are counted'),
      requestsPerSecond: z.number(),
      errorRate: z.number(),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
      callers: z.array(name),
      callees: z.array(name),
    })
    .nullable()
    .describe('the last minute; null where nothing came'),
})

export const logRecordSchema = z.object({
  service: name,
  instance: z.string(),
  timestamp: time,
  observedTimestamp: time,
  severityNumber: z.number(),
  severityText: z.string(),
  body: z.string(),
  attributes,
  resource: attributes,
  traceId: z.string(),
  spanId: z.string(),
})

export const spanSchema = z.object({
  service: name,
  instance: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string(),
  name: z.string(),
  kind: z.string(),
  startedAt: time,
  durationMs: z.number(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string(),
  attributes,
  resource: attributes,
  events: z.array(z.object({ at: time, name: z.string(), attributes })),
})

const distributionKind = z.enum(['histogram', 'exponential-histogram', 'summary'])

export const metricNameSchema = z.object({
  service: name,
  metric: name,
  kind: z.enum(['gauge', 'sum', ...distributionKind.options]),
  unit: z.string().describe('UCUM, such as `s`, `By`, `1`'),
  series: z
    .number()
    .describe('of histograms and summaries: in the last hour in which it reported, and the hour before'),
})

const figure = z.number().nullable().describe('null where it is not finite')
const valuePoint = z.object({
  at: time,
  count: z.number().describe('points within the step'),
  sum: figure,
  min: figure,
  max: figure,
  last: figure,
})
const seriesOf = { attributes, instance: z.string() }
const temporality = z.enum(['cumulative', 'delta'])

const sumPoint = valuePoint.extend({
  increase: z
    .number()
    .nullable()
    .describe(
      'how much was added within the step, whatever the temporality: of a cumulative counter the difference to the ' +
        'step before, a process that began anew counting from zero; null where that is not known (the first step in ' +
        'which it is seen, unless it began to count within the window), or the sum may also fall',
    ),
  ratePerSecond: z
    .number()
    .nullable()
    .describe('`increase` by the seconds of a step; of the last step too little while it is not over'),
})

const quantile = (share: string) =>
  z
    .number()
    .nullable()
    .describe(
      `${share} lie below: interpolated within its bucket, as histogram_quantile of Prometheus does; of a summary as ` +
        'sent; null where nothing was counted, or it cannot be said',
    )
const distributionPoint = z.object({
  at: time,
  count: z.number().describe('what was counted within the step, whatever the temporality'),
  sum: figure,
  average: z.number().nullable().describe('null where nothing was counted'),
  min: z.number().nullable().describe('of deltas; null where it is not known for the step'),
  max: z.number().nullable().describe('of deltas; null where it is not known for the step'),
  p50: quantile('50 %'),
  p95: quantile('95 %'),
  p99: quantile('99 %'),
})

export const metricSeriesSchema = z.discriminatedUnion('kind', [
  z.object({ ...seriesOf, kind: z.literal('gauge'), points: z.array(valuePoint) }),
  z.object({
    ...seriesOf,
    kind: z.literal('sum'),
    temporality: temporality.nullable().describe('null in what an earlier version stored'),
    isMonotonic: z.boolean().nullable().describe('whether it is a counter, which only rises'),
    points: z.array(sumPoint),
  }),
  z.object({ ...seriesOf, kind: distributionKind, temporality, points: z.array(distributionPoint) }),
])
export type MetricSeriesJson = z.output<typeof metricSeriesSchema>

export const requestSeriesSchema = z.object({
  service: name,
  route: z.string(),
  origin: z.string(),
  points: z.array(
    z.object({
      at: time,
      requests: z.number(),
      failed: z.number(),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
      p99Ms: z.number().nullable(),
    }),
  ),
})

export const changeSchema = z.object({
  id: z.string(),
  at: time,
  kind: z.string(),
  service: name.nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  commit: z.string().nullable(),
  who: z.string().nullable(),
  summary: z.string(),
  source: z.string(),
})

export const reportSchema = z.object({
  id: z.string(),
  at: time,
  text: z.string(),
  service: name.nullable(),
  url: z.string().nullable(),
  source: z.string(),
})

export const newReportSchema = z.strictObject({
  text: z.string().min(1).max(4_000).describe('what is wrong, in their own words'),
  service: z.string().max(200).nullish().describe('the service, where it is known'),
  url: z.string().max(2_000).nullish().describe('the page they were looking at'),
  source: z.enum(['api', 'cli']).default('api').describe('which way it came'),
})

export const probeResultSchema = z.object({
  at: time,
  probe: name,
  kind: z.string(),
  target: z.string(),
  service: name.nullable(),
  succeeded: z.boolean(),
  durationMs: z.number(),
  reason: z.string(),
  expiresInSeconds: z.number().nullable(),
})

export const alertSchema = z.object({
  key: z.string(),
  source: z.string(),
  status: z.enum(['firing', 'resolved']),
  name,
  service: name.nullable(),
  severity: z.string(),
  summary: z.string(),
  startedAt: time,
  endedAt: timeOrNull,
  labels: attributes,
  url: z.string().nullable(),
})

export const ruleSchema = z.object({
  name,
  kind: z.string(),
  enabled: z.boolean(),
  says: z.string(),
})

export const silenceJsonSchema = silenceSchema.extend({ isActive: z.boolean() })

export const newSilenceSchema = silenceSchema
  .omit({ id: true, until: true })
  .extend({
    id: z.string().min(1).max(100).optional(),
    until: z.iso.datetime({ offset: true }).optional().describe('ISO 8601; or say `for`'),
    for: z.string().optional().describe('so long from now, such as 2h'),
  })
  .strict()

export const statusSchema = z.object({
  version: z.string(),
  startedAt: time,
  ready: z.boolean(),
  listening: z.array(z.string()),
  detections: z.object({ active: z.number(), paging: z.number().describe('P1 to P3, and not suppressed') }),
  sources: z.array(
    z.object({
      source: z.string(),
      name: z.string(),
      state: z.string(),
      reason: z.string(),
      lastAt: timeOrNull,
      taken: z.number(),
      dropped: z.number(),
    }),
  ),
  received: z.array(
    z.object({
      source: z.string(),
      requests: z.number(),
      received: z.number(),
      accepted: z.number(),
      refused: z.record(z.string(), z.number()),
    }),
  ),
  store: z.object({
    engine: z.object({
      state: z.string(),
      restarts: z.number(),
      residentBytes: z.number().nullable(),
    }),
    queueBytes: z.number(),
    rows: z.number(),
    diskBytes: z.number(),
    freeBytes: z.number().nullable(),
  }),
  refusedConfiguration: z.string().nullable(),
})
export type StatusJson = z.output<typeof statusSchema>

export const rulesTestSchema = z.strictObject({
  rules: rulesSchema.optional().describe('as `rules:` of firebreak.yaml; those in force unless said'),
  from: z.string().optional().describe('ISO 8601, or an age such as `6h`; 1 hour before `to` unless said'),
  to: z.string().optional().describe('ISO 8601, or an age; now unless said'),
  expect: z.array(ruleExpectationSchema).default([]).describe('what must, or must never, be detected'),
})
export const rulesTestedSchema = z.object({
  from: time,
  to: time,
  events: z.array(detectionEventSchema),
  unmet: z.array(z.string()).describe('expectations that were not met, in words'),
})
