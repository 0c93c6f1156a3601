import { z } from 'zod'
import { problemSchema } from '../contract/api.ts'
import type { Endpoint } from './endpoint.ts'

/** The API in OpenAPI 3.1, from the schemas that check it. */
export function openApi(endpoints: readonly Endpoint[], version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of endpoints) (paths[one.path] ??= {})[one.method.toLowerCase()] = operation(one)
  paths['/api/v1/events'] = { get: EVENTS }
  return {
    openapi: '3.1.0',
    info: { title: 'Firebreak', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: schemaJson(problemSchema, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }, {}],
  }
}

const EVENTS = {
  operationId: 'getEvents',
  tags: ['detections'],
  summary: 'What happens, as server-sent events: detection, change, report, alert, configuration; reset',
  parameters: [
    { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' }, description: 'go on after this one' },
  ],
  responses: { 200: { description: 'a stream', content: { 'text/event-stream': {} } } },
}

/** `getMetricsSeries` of `GET /api/v1/metrics/series`: what generators of clients name their functions after. */
function operationIdOf(method: string, path: string): string {
  const words = path.replace('/api/v1/', '/').match(/[A-Za-z0-9]+/g) ?? []
  const named = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return `${method.toLowerCase()}${named.join('')}`
}

function operation({ method, path, summary, tag, query, body, answer, status }: Endpoint): unknown {
  return {
    operationId: operationIdOf(method, path),
    tags: [tag],
    summary,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: jsonContent(schemaJson(body, 'input')) } }),
    responses: {
      [status]: { description: 'done', content: jsonContent(schemaJson(answer, 'output')) },
      default: {
        description: 'a problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function jsonContent(schema: unknown) {
  return { 'application/json': { schema } }
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

type ObjectSchema = {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>
  readonly required?: readonly string[]
}

export function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = schemaJson(query, 'input') as ObjectSchema
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

function schemaJson(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
