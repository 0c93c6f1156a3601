import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createChance, parseSeed } from './chance.ts'

describe('chance', () => {
  test('draws what SplitMix64 draws', () => {
    // First outputs for seed 1234567, as published with the reference implementation.
    const chance = createChance(1234567n)
    expect(chance.fraction()).toBe(Number(6457827717110365317n >> 11n) / 2 ** 53)
    expect(chance.fraction()).toBe(Number(3203168211198807973n >> 11n) / 2 ** 53)
  })

  test('the same seed draws the same again, another seed something else', () => {
    const draw = (seed: bigint) => {
      const chance = createChance(seed)
      return Array.from({ length: 8 }, () => chance.whole(1, 1000))
    }
    expect(draw(42n)).toEqual(draw(42n))
    expect(draw(42n)).not.toEqual(draw(43n))
  })

  test('a part has its own seed, whatever was drawn before', () => {
    const one = createChance(7n)
    const other = createChance(7n)
    other.fraction()
    expect(one.seedFor('level')).toBe(other.seedFor('level'))
    expect(one.seedFor('level')).not.toBe(one.seedFor('timing'))
  })

  test('a shuffle keeps everything, and whole numbers stay within their ends', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.array(fc.integer()), (seed, list) => {
        const chance = createChance(seed)
        expect(new Set(chance.shuffle(list))).toEqual(new Set(list))
        const drawn = chance.whole(3, 5)
        expect(drawn).toBeGreaterThanOrEqual(3)
        expect(drawn).toBeLessThanOrEqual(5)
      }),
    )
  })

  test.each(['0', '42', '18446744073709551615', '0xffffffffffffffff'])('reads the seed %s', (text) => {
    expect(parseSeed(text)).toBe(BigInt(text))
  })

  test.each(['-1', '18446744073709551616', 'abc', '', '1.5'])('refuses the seed "%s"', (text) => {
    expect(() => parseSeed(text)).toThrow(/expected a seed/)
  })
})
