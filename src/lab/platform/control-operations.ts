import { z } from 'zod'
import { toIso } from '../../time.ts'
import type { EpochMs } from '../../time.ts'
import type { Operation, OperationInput } from './api-server.ts'
import type { BuiltSystem } from './build-system.ts'
import {
  changeSchema,
  doneSchema,
  listOf,
  processSchema,
  publicStatusSchema,
  releaseSchema,
  routeSchema,
} from './answers.ts'
import { labStatus } from './lab-status.ts'
import type { PublicStatus } from './lab-status.ts'
import { withoutPassword } from './settings.ts'

const commit = z.string().min(4)

/** What a responder may do: everything that a platform gives a team that runs a service on it. */
export function controlOperations(system: BuiltSystem): readonly Operation[] {
  return [...looking(system), ...releasing(system), ...steering(system), ...setting(system)]
}

/** What everybody may see of how the system does. */
export async function statusOf({ lab, fleet, balancer }: BuiltSystem): Promise<PublicStatus> {
  const metrics = await lab.metrics()
  return labStatus({ metrics, fleet, balancer, release: lab.releases.current() })
}

function looking(system: BuiltSystem): readonly Operation[] {
  const { lab } = system
  return [
    {
      method: 'GET',
      path: '/status',
      summary: 'State and figures over the last ten seconds',
      answer: publicStatusSchema,
      handle: () => statusOf(system),
    },
    {
      method: 'GET',
      path: '/changes',
      summary: 'What was changed, by whom, when, from what and to what',
      answer: listOf(changeSchema),
      query: z.object({ since: z.string().optional() }),
      handle: async ({ query }) => {
        const since = timeOf(query['since'])
        const data = lab.changes.since(since).map((event) => ({ ...event, at: toIso(event.at) }))
        return { data, pagination: { next: null } }
      },
    },
    {
      method: 'GET',
      path: '/routes',
      summary: 'Requests, failures, latency and answers of every route, over the last ten seconds',
      answer: listOf(routeSchema),
      handle: async () => ({ data: await lab.balancer.routes(), pagination: { next: null } }),
    },
    {
      method: 'GET',
      path: '/processes',
      summary: 'Processor time and memory of every process',
      answer: listOf(processSchema),
      handle: async () => {
        const { processes } = await lab.metrics()
        const data = Object.entries(processes).map(([name, figures]) => ({ name, ...figures }))
        return { data, pagination: { next: null } }
      },
    },
    {
      method: 'GET',
      path: '/flags',
      summary: 'Feature flags',
      answer: z.object({ data: z.record(z.string(), z.boolean()) }),
      handle: async () => ({ data: lab.flags.all() }),
    },
  ]
}

function releasing({ lab }: BuiltSystem): readonly Operation[] {
  const { releases } = lab
  return [
    {
      method: 'POST',
      path: '/deploy',
      summary: 'Deploy a commit: one instance after the other, each behind the health gate',
      answer: releaseSchema,
      body: z.object({ commit }),
      handle: async ({ body, who }) => releases.deploy(String(body['commit']), who),
    },
    {
      method: 'POST',
      path: '/rollback',
      summary: 'Back to the release before the current one',
      answer: releaseSchema,
      handle: async ({ who }) => releases.rollback(who),
    },
    {
      method: 'POST',
      path: '/canary',
      summary: 'One instance gets the commit, and this share of the requests',
      answer: doneSchema,
      body: z.object({ commit, share: z.number().min(0).max(1) }),
      handle: async ({ body, who }) =>
        releases.canary(String(body['commit']), { ...who, share: Number(body['share']) }),
    },
    {
      method: 'POST',
      path: '/scale',
      summary: 'So many instances of the application',
      answer: doneSchema,
      body: z.object({ instances: z.number().int() }),
      handle: async ({ body, who }) => releases.scale(Number(body['instances']), who),
    },
  ]
}

