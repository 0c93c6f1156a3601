import { z } from 'zod'
import { toIso } from '../../time.ts'
import type { Operation } from './api-server.ts'
import type { BuiltSystem } from './build-system.ts'
import { statusOf } from './control-operations.ts'
import type { LabStatus } from './lab-status.ts'
import { doneSchema, listOf, releaseSchema } from './answers.ts'
import {
  activeFaultSchema,
  checkSchema,
  faultsSchema,
  labStatusSchema,
  mendedSchema,
} from './operator-answers.ts'
import type { LabSurroundings } from './lab-plan.ts'
import type { FaultDesk } from './lab-system.ts'
import { makeRelease } from './make-release.ts'

export type OperatorParts = {
  readonly system: BuiltSystem
  readonly faults: FaultDesk
  readonly surroundings: LabSurroundings
  readonly onDown: () => void
}

/** What only the operator of the lab may do: break it, mend it, load it, end it, and read the truth. */
export function operatorOperations(parts: OperatorParts): readonly Operation[] {
  return [...breaking(parts), ...running(parts)]
}

function breaking({ faults }: OperatorParts): readonly Operation[] {
  return [
    {
      method: 'GET',
      path: '/faults',
      summary: 'The catalogue, and what is in the system now',
      answer: faultsSchema,
      handle: async () => ({ data: faults.catalogue(), active: faults.active() }),
    },
    {
      method: 'POST',
      path: '/faults',
      summary: 'Put a fault into the system; answers when it is in',
      answer: activeFaultSchema,
      body: z.object({
        name: z.string(),
        level: z.string().optional(),
        seed: z.string().optional(),
      }),
      handle: async ({ body }) =>
        faults.apply(body as { readonly name: string; readonly level?: string; readonly seed?: string }),
    },
    {
      method: 'DELETE',
      path: '/faults',
      summary: 'Take all faults out; answers when the system is as before',
      answer: mendedSchema,
      handle: async () => ({ mended: await faults.mend() }),
    },
    {
      method: 'DELETE',
      path: '/faults/{name}',
      summary: 'Take one fault out',
      answer: mendedSchema,
      handle: async ({ params }) => ({ mended: await faults.mend(params['name']) }),
    },
    {
      method: 'GET',
      path: '/faults/{name}/check',
      summary: 'Whether a fault that is in truly happened',
      answer: checkSchema,
      handle: async ({ params }) => faults.check(params['name'] ?? ''),
    },
    {
      method: 'GET',
      path: '/truth',
      summary: 'What was put in, when, and what it does',
      answer: listOf(z.looseObject({ kind: z.string() })),
      handle: async () => ({ data: await faults.truth(), pagination: { next: null } }),
    },
  ]
}

function running({ system, faults, surroundings, onDown }: OperatorParts): readonly Operation[] {
  const { lab } = system
  return [
    {
      method: 'GET',
      path: '/status',
      summary: 'As the control API has it, with the faults and the load',
      answer: labStatusSchema,
      handle: async (): Promise<LabStatus> => ({
        ...(await statusOf(system)),
        faults: faults.active().map(({ name, level, since }) => ({ name, level, since: toIso(since) })),
        load: { perSecond: lab.shoppers.perSecond, clients: lab.shoppers.profile },
      }),
    },
    {
      method: 'PUT',
      path: '/load',
      summary: 'Requests a second that the shoppers send, and what they do about a failed one',
      answer: doneSchema,
      body: z.object({
        perSecond: z.number().min(0).max(20_000),
        profile: z.enum(['everyday', 'impatient']).optional(),
      }),
      handle: async ({ body }) => {
        await lab.shoppers.setRate(Number(body['perSecond']))
        const profile = (['everyday', 'impatient'] as const).find((known) => known === body['profile'])
        if (profile !== undefined) await lab.shoppers.setProfile(profile)
      },
    },
    {
      method: 'POST',
      path: '/next-release',
      summary: 'The team goes on: a few commits that break nothing, ready to be deployed',
      answer: releaseSchema,
      handle: async () => {
        const { head, version } = await makeRelease({ git: surroundings.git }, lab.releases.repository, {
          fault: null,
          seed: surroundings.drawSeed(),
          now: surroundings.now(),
          onto: lab.releases.current().commit,
        })
        return { commit: head, version }
      },
    },
    {
      method: 'POST',
      path: '/down',
      summary: 'End the lab',
      answer: doneSchema,
      handle: async () => {
        setTimeout(onDown, 20) // after the answer
      },
    },
  ]
}
