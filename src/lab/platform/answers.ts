import { z } from 'zod'

// What the two APIs answer, for their OpenAPI pages. A test holds the pages against real answers.

/** The one envelope of lists. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), pagination: z.object({ next: z.string().nullable() }) })
}

export const doneSchema = z.object({ ok: z.boolean() })

const fraction = z.number().min(0).max(1)
const isoTime = z.string().describe('ISO 8601, UTC')

export const releaseSchema = z.object({ commit: z.string(), version: z.string() })

export const publicStatusSchema = z.object({
  schema: z.literal(1),
  state: z.enum(['up', 'down', 'starting']),
  requestsPerSecond: z.number(),
  errorRate: fraction,
  p50Ms: z.number(),
  p95Ms: z.number(),
  dbConnections: z.object({ used: z.int(), limit: z.int() }),
  cpuCores: z.number(),
  instances: z.array(
    z.object({ name: z.string(), version: z.string(), state: z.string(), weight: z.number() }),
  ),
  release: releaseSchema,
})

export const changeSchema = z.object({
  id: z.int(),
  at: isoTime,
  who: z.string(),
  what: z.string(),
  service: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
})

export const routeSchema = z.object({
  route: z.string().describe('METHOD /template'),
  requests: z.int(),
  failed: z.int(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  statuses: z.record(z.string(), z.int()).describe('answers by status; 0 is none'),
})

export const processSchema = z.object({
  name: z.string(),
  pid: z.int().nullable(),
  state: z.string(),
  cpuCores: z.number(),
  residentBytes: z.number(),
  crashes: z.int(),
})
