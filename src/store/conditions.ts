import type { Parameters } from './ask.ts'

/** What a question may narrow down to: SQL, the name of its parameter, and the value; undefined: not asked for. */
export type Condition = readonly [sql: string, parameter: string, value: string | number | undefined]

/** Those that are asked for: as SQL behind a first condition, and the values that it names. */
export function conditionsOf(all: readonly Condition[]): {
  readonly sql: string
  readonly parameters: Parameters
} {
  const asked = all.flatMap(([sql, name, value]) => (value === undefined ? [] : [{ sql, name, value }]))
  return {
    sql: asked.map(({ sql }) => `AND ${sql}`).join(' '),
    parameters: Object.fromEntries(asked.map(({ name, value }) => [name, value])),
  }
}
