import { z } from 'zod'
import {
  listOf,
  newSilenceSchema,
  ruleSchema,
  rulesTestedSchema,
  rulesTestSchema,
  silenceJsonSchema,
  statusSchema,
} from '../../contract/api.ts'
import type { Silence } from '../../contract/rules.ts'
import { describeRules, replayRules, unmetExpectations } from '../../detect/index.ts'
import { parseDuration } from '../../duration.ts'
import { AppError } from '../../errors.ts'
import { toIso, type EpochMs } from '../../time.ts'
import { policiesOf } from '../../service/index.ts'
import { endpoint, windowOf } from '../endpoint.ts'
import { allJson, detectionEventJson } from '../present.ts'
import { statusJson } from '../status.ts'

export const rules = endpoint({
  method: 'GET',
  path: '/api/v1/rules',
  summary: 'The rules in force, in words',
  tag: 'policy',
  answer: listOf(ruleSchema),
  handle: async ({ config }) => allJson(describeRules(config().rules)),
})

const LONGEST_TEST_MS = 14 * 86_400_000
const REPLAYED = [
  'logs',
  'spans',
  'metrics',
  'requests',
  'changes',
  'reports',
  'probes',
  'databases',
  'alerts',
] as const

export const rulesTest = endpoint({
  method: 'POST',
  path: '/api/v1/rules/test',
  summary: 'What rules would have detected in what is stored',
  tag: 'policy',
  body: rulesTestSchema,
  answer: rulesTestedSchema,
  async handle({ stored, config, now }, { body }) {
    const window = windowOf(body, now())
    if (window.to - window.from > LONGEST_TEST_MS) {
      throw new AppError('REQUEST_INVALID', 'expected at most 14 days, found more')
    }
    const replayed = await replayRules({
      rules: body.rules ?? config().rules,
      services: policiesOf(config()),
      batches: stored.replay({ window, kinds: REPLAYED }),
    })
    return {
      from: toIso(window.from),
      to: toIso(window.to),
      events: replayed.events.map(detectionEventJson),
      unmet: unmetExpectations(replayed, body.expect),
    }
  },
})

export const silences = endpoint({
  method: 'GET',
  path: '/api/v1/silences',
  summary: 'Silences, those of the configuration first',
  tag: 'policy',
  answer: listOf(silenceJsonSchema),
  handle: async ({ silences: known, now }) => allJson(known.all().map((one) => silenceJson(one, now()))),
})

export const newSilence = endpoint({
  method: 'POST',
  path: '/api/v1/silences',
  summary: 'Tell nobody of what matches, for a while',
  tag: 'policy',
  body: newSilenceSchema,
  answer: silenceJsonSchema,
  status: 201,
  async handle({ silences: known, now, newId }, { body }) {
    const { id, until, for: lasting, ...rest } = body
    const silence: Silence = { ...rest, id: id ?? newId(), until: endOf({ until, lasting }, now()) }
    await known.add(silence)
    return silenceJson(silence, now())
  },
})

export const endSilence = endpoint({
  method: 'DELETE',
  path: '/api/v1/silences/{id}',
  summary: 'End a silence now',
  tag: 'policy',
  answer: z.object({ ended: z.boolean() }),
  async handle({ silences: known }, { path: { id = '' } }) {
    if (!(await known.end(id))) throw new AppError('NOT_FOUND', `there is no silence "${id}"`)
    return { ended: true }
  },
})

export const status = endpoint({
  method: 'GET',
  path: '/api/v1/status',
  summary: 'How Firebreak itself does',
  tag: 'status',
  answer: statusSchema,
  handle: (service) => statusJson(service),
})

function silenceJson(silence: Silence, now: EpochMs) {
  const begun = silence.from === undefined || Date.parse(silence.from) <= now
  return { ...silence, isActive: begun && Date.parse(silence.until) > now }
}

function endOf(
  { until, lasting }: { until: string | undefined; lasting: string | undefined },
  now: EpochMs,
): string {
  if (until !== undefined && lasting === undefined) {
    if (Date.parse(until) > now) return until
    throw new AppError(
      'REQUEST_INVALID',
      `until: expected a time to come, found ${until}; now is ${toIso(now)}`,
    )
  }
  if (lasting !== undefined && until === undefined)
    return toIso(now + parseDuration(lasting, 'for: a duration'))
  throw new AppError('REQUEST_INVALID', 'expected either `until` or `for`, found both or neither')
}
