import { z } from 'zod'
import { durationMs, intervalMs, pattern, sizeBytes, timeZone } from './config-words.ts'

/** The ways in, as firebreak.yaml names them: what is not there is not started. */

const port = (number: number, what: string) => z.int().min(0).max(65_535).default(number).describe(what)
const service = z.string().nullable().default(null).describe('which service it tells about')
const name = z.string().min(1).max(100)

const otlpSchema = z.strictObject({
  http: z
    .strictObject({
      enabled: z.boolean().default(true).describe('OTLP over HTTP on a port of its own, besides the API’s'),
      host: z.string().default('127.0.0.1').describe('address it listens on'),
      port: port(4318, 'OpenTelemetry’s own; when taken and not named here, only a warning'),
    })
    .prefault({}),
  grpc: z
    .strictObject({
      enabled: z.boolean().default(true).describe('OTLP over gRPC'),
      host: z.string().default('127.0.0.1').describe('address it listens on'),
      port: port(4317, 'OpenTelemetry’s own; when taken and not named here, only a warning'),
    })
    .prefault({}),
  maximumBody: sizeBytes.prefault('20MB').describe('the largest request after decompression'),
  inFlight: sizeBytes
    .prefault('64MB')
    .describe('what may be on its way to the store at once; beyond, senders wait'),
})

const webhooksSchema = z.strictObject({
  token: z.string().nullable().default(null).describe('bearer token of all but GitHub and GitLab'),
  github: z
    .strictObject({
      secret: z.string().nullable().default(null).describe('secret of the webhook’s signature'),
    })
    .prefault({}),
  gitlab: z
    .strictObject({ token: z.string().nullable().default(null).describe('secret token of the webhook') })
    .prefault({}),
  services: z
    .record(z.string(), z.string())
    .default({})
    .describe('repository or application, such as `acme/shop`, to the name of its service'),
})

const logSchema = z.strictObject({
  paths: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('files, folders or patterns such as `/var/log/nginx/*access.log`'),
  service: z.string().nullable().default(null).describe('the service that writes them; else the file’s name'),
  timeZone: timeZone.default('UTC').describe('zone of times that name none'),
  fromStart: z.boolean().default(false).describe('at the very first start, read what is there already'),
  requests: z
    .boolean()
    .default(true)
    .describe(
      'whether its lines about requests are judged as requests of the service; `false` where something nearer to the users, such as a balancer, counts the same ones',
    ),
})

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const httpCheckSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('what is asked; redirects are not followed'),
  method: z.string().optional().describe('GET unless said'),
  headers: z.record(z.string(), z.string()).optional().describe('headers that are sent'),
  body: z.string().optional().describe('body that is sent'),
  ca: z.string().optional().describe('certificate authority, PEM; `${file:/etc/ssl/own.pem}` reads a file'),
  expect: z
    .strictObject({
      status: z
        .union([z.int(), z.array(z.int()).min(1)])
        .optional()
        .describe('statuses that are right (any below 400 unless said)'),
      bodyContains: z.string().optional().describe('text in the answer'),
      bodyMatches: pattern.optional().describe('regular expression'),
      headers: z.record(z.string(), z.string()).optional().describe('headers of the answer'),
      maxLatency: durationMs.optional().describe('the longest it may take'),
      json: z.record(z.string(), scalar).optional().describe('`a.b[0].c` to the value that stands there'),
    })
    .optional()
    .describe('what a good answer is'),
})

const endpoint = (what: string) =>
  z.strictObject({
    host: z.string().describe(what),
    port: z.int().min(1).max(65_535).describe('its port'),
  })

const probeSchema = z
  .strictObject({
    name: name.describe('what it is called in detections'),
    service,
    every: intervalMs.prefault('10s').describe('how often; a failing probe looks again after a second'),
    timeout: intervalMs.prefault('5s').describe('when it gives up'),
    http: httpCheckSchema.optional(),
    tcp: endpoint('what is connected to').optional(),
    tls: z
      .strictObject({
        host: z.string().describe('whose certificate is looked at'),
        port: z.int().min(1).max(65_535).default(443).describe('its port'),
        serverName: z.string().optional().describe('name that is asked for'),
        ca: z.string().optional().describe('certificate authority, PEM'),
        minimumDaysLeft: z.number().min(0).default(14).describe('days before expiry when it begins to fail'),
      })
      .optional(),
    dns: z
      .strictObject({
        name: z.string().describe('what is resolved'),
        type: z.enum(['A', 'AAAA']).default('A').describe('kind of record'),
        server: z.string().optional().describe('server that is asked'),
        expect: z.array(z.string()).optional().describe('addresses that are right'),
      })
      .optional(),
  })
  .refine((probe) => [probe.http, probe.tcp, probe.tls, probe.dns].filter(Boolean).length === 1, {
    message: 'expected exactly one of http, tcp, tls and dns',
  })

const databaseSchema = z.strictObject({
  name: name.describe('what it is called in detections'),
  url: z
    .string()
    .regex(/^(?:postgres(?:ql)?|mysql|mariadb):\/\//, 'expected postgresql://, mysql:// or mariadb://')
    .describe(
      'with a role that may read the server’s statistics; `${NAME}` keeps the password out of the file',
    ),
  service,
  every: intervalMs.prefault('5s').describe('how often it is looked at'),
  statementsEvery: intervalMs.prefault('15s').describe('how often slow statements are counted'),
})

const repositorySchema = z.strictObject({
  path: z.string().describe('a git work tree on this machine'),
  service,
  branch: z.string().optional().describe('branch that is watched (that of its HEAD unless said)'),
  every: intervalMs.prefault('10s').describe('how often it is looked at'),
})

const hostSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('figures of this machine'),
  every: intervalMs.prefault('5s').describe('how often'),
  name: z.string().nullable().default(null).describe('`host.name`; the machine’s own unless said'),
  processes: z
    .array(
      z.strictObject({
        name: name.describe('what it is called'),
        service,
        pid: z.int().positive().optional().describe('its process id'),
        pidFile: z.string().optional().describe('file that holds its process id'),
        command: z.string().optional().describe('part of its command line'),
      }),
    )
    .default([])
    .describe('processes of this machine to watch'),
})

/** A list in which each has a name of its own: by it they are told apart in detections, and when a file changes. */
function namedOnce<Item extends z.ZodType<{ readonly name: string }>>(item: Item) {
  return z.array(item).superRefine((items, context) => {
    for (const [at, { name }] of items.entries()) {
      if (items.findIndex((other) => other.name === name) === at) continue
      context.addIssue({
        code: 'custom',
        path: [at, 'name'],
        message: `expected a name of its own, found "${name}" again`,
      })
    }
  })
}

export const sourcesSchema = z.strictObject({
  otlp: otlpSchema.prefault({}),
  remoteWrite: z
    .strictObject({ enabled: z.boolean().default(true).describe('Prometheus remote write at /api/v1/write') })
    .prefault({}),
  webhooks: webhooksSchema.prefault({}),
  logs: z.array(logSchema).default([]).describe('access logs and other log files that are followed'),
  probes: namedOnce(probeSchema).default([]).describe('synthetic checks'),
  databases: namedOnce(databaseSchema).default([]).describe('databases that are looked at'),
  repositories: z
    .array(repositorySchema)
    .default([])
    .describe('git work trees whose tags and commits are changes'),
  host: hostSchema.prefault({}),
})
