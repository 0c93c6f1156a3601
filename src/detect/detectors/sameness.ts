import type { Reading } from './reading.ts'
import type { SmallDetector } from './small-detector.ts'

const MEMORY = 2000
/** A run of the same value must be so much longer than every one before. */
const TIMES_THE_LONGEST = 3
/** A series moves where fewer than one value in twenty is the one before it; of others, long runs say nothing. */
const MOVING = 0.05
/** Told once in a run, when there is no doubt: one chance in a million. */
const TELL_AT = 6

/**
 * A series that moves has stopped moving: a sensor that hangs, a cache that is served, a pool that is full. With a
 * chance c that a value is the one before it, n in a row have the chance c^n; the longest run so far must be surpassed
 * threefold as well, since runs come in runs.
 */
export function createFlatline(): SmallDetector {
  let others = 0
  let repeats = 0
  let longest = 0
  let run = 0
  let isTold = false
  return {
    kind: 'flatline',
    surprise({ change, count }: Reading) {
      if (count < 2) return 0
      if (change === 0) run++
      else {
        // Only a run that has ended is learned from, or a long one would come to explain itself.
        const kept = Math.max(0, 1 - (run + 1) / MEMORY)
        repeats = repeats * kept + run
        others = others * kept + run + 1
        longest = Math.max(longest * kept, run)
        run = 0
        isTold = false
      }
      const chance = (repeats + 1) / (others + 2)
      const isLong = chance < MOVING && run > TIMES_THE_LONGEST * Math.max(1, longest)
      const decades = isLong && !isTold ? -run * Math.log10(chance) : 0
      if (decades < TELL_AT) return 0
      isTold = true
      return decades
    },
  }
}

/**
 * A series that never moves has moved. Where m of n values so far differed from the one before, the next does so with
 * the chance (m + 1) / (n + 1) (Laplace's rule): the first change after 999 same values is one in a thousand.
 */
export function createRareChange(): SmallDetector {
  let changes = 0
  return {
    kind: 'level-shift',
    surprise({ change, count }: Reading) {
      if (count < 2 || change === 0) return 0
      const chance = (changes + 1) / count
      changes++
      return -Math.log10(Math.min(1, chance))
    },
  }
}
