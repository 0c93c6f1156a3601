import { expect, test } from 'vitest'
import { maintenanceSchema, silenceSchema } from '../contract/rules.ts'
import { NOBODY } from './judges/judge.ts'
import { silencingBy } from './silencing.ts'

const told = { rule: 'cpu', subject: { ...NOBODY, service: 'shop', instance: 'app-1' } }
const at = (time: string): number => Date.parse(time)

test.each([
  [{ service: 'shop' }, '2026-03-03T09:30:00Z', true],
  [{ service: 'sh*', instance: 'app-*' }, '2026-03-03T09:30:00Z', true],
  [{ service: 'shop', rule: 'memory' }, '2026-03-03T09:30:00Z', false],
  [{ route: 'GET /' }, '2026-03-03T09:30:00Z', false],
  [{}, '2026-03-03T08:59:59Z', false],
  [{}, '2026-03-03T10:00:00Z', false],
])('a silence of %j at %s: %s', (match, time, isSilent) => {
  const silence = silenceSchema.parse({
    id: 's',
    match,
    from: '2026-03-03T09:00:00Z',
    until: '2026-03-03T11:00:00+01:00',
  })
  expect(silencingBy([silence], [])(told, at(time))).toBe(isSilent ? 'silence s' : null)
})

// 2026-03-07 is a Saturday.
test.each([
  ['2026-03-07T23:00:00Z', true],
  ['2026-03-08T01:30:00Z', true],
  ['2026-03-08T02:30:00Z', false],
  ['2026-03-07T22:00:00Z', false],
  ['2026-03-14T23:59:00Z', true],
])('a window of Saturday 22:30 for four hours, at %s: %s', (time, isQuiet) => {
  const window = maintenanceSchema.parse({ name: 'w', days: ['Sat'], from: '22:30', for: '4h' })
  expect(silencingBy([], [window])(told, at(time))).toBe(isQuiet ? 'maintenance w' : null)
})
