import { z } from 'zod'
import { AppError } from '../errors.ts'
import { issueInWords } from '../contract/issue-words.ts'
import type { Service } from '../service/index.ts'
import { parseDuration } from '../duration.ts'
import type { EpochMs } from '../time.ts'

/** One operation of the API: its documentation and its checks are the same schemas. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `/api/v1/detections/{id}` */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly query: z.ZodObject
  readonly body: z.ZodType | null
  readonly answer: z.ZodType
  readonly status: 200 | 201
  readonly handle: (service: Service, call: Call) => Promise<unknown>
}

export type Call = {
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

type Typed<Query extends z.ZodObject, Body extends z.ZodType | null> = Omit<
  Endpoint,
  'query' | 'body' | 'handle' | 'status'
> & {
  readonly query?: Query
  readonly body?: Body
  readonly status?: 200 | 201
  readonly handle: (
    service: Service,
    call: {
      readonly path: Readonly<Record<string, string>>
      readonly query: z.output<Query>
      readonly body: Body extends z.ZodType ? z.output<Body> : null
    },
  ) => Promise<unknown>
}

/** Keeps the types of the schemas for the handler, and parses before it is called. */
export function endpoint<Query extends z.ZodObject, Body extends z.ZodType | null = null>(
  typed: Typed<Query, Body>,
): Endpoint {
  const query = typed.query ?? z.strictObject({})
  const body = typed.body ?? null
  return {
    ...typed,
    query,
    body,
    status: typed.status ?? 200,
    handle: (service, call) =>
      typed.handle(service, {
        path: call.path,
        query: parsed(query, call.query, 'query') as z.output<Query>,
        body: (body === null ? null : parsed(body, call.body, 'body')) as Body extends z.ZodType
          ? z.output<Body>
          : null,
      }),
  }
}

function parsed(schema: z.ZodType, given: unknown, where: string): unknown {
  const result = schema.safeParse(given, { error: issueInWords })
  if (result.success) return result.data
  const said = result.error.issues.map((issue) => {
    const message = issue.code === 'unrecognized_keys' ? unknownKeys(issue, schema) : issue.message
    return `${[where, ...issue.path].join('.')}: ${message}`
  })
  throw new AppError('REQUEST_INVALID', said.join('; '))
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): string {
  const found = `unknown ${issue.keys.map((key) => `"${key.slice(0, 60)}"`).join(', ')}`
  if (issue.path.length > 0 || !(schema instanceof z.ZodObject)) return `${found}; /docs lists what it takes`
  const known = Object.keys(schema.shape)
  return known.length === 0 ? `${found}; it takes none` : `${found}; it takes ${known.join(', ')}`
}

/** Part of every list that has a window of time. */
export const windowQuery = {
  from: z.string().optional().describe('ISO 8601, or an age such as `1h`; 1 hour before `to` unless said'),
  to: z.string().optional().describe('ISO 8601, or an age; now unless said'),
}
export const serviceQuery = { service: z.string().optional().describe('`service.name`') }
export const pagingQuery = {
  limit: z.coerce.number().int().min(1).max(1000).optional().describe('at most 1000; 100 unless said'),
  cursor: z.string().optional().describe('`pagination.next` of the page before'),
}

const HOUR_MS = 3_600_000

export function windowOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: EpochMs,
  widthMs = HOUR_MS,
): { readonly from: EpochMs; readonly to: EpochMs } {
  const to = query.to === undefined ? now + 1 : timeOf(query.to, 'to', now)
  const from = query.from === undefined ? to - widthMs : timeOf(query.from, 'from', now)
  if (from < to) return { from, to }
  throw new AppError('REQUEST_INVALID', 'expected `from` before `to`, found it after')
}

function timeOf(text: string, name: string, now: EpochMs): EpochMs {
  if (/^(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d))+$/.test(text)) return now - parseDuration(text)
  const at = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new AppError(
    'REQUEST_INVALID',
    `${name}: expected a time such as 2026-03-03T09:00:00Z or an age such as 1h, found "${text}"`,
  )
}
