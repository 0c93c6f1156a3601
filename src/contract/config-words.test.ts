import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { durationMs, share, sizeBytes } from './config-words.ts'
import { nearestName } from '../nearest-name.ts'

test.each([
  [durationMs, '1h30m', 5_400_000],
  [durationMs, '250ms', 250],
  [sizeBytes, '512MB', 512e6],
  [sizeBytes, '2GiB', 2 ** 31],
  [share, '0.1%', 0.001],
  [share, '100%', 1],
])('%#: %s is %d', (schema, text, value) => {
  expect(schema.parse(text)).toBe(value)
})

test('what is written out reads back as the same', () => {
  fc.assert(
    fc.property(fc.nat(10 * 365 * 86_400_000), (ms) => {
      expect(durationMs.parse(z.encode(durationMs, ms))).toBe(ms)
    }),
  )
  fc.assert(
    fc.property(fc.nat(2 ** 40), (bytes) => {
      expect(sizeBytes.parse(z.encode(sizeBytes, bytes))).toBe(bytes)
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
      const value = Number((thousandths / 100_000).toPrecision(12))
      expect(share.parse(z.encode(share, value))).toBe(value)
    }),
  )
})

test.each([
  ['prot', ['port', 'host', 'token'], 'port'],
  ['evry', ['every', 'name'], 'every'],
  ['Port', ['port'], 'port'],
  ['xyz', ['port', 'host'], null],
  ['', ['port'], null],
])('the name nearest to %s of %j is %s', (found, known, expected) => {
  expect(nearestName(found, known)).toBe(expected)
})
