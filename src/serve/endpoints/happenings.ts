import { z } from 'zod'
import {
  alertSchema,
  changeSchema,
  listOf,
  newReportSchema,
  probeResultSchema,
  reportSchema,
} from '../../contract/api.ts'
import { endpoint, pagingQuery, serviceQuery, windowOf, windowQuery } from '../endpoint.ts'
import { alertJson, changeJson, pageJson, probeJson, reportJson } from '../present.ts'
import { takeReport } from '../take-report.ts'

const DAY_MS = 86_400_000
const query = z.strictObject({ ...windowQuery, ...serviceQuery, ...pagingQuery })

export const changes = endpoint({
  method: 'GET',
  path: '/api/v1/changes',
  summary: 'Deploys and other changes, newest first',
  tag: 'happenings',
  query,
  answer: listOf(changeSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    const window = windowOf({ from, to }, now(), DAY_MS)
    return pageJson(await stored.changes({ window, ...rest }), changeJson)
  },
})

export const reports = endpoint({
  method: 'GET',
  path: '/api/v1/reports',
  summary: 'What users reported, newest first',
  tag: 'happenings',
  query,
  answer: listOf(reportSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    const window = windowOf({ from, to }, now(), DAY_MS)
    return pageJson(await stored.reports({ window, ...rest }), reportJson)
  },
})

export const newReport = endpoint({
  method: 'POST',
  path: '/api/v1/reports',
  summary: 'Report that something is broken',
  tag: 'happenings',
  body: newReportSchema,
  answer: reportSchema,
  status: 201,
  handle: (service, { body: { source, ...said } }) => takeReport(service, said, source),
})

export const probes = endpoint({
  method: 'GET',
  path: '/api/v1/probes',
  summary: 'What synthetic checks saw, newest first',
  tag: 'happenings',
  query,
  answer: listOf(probeResultSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    const window = windowOf({ from, to }, now())
    return pageJson(await stored.probes({ window, ...rest }), probeJson)
  },
})

export const alerts = endpoint({
  method: 'GET',
  path: '/api/v1/alerts',
  summary: 'Alerts of other systems, newest first',
  tag: 'happenings',
  query,
  answer: listOf(alertSchema),
  async handle({ stored, now }, { query: { from, to, ...rest } }) {
    const window = windowOf({ from, to }, now(), DAY_MS)
    return pageJson(await stored.alerts({ window, ...rest }), alertJson)
  },
})