function steering({ lab, fleet }: BuiltSystem): readonly Operation[] {
  const nameOf = ({ params }: OperationInput): string => fleetName(params['name'])
  const fleetName = (name = ''): string => fleet.get(name).name
  return [
    {
      method: 'POST',
      path: '/instances/{name}/restart',
      summary: 'End an instance, or payment or mail, and start it again',
      answer: doneSchema,
      handle: async ({ params, who }) => {
        const { name = '' } = params
        const one = lab.processes.get(name === 'payment' || name === 'mail' ? name : fleetName(name))
        lab.changes.record({ what: 'restart', service: name, from: null, to: null, ...who })
        await one.restart()
      },
    },
    {
      method: 'POST',
      path: '/instances/{name}/drain',
      summary: 'No new requests to an instance; what is under way ends',
      answer: doneSchema,
      handle: async (input) => lab.balancer.drain(nameOf(input), input.who),
    },
    {
      method: 'POST',
      path: '/instances/{name}/restore',
      summary: 'Requests to an instance again',
      answer: doneSchema,
      handle: async (input) => lab.balancer.restore(nameOf(input), input.who),
    },
    {
      method: 'PUT',
      path: '/instances/{name}/weight',
      summary: 'An instance’s share of the requests, beside the others’',
      answer: doneSchema,
      body: z.object({ weight: z.number().int().min(0).max(100) }),
      handle: async (input) => lab.balancer.setWeight(nameOf(input), Number(input.body['weight']), input.who),
    },
    {
      method: 'PUT',
      path: '/maintenance',
      summary: 'The maintenance page for every request, or not',
      answer: doneSchema,
      body: z.object({ on: z.boolean() }),
      handle: async ({ body, who }) => lab.balancer.setMaintenance(body['on'] === true, who),
    },
  ]
}

const SERVICES = ['app', 'payment', 'mail'] as const

function setting({ lab }: BuiltSystem): readonly Operation[] {
  return [
    {
      method: 'PUT',
      path: '/flags/{name}',
      summary: 'Switch a feature flag',
      answer: doneSchema,
      body: z.object({ value: z.boolean() }),
      handle: async ({ params, body, who }) =>
        lab.flags.set(params['name'] ?? '', body['value'] === true, who),
    },
    {
      method: 'GET',
      path: '/config',
      summary: 'A service’s configuration; passwords are hidden',
      answer: z.object({ data: z.record(z.string(), z.string()) }),
      query: z.object({ service: z.enum(SERVICES).default('app') }),
      handle: async ({ query }) => {
        const service = SERVICES.find((known) => known === query['service']) ?? 'app'
        const entries = Object.entries(lab.configuration.get(service))
        return { data: Object.fromEntries(entries.map(([name, value]) => [name, withoutPassword(value)])) }
      },
    },
    {
      method: 'PUT',
      path: '/config/{name}',
      summary: 'A variable of a service’s environment; null takes it away. Its instances restart',
      answer: doneSchema,
      body: z.object({ value: z.string().nullable(), service: z.enum(SERVICES).default('app') }),
      handle: async ({ params, body, who }) => {
        const service = SERVICES.find((known) => known === body['service']) ?? 'app'
        const value = typeof body['value'] === 'string' ? body['value'] : null
        await lab.configuration.set(service, { [params['name'] ?? '']: value }, who)
      },
    },
    {
      method: 'DELETE',
      path: '/config/{name}',
      summary: 'Back to the platform’s own value of a variable of the application',
      answer: doneSchema,
      handle: async ({ params, who }) => lab.configuration.reset('app', params['name'] ?? '', who),
    },
    {
      method: 'POST',
      path: '/database/sessions/{pid}/terminate',
      summary: 'End one session of the database',
      answer: z.object({ ended: z.boolean() }),
      handle: async ({ params, who }) => {
        const pid = Number(params['pid'])
        lab.changes.record({ what: 'end session', service: 'postgres', from: String(pid), to: null, ...who })
        const [row] = await lab.database.admin(
          `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
           WHERE pid = $1 AND backend_type = 'client backend'`,
          [pid],
        )
        return { ended: row?.['ended'] === true }
      },
    },
  ]
}

/** ISO 8601 or epoch milliseconds; everything where it is neither. */
function timeOf(text: unknown): EpochMs {
  if (typeof text !== 'string') return 0
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(at) ? 0 : at
}
