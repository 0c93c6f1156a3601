import { z } from 'zod'
import { listOf, serviceSchema } from '../../contract/api.ts'
import type { Service } from '../../service/index.ts'
import { toIso } from '../../time.ts'
import { endpoint, windowOf, windowQuery } from '../endpoint.ts'
import { allJson } from '../present.ts'

const DAY_MS = 86_400_000

export const services = endpoint({
  method: 'GET',
  path: '/api/v1/services',
  summary: 'Services that reported, and how they do now',
  tag: 'services',
  query: z.strictObject(windowQuery),
  answer: listOf(serviceSchema),
  async handle({ stored, detector, now }, { query }) {
    const live = new Map(detector.services().map((view) => [view.service, view]))
    const seen = await stored.services(windowOf(query, now(), DAY_MS))
    const onlyLive = [...live.keys()].filter((name) => !seen.some(({ service }) => service === name))
    const rows = [
      ...seen.map((row) => ({ ...row, lastSeenAt: toIso(row.lastSeenAt) })),
      ...onlyLive.map((service) => ({
        service,
        lastSeenAt: null,
        requests: 0,
        failed: 0,
        logs: 0,
        errorLogs: 0,
        metricPoints: 0,
      })),
    ]
    return allJson(rows.map((row) => ({ ...row, now: lastMinute(live.get(row.service)) })))
  },
})

type View = ReturnType<Service['detector']['services']>[number]

function lastMinute(view: View | undefined) {
  if (view === undefined) return null
  const { origin, requestsPerSecond, errorRate, p50Ms, p95Ms, callers, callees } = view
  return { origin, requestsPerSecond, errorRate, p50Ms, p95Ms, callers, callees }
}
