import { z } from 'zod'
import { publicStatusSchema } from './answers.ts'

// What only the operator's API answers.

export const labStatusSchema = publicStatusSchema.extend({
  faults: z.array(z.object({ name: z.string(), level: z.string(), since: z.string() })),
  load: z.object({ perSecond: z.number(), clients: z.enum(['everyday', 'impatient']) }),
})

export const activeFaultSchema = z.object({
  name: z.string(),
  level: z.string(),
  since: z.number().describe('epoch milliseconds'),
})

export const faultsSchema = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      summary: z.string(),
      where: z.string(),
      levels: z.array(z.string()),
    }),
  ),
  active: z.array(activeFaultSchema),
})

export const mendedSchema = z.object({ mended: z.array(z.string()) })

export const checkSchema = z.object({ happened: z.boolean(), evidence: z.string() })
