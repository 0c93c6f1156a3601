import { AppError } from '../../errors.ts'

/** Sixty-four bits from which everything that is drawn follows; the same seed draws the same again. */
export type Seed = bigint

/** Draws that depend on a seed alone: the same everywhere, whatever else is drawn beside them. */
export type Chance = {
  /** A fraction in 0 (inclusive) to 1 (exclusive). */
  fraction(): number
  /** A whole number, both ends inclusive. */
  whole(from: number, to: number): number
  /** One of a list that is not empty. */
  pick<T>(from: readonly [T, ...T[]]): T
  /** All of a list, in a drawn order. */
  shuffle<T>(from: readonly T[]): readonly T[]
  /** A seed of its own for a part, so that a change in one part moves no other. */
  seedFor(part: string): Seed
}

const MASK = (1n << 64n) - 1n

/** `12345` or `0x1f…`; refuses what does not fit into 64 bits. */
export function parseSeed(text: string): Seed {
  const isNumber = /^(?:\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text.trim())
  const seed = isNumber ? BigInt(text.trim()) : -1n
  if (seed >= 0n && seed <= MASK) return seed
  throw new AppError('USAGE', `expected a seed from 0 to ${MASK} (64 bits), found "${text}"`)
}

/** The sequence SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, passes the usual tests, needs no table. */
export function createChance(seed: Seed): Chance {
  let state = seed & MASK

  function next(): bigint {
    state = (state + 0x9e3779b97f4a7c15n) & MASK
    return mix(state)
  }

  // 53 bits: as many as a double holds exactly.
  const fraction = (): number => Number(next() >> 11n) / 2 ** 53
  const whole = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1))
  return {
    fraction,
    whole,
    pick: (from) => from[whole(0, from.length - 1)] ?? from[0],
    shuffle(from) {
      const list = [...from]
      for (let last = list.length - 1; last > 0; last -= 1) {
        const other = whole(0, last)
        const kept = list[last] as (typeof list)[number] // both are within the list
        list[last] = list[other] as (typeof list)[number]
        list[other] = kept
      }
      return list
    },
    seedFor(part) {
      let hash = seed & MASK
      for (const byte of Buffer.from(part)) hash = mix((hash ^ BigInt(byte)) + 0x9e3779b97f4a7c15n)
      return hash
    },
  }
}

function mix(value: bigint): bigint {
  let mixed = value & MASK
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK
  return mixed ^ (mixed >> 31n)
}
