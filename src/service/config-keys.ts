import { z } from 'zod'
import { configSchema } from '../contract/config.ts'

/** What may stand in firebreak.yaml, read from its own schema: for messages about it, and for its documentation. */

type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly description?: string
}

let known: JsonSchema | null = null

/** As JSON Schema: editors complete and check firebreak.yaml with it. */
export function configJsonSchema(): JsonSchema {
  known ??= z.toJSONSchema(configSchema, { io: 'input', reused: 'inline' }) as JsonSchema
  return known
}

/** The keys that may stand at a place: `['sources', 'probes', 0]`. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const places = path.reduce<readonly JsonSchema[]>(
    (found, key) => found.flatMap((place) => step(place, key)),
    alternatives(configJsonSchema()),
  )
  return [...new Set(places.flatMap(({ properties }) => Object.keys(properties ?? {})))]
}

function step(place: JsonSchema, key: PropertyKey): readonly JsonSchema[] {
  const inside =
    typeof key === 'number' ? place.items : (place.properties?.[String(key)] ?? place.additionalProperties)
  return typeof inside === 'object' ? alternatives(inside) : []
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  return parts.length === 0 ? [schema] : [schema, ...parts.flatMap(alternatives)]
}

export type ConfigKey = {
  /** `sources.probes[].every` */
  readonly path: string
  readonly type: string
  readonly default: string
  readonly description: string
}

/** Every key, in the order of the schema. */
export function configKeys(): readonly ConfigKey[] {
  return keysUnder(configJsonSchema(), '')
}

function keysUnder(schema: JsonSchema, path: string): readonly ConfigKey[] {
  return alternatives(schema).flatMap((place) => [
    ...Object.entries(place.properties ?? {}).flatMap(([name, inside]) =>
      keyAndInside(inside, path === '' ? name : `${path}.${name}`),
    ),
    ...(typeof place.additionalProperties === 'object'
      ? keysUnder(place.additionalProperties, `${path}.<name>`)
      : []),
    ...(place.items ? keysUnder(place.items, `${path}[]`) : []),
  ])
}

function keyAndInside(schema: JsonSchema, path: string): readonly ConfigKey[] {
  const inside = keysUnder(schema, path)
  const isGroup = inside.length > 0 && schema.description === undefined
  if (isGroup) return inside
  return [
    {
      path,
      type: typeInWords(schema),
      default: schema.default === undefined ? '' : JSON.stringify(schema.default),
      description: schema.description ?? '',
    },
    ...inside,
  ]
}

function typeInWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ')
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  if (parts.length > 0) return [...new Set(parts.map(typeInWords).filter(Boolean))].join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeInWords(schema.items) : 'anything'}`
  return [schema.type ?? 'anything']
    .flat()
    .filter((type) => type !== 'null')
    .join(' or ')
}
