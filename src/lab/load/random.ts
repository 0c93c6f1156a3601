/** A fraction in 0 (inclusive) to 1 (exclusive). */
export type Random = () => number

/**
 * Mulberry32: 32 bits of state, some 5 ns a draw, where ten thousand requests a second draw several times each; the
 * 64-bit chance of the faults takes a hundred times that. Good enough for shoppers, not for anything secret.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number, both ends inclusive. */
export function wholeBetween(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

export function pickOne<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0]
}
