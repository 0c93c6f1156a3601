import { z } from 'zod'
import {
  listOf,
  logRecordSchema,
  metricNameSchema,
  metricSeriesSchema,
  requestSeriesSchema,
  spanSchema,
} from '../../contract/api.ts'
import { AppError } from '../../errors.ts'
import { toIso } from '../../time.ts'
import { endpoint, pagingQuery, serviceQuery, windowOf, windowQuery } from '../endpoint.ts'
import { allJson, logJson, metricSeriesJson, pageJson, spanJson } from '../present.ts'
import { parseDuration } from '../../duration.ts'

export const logs = endpoint({
  method: 'GET',
  path: '/api/v1/logs',
  summary: 'Log records, newest first',
  tag: 'signals',
  query: z.strictObject({
    ...windowQuery,
    ...serviceQuery,
    ...pagingQuery,
    severity: z.coerce.number().int().min(1).max(24).optional().describe('this severity number or more'),
    text: z.string().optional().describe('text in the body'),
    traceId: z.string().optional().describe('of this trace'),
  }),
  answer: listOf(logRecordSchema),
  async handle({ stored, now }, { query: { from, to, severity, ...rest } }) {
    const window = windowOf({ from, to }, now())
    return pageJson(await stored.logs({ window, ...rest, minSeverityNumber: severity }), logJson)
  },
})

export const spans = endpoint({
  method: 'GET',
  path: '/api/v1/spans',
  summary: 'Spans, newest first',
  tag: 'signals',
  query: z.strictObject({
    ...windowQuery,
    ...serviceQuery,
    ...pagingQuery,
    name: z.string().optional().describe('name of the span'),
    kind: z.enum(['internal', 'server', 'client', 'producer', 'consumer']).optional(),
    minDurationMs: z.coerce.number().min(0).optional().describe('slower than this'),
    onlyErrors: z.stringbool().optional().describe('those with an error only'),
  }),
  answer: listOf(spanSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    const window = windowOf({ from, to }, now())
    return pageJson(await stored.spans({ window, ...rest }), spanJson)
  },
})

export const trace = endpoint({
  method: 'GET',
  path: '/api/v1/traces/{traceId}',
  summary: 'All spans of one trace, by start',
  tag: 'signals',
  answer: listOf(spanSchema),
  async handle({ stored }, { path: { traceId = '' } }) {
    if (!/^[0-9a-f]{32}$/.test(traceId)) {
      throw new AppError(
        'REQUEST_INVALID',
        `expected a trace id of 32 hexadecimal digits, found "${traceId}"`,
      )
    }
    const found = await stored.trace(traceId)
    if (found.length === 0) throw new AppError('NOT_FOUND', `there is no span of trace ${traceId}`)
    return allJson(found.map(spanJson))
  },
})

export const metricNames = endpoint({
  method: 'GET',
  path: '/api/v1/metrics',
  summary: 'Names, kinds and units of metrics, with how many series each has',
  tag: 'signals',
  query: z.strictObject({ ...windowQuery, ...serviceQuery }),
  answer: listOf(metricNameSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    return allJson(await stored.metricNames({ window: windowOf({ from, to }, now()), ...rest }))
  },
})

const step = z
  .string()
  .optional()
  .describe(
    'width of a point, whole minutes such as `5m`, over more than six hours whole ten minutes; about 144 points unless said',
  )
  .transform((text) => (text === undefined ? undefined : parseDuration(text, 'step: a duration')))
  .pipe(z.number().multipleOf(60_000, 'expected whole minutes').min(60_000).optional())

export const metricSeries = endpoint({
  method: 'GET',
  path: '/api/v1/metrics/series',
  summary:
    'The series of one metric of one service: values, increases of sums, quantiles of histograms, by minute',
  tag: 'signals',
  query: z.strictObject({
    ...windowQuery,
    service: z.string().describe('`service.name`'),
    metric: z.string().describe('its name'),
    by: z
      .string()
      .optional()
      .describe(
        'attributes, such as `http.route,http.request.method`: series that agree in them are added, over all instances; ' +
          'left empty, all are one',
      )
      .transform((text) => text?.split(',').filter((key) => key !== ''))
      .pipe(z.array(z.string()).max(10).optional()),
    step,
  }),
  answer: listOf(metricSeriesSchema),
  async handle({ stored, now }, { query: { from, to, service, metric, by, step: stepMs } }) {
    const window = windowOf({ from, to }, now())
    return allJson((await stored.metricSeries({ window, service, metric, by, stepMs })).map(metricSeriesJson))
  },
})

export const requests = endpoint({
  method: 'GET',
  path: '/api/v1/requests',
  summary: 'Requests, failures and latencies by route over time',
  tag: 'signals',
  query: z.strictObject({
    ...windowQuery,
    ...serviceQuery,
    route: z.string().optional().describe('`METHOD /template`'),
    step,
  }),
  answer: listOf(requestSeriesSchema),
  async handle({ stored, now }, { query: { from, to, step: stepMs, ...rest } }) {
    const window = windowOf({ from, to }, now())
    const series = await stored.requests({ window, ...rest, stepMs })
    return allJson(
      series.map((one) => ({
        ...one,
        points: one.points.map((point) => ({ ...point, at: toIso(point.at) })),
      })),
    )
  },
})
