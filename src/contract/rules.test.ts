import { expect, test } from 'vitest'
import { maintenanceSchema, rulesSchema, silenceSchema } from './rules.ts'

test("the rules by default are the user's document: 1 %, 1 s, 80 %, 80 %, 80 %", () => {
  expect(rulesSchema.parse(undefined)).toMatchObject({
    'error-rate': { above: 0.01 },
    'response-time': { above: 1000 },
    'database-connections': { above: 0.8 },
    cpu: { above: 0.8 },
    memory: { above: 0.8 },
  })
})

test('one field of a rule is changed, the others stay', () => {
  const changed = rulesSchema.parse({ cpu: { for: '5m' } })['cpu']
  expect(changed).toEqual({ ...rulesSchema.parse({})['cpu'], for: 300_000 })
})

test.each([
  ['a field that is none', { 'error-rate': { abve: '1%' } }, 'error-rate'],
  ['a rule of one’s own without a kind', { mine: { above: 1 } }, 'mine.kind'],
  ['a kind that is none', { mine: { kind: 'magic' } }, 'mine.kind'],
  ['a threshold without a limit', { mine: { kind: 'threshold', metric: 'x' } }, 'mine'],
  ['a share that is a number', { 'error-rate': { above: 1 } }, 'error-rate.above'],
  ['a duration without a unit', { cpu: { for: '5' } }, 'cpu.for'],
])('%s is refused, with its path', (_, rules, path) => {
  const { error } = rulesSchema.safeParse(rules)
  expect(error?.issues[0]?.path.join('.')).toBe(path)
})

test('what was parsed can be written down again, and says the same', () => {
  const rules = rulesSchema.parse({ mine: { kind: 'threshold', metric: 'x', above: 3, for: '90s' } })
  expect(rulesSchema.parse(rulesSchema.encode(rules))).toEqual(rules)
})

test('silences end, and windows have a time of day', () => {
  expect(silenceSchema.safeParse({ id: 's', match: {} }).success).toBe(false)
  expect(maintenanceSchema.safeParse({ name: 'w', from: '25:00', for: '1h' }).success).toBe(false)
})
