import { z } from 'zod'
import { causeIds } from './causes.ts'

/** The schema of `incident.json`, version 1. Additions are free; a rename is a breaking change. */

const iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/, 'expected ISO 8601 in UTC')
const moment = iso.nullable()
const share = z.number().min(0).max(1)
const count = z.number().int().min(0)

const frame = z.object({
  file: z.string().nullable(),
  line: z.number().int().nullable(),
  function: z.string().nullable(),
  inApp: z.boolean(),
})

const exception = z.object({
  chain: z.array(z.object({ type: z.string(), message: z.string(), frames: z.array(frame) })),
})

export const fingerprintSchema = z.object({
  id: z.string(),
  template: z.string(),
  severityText: z.string(),
  count,
  share,
  firstSeen: moment,
  lastSeen: moment,
  isNew: z.boolean(),
  exception: exception.nullable(),
  source: z.object({ file: z.string(), line: count }).nullable(),
  example: z.string(),
})

const location = z.object({
  file: z.string(),
  line: z.number().int().nullable(),
  function: z.string().nullable(),
})

const factor = z.object({
  rank: z.number().int().min(1),
  cause: z.enum(causeIds),
  confidence: share,
  summary: z.string(),
  service: z.string().nullable(),
  resource: z.string().nullable(),
  commit: z.object({ sha: z.string(), subject: z.string(), committedAt: iso }).nullable(),
  location: location.nullable(),
  chain: z.array(z.string()).length(4),
  findings: z.array(
    z.object({
      kind: z.string(),
      summary: z.string(),
      observedAt: moment,
      supports: z.boolean(),
      source: z.string(),
    }),
  ),
  immediateFix: z.array(z.string()),
  permanentFix: z.array(z.string()),
})

const tally = z.object({ requests: count, failed: count })

export const incidentSchema = z.object({
  schema: z.literal(1),
  title: z.string(),
  summary: z.string(),
  severity: z.enum(['P1', 'P2', 'P3', 'P4']),
  status: z.enum(['open', 'mitigated', 'resolved', 'closed']),
  incidentFound: z.boolean(),
  startedAt: moment,
  detectedAt: moment,
  acknowledgedAt: moment,
  containedAt: moment,
  diagnosedAt: moment,
  resolvedAt: moment,
  verifiedAt: moment,
  impact: z.object({
    requests: count,
    failed: count,
    errorRate: share,
    routes: z.array(z.object({ route: z.string(), requests: count, failed: count })),
    healthyRoutes: z.array(z.object({ route: z.string(), requests: count, failed: count })),
    downtimeSeconds: z.number().min(0),
    partialOutageSeconds: z.number().min(0),
    areas: z.array(z.object({ area: z.string(), impact: z.string() })),
    usersAffected: count.nullable(),
    revenue: z.number().nullable(),
  }),
  sla: z
    .object({
      objective: z.string(),
      windowSeconds: z.number(),
      allowedSeconds: z.number(),
      usedSeconds: z.number(),
      share: z.number().min(0),
    })
    .nullable(),
  fingerprints: z.array(fingerprintSchema),
  factors: z.array(factor),
  /** Commits of the failing release, the one that explains the failure best first. */
  candidates: z.array(
    z.object({
      sha: z.string(),
      subject: z.string(),
      committedAt: iso,
      probability: share,
      reasons: z.array(z.string()),
    }),
  ),
  inconclusive: z.boolean(),
  nextSteps: z.array(z.string()),
  fixes: z.array(
    z.object({
      kind: z.enum(['remove-cause', 'handle-error', 'observe']),
      title: z.string(),
      description: z.string(),
      file: z.string().nullable(),
      language: z.string(),
      code: z.string(),
      patch: z.string().nullable(),
    }),
  ),
  proof: z.object({ patch: z.string(), before: tally, after: tally, proven: z.boolean() }).nullable(),
  proofNote: z.string().nullable(),
  actions: z.array(
    z.object({ kind: z.string(), target: z.string(), at: iso, by: z.string(), outcome: z.string() }),
  ),
  timeline: z.array(z.object({ at: iso, kind: z.string(), summary: z.string() })),
  fiveWhys: z.array(z.object({ why: z.string(), because: z.string(), findings: z.array(z.string()) })),
  actionItems: z.array(
    z.object({
      title: z.string(),
      kind: z.enum(['fix', 'detect', 'mitigate', 'process']),
      priority: z.string(),
    }),
  ),
})

export type IncidentJson = z.infer<typeof incidentSchema>
export type FingerprintJson = z.infer<typeof fingerprintSchema>
