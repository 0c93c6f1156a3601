import { timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'

/** One thing that an API can be asked: what is served and what its OpenAPI page says come from the same line. */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/instances/{name}/drain` */
  readonly path: string
  readonly summary: string
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
  /** What it answers; for the OpenAPI page. */
  readonly answer: z.ZodType
  handle(input: OperationInput): Promise<unknown>
}

export type OperationInput = {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
  /** Who asks, for the change event: header `x-user`, else nobody in particular. */
  readonly who: { readonly who?: string }
}

export type ApiPlan = {
  readonly title: string
  readonly description: string
  readonly host: string
  readonly port: number
  readonly token: string
  readonly operations: readonly Operation[]
}

const STATUSES: Partial<Record<ErrorCode, number>> = {
  USAGE: 400,
  LAB_NAME_UNKNOWN: 404,
  LAB_DEPLOY_FAILED: 409,
  LAB_NOT_POSSIBLE: 409,
}

/** Serves operations over HTTP: bearer token, JSON, and problems as RFC 9457 has them. */
export async function serveApi(plan: ApiPlan): Promise<FastifyInstance> {
  const server = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 0 })
  server.addHook('onRequest', async (request, reply) => {
    if (request.url === '/openapi.json' || isToken(request.headers.authorization, plan.token)) return
    const detail = 'expected Authorization: Bearer and the token of this API'
    await reply
      .code(401)
      .type('application/problem+json')
      .send({ type: 'about:blank', title: 'unauthorised', status: 401, code: 'UNAUTHORISED', detail })
  })
  server.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error)
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  server.get('/openapi.json', async () => openApi(plan))
  for (const operation of plan.operations) mount(server, operation)
  await server.listen({ host: plan.host, port: plan.port })
  return server
}

function mount(server: FastifyInstance, operation: Operation): void {
  server.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: async (request) => {
      const user = request.headers['x-user']
      const answer = await operation.handle({
        params: request.params as Readonly<Record<string, string>>, // what the path names, always text
        query: parsed(operation.query, request.query, 'query'),
        body: parsed(operation.body, request.body ?? {}, 'body'),
        who: typeof user === 'string' && user !== '' ? { who: user.slice(0, 60) } : {},
      })
      return answer ?? { ok: true }
    },
  })
}

function parsed(
  schema: z.ZodObject | undefined,
  value: unknown,
  where: string,
): Readonly<Record<string, unknown>> {
  if (schema === undefined) return {}
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const at = issue?.path.join('.') ?? ''
  throw new AppError('USAGE', `${where}${at === '' ? '' : ` ${at}`}: ${issue?.message ?? 'not as expected'}`)
}

/** RFC 9457. */
const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('stable; docs/errors.md lists them'),
  hint: z.string().nullish().describe('the next step'),
})

type Problem = z.infer<typeof problemSchema>

function problemOf(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof AppError) {
    const status = STATUSES[error.code] ?? 500
    return { type: 'about:blank', title: error.code, status, code: error.code, detail, hint: error.hint }
  }
  const { statusCode: status = 500 } = error as { statusCode?: number } // Fastify's own refusals have one
  const code = status < 500 ? 'USAGE' : 'LAB_FAILED'
  return { type: 'about:blank', title: code, status, code, detail }
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header?.replace(/^Bearer /i, '') ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function openApi({ title, description, operations }: ApiPlan): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const { path, method, summary, body } = operation
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(operation, { summary, body }) }
  }
  return {
    openapi: '3.1.0',
    info: { title, description, version: '1' },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
    paths,
  }
}

function described(
  { path, query, answer }: Operation,
  { summary, body }: { summary: string; body: z.ZodObject | undefined },
): unknown {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: z.toJSONSchema(schema as z.ZodType, { io: 'input' }),
  }))
  const content = (schema: unknown) => ({ 'application/json': { schema } })
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(z.toJSONSchema(body, { io: 'input' })) } }),
    responses: {
      200: { description: 'done', content: content(z.toJSONSchema(answer)) },
      default: {
        description: 'refused or failed',
        content: { 'application/problem+json': { schema: z.toJSONSchema(problemSchema) } },
      },
    },
  }
}
