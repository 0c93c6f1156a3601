import { z } from 'zod'
import { durationMs, pattern, share, sizeBytes } from './config-words.ts'
import { maintenanceSchema, rulesSchema, silenceSchema } from './rules.ts'
import { sourcesSchema } from './sources-config.ts'

/**
 * firebreak.yaml: one file, everything has a default, an unknown key is refused. `docs/configuration.md` has the table
 * that is made from this; a test holds both together.
 */

const listenSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('address of the API and the page; others need a token'),
  port: z.int().min(0).max(65_535).default(4400).describe('port of the API; 0 takes a free one'),
  token: z
    .string()
    .min(16)
    .nullable()
    .default(null)
    .describe('what clients say as `Authorization: Bearer …`; needed unless the host is a loopback address'),
  hosts: z
    .array(z.string())
    .default([])
    .describe('names under which browsers may reach the API, besides the address it listens on'),
})

const engineSchema = z.strictObject({
  url: z.url().nullable().default(null).describe('a ClickHouse server instead of the embedded engine'),
  memory: sizeBytes.prefault('1500MB').describe('what the embedded engine may take'),
})

const serviceSchema = z.strictObject({
  repository: z
    .string()
    .nullable()
    .default(null)
    .describe('git work tree of the service, watched as one of `sources.repositories`'),
  critical: z
    .array(z.string())
    .default([])
    .describe('routes that people cannot do without, such as `POST /checkout`: their failures weigh more'),
  objective: share
    .nullable()
    .default(null)
    .describe('share of requests to be answered well over 30 days, such as `99.9%`'),
  userFacing: z
    .boolean()
    .nullable()
    .default(null)
    .describe('whether people feel its failures at once; without it, the service graph tells'),
})

const retentionSchema = z.strictObject({
  logs: durationMs.prefault('14d').describe('log records'),
  traces: durationMs.prefault('7d').describe('spans'),
  metrics: durationMs.prefault('30d').describe('metric points'),
  requests: durationMs.prefault('30d').describe('requests of access logs'),
  changes: durationMs.prefault('400d').describe('deploys and other changes'),
  reports: durationMs.prefault('400d').describe('what users reported'),
  probes: durationMs.prefault('30d').describe('results of probes'),
  databases: durationMs.prefault('14d').describe('looks at databases'),
  alerts: durationMs.prefault('90d').describe('alerts of others'),
  detections: durationMs.prefault('400d').describe('what was detected'),
  rollups: durationMs.prefault('400d').describe('figures by minute, made when rows come in'),
})

const redactionSchema = z.strictObject({
  attributes: z.array(z.string()).default([]).describe('names of attributes whose values are never kept'),
  patterns: z
    .array(
      z.strictObject({
        pattern: pattern.describe('what is taken out'),
        replacement: z.string().default('[redacted]').describe('what stands there instead'),
      }),
    )
    .default([])
    .describe('regular expressions on top of those for passwords, tokens, keys, cards and e-mail addresses'),
})

type Listener = { readonly path: readonly string[]; readonly host: string; readonly port: number }
type Listening = {
  readonly listen: z.output<typeof listenSchema>
  readonly sources: z.output<typeof sourcesSchema>
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const meet = (one: Omit<Listener, 'path'>, other: Omit<Listener, 'path'>): boolean =>
  one.port === other.port &&
  one.port !== 0 && // a free one is in nobody's way
  (one.host === other.host || EVERYWHERE.has(one.host) || EVERYWHERE.has(other.host))

/** The API takes OTLP over HTTP itself: on its own port, and where it listens, that needs no other listener. */
export function apiTakesOtlp({ listen, sources: { otlp } }: Listening): boolean {
  return meet(listen, otlp.http) && (listen.host === otlp.http.host || EVERYWHERE.has(listen.host))
}

function listenersOf(config: Listening): readonly Listener[] {
  const { http, grpc } = config.sources.otlp
  return [
    { path: ['listen', 'port'], ...config.listen },
    ...(http.enabled && !apiTakesOtlp(config)
      ? [{ path: ['sources', 'otlp', 'http', 'port'], ...http }]
      : []),
    ...(grpc.enabled ? [{ path: ['sources', 'otlp', 'grpc', 'port'], ...grpc }] : []),
  ]
}

/** Two that want the same port would only be noticed when the second cannot have it. */
function eachPortOnce({ value, issues }: z.core.ParsePayload<Listening>): void {
  const listeners = listenersOf(value)
  for (const [index, listener] of listeners.entries()) {
    const other = listeners.slice(0, index).find((one) => meet(one, listener))
    if (other === undefined) continue
    const { path, port } = listener
    const message = `expected a port of its own, found ${port}, which is that of ${other.path.join('.')}`
    issues.push({ code: 'custom', path: [...path], message, input: port })
  }
}

export const configSchema = z
  .strictObject({
    data: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'where everything is kept (default: /var/lib/firebreak for root, else $XDG_DATA_HOME/firebreak)',
      ),
    listen: listenSchema.prefault({}),
    engine: engineSchema.prefault({}),
    services: z.record(z.string(), serviceSchema).default({}).describe('what is known of each service'),
    sources: sourcesSchema.prefault({}),
    rules: rulesSchema,
    silences: z.array(silenceSchema).default([]).describe('detections that tell nobody, until a time'),
    maintenance: z.array(maintenanceSchema).default([]).describe('windows in which nobody is told'),
    retention: retentionSchema.prefault({}),
    redaction: redactionSchema.prefault({}),
  })
  .check(eachPortOnce)

export type Config = z.output<typeof configSchema>
