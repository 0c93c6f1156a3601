import { z } from 'zod'
import { detectionEventSchema, detectionSchema, listOf } from '../../contract/api.ts'
import { AppError } from '../../errors.ts'
import type { LiveDetection } from '../../detect/index.ts'
import { endpoint, pagingQuery, serviceQuery, windowOf, windowQuery } from '../endpoint.ts'
import { allJson, detectionEventJson, detectionJson, pageJson } from '../present.ts'

const DAY_MS = 86_400_000

export const detections = endpoint({
  method: 'GET',
  path: '/api/v1/detections',
  summary: 'What is wrong now, or was in a window of time, newest first',
  tag: 'detections',
  query: z.strictObject({
    ...windowQuery,
    ...serviceQuery,
    ...pagingQuery,
    active: z.stringbool().optional().describe('true: only what goes on; answered without the store'),
  }),
  answer: listOf(detectionSchema),
  async handle({ stored, detector, now }, { query: { from, to, active, ...rest } }) {
    if (active === true) return allJson(activeOf(detector.active(), rest.service).map(detectionJson))
    const window = windowOf({ from, to }, now(), DAY_MS)
    return pageJson(await stored.detections({ window, ...rest }), detectionJson)
  },
})

function activeOf(all: readonly LiveDetection[], service: string | undefined): readonly LiveDetection[] {
  return all
    .filter(({ subject }) => service === undefined || subject.service === service)
    .toSorted((one, other) => other.detectedAt - one.detectedAt)
}

export const detection = endpoint({
  method: 'GET',
  path: '/api/v1/detections/{id}',
  summary: 'One detection, and everything that happened to it',
  tag: 'detections',
  answer: z.object({ detection: detectionSchema, events: z.array(detectionEventSchema) }),
  async handle({ stored, detector }, { path: { id = '' } }) {
    const found = await stored.detection(id)
    const live = detector.active().find((one) => one.id === id)
    if (found === null && live === undefined) {
      throw new AppError('NOT_FOUND', `there is no detection "${id}"`)
    }
    const newest = live ?? found?.detection
    return {
      detection: newest === undefined ? null : detectionJson(newest),
      events: (found?.events ?? []).map(detectionEventJson),
    }
  },
})
