import type { Reading } from './reading.ts'
import type { SmallDetector } from './small-detector.ts'
import { Tail } from './tail.ts'

/** Slow ways to go somewhere else are also made by weather and Mondays: it takes 1.5 decades more to be told of them. */
const HANDICAP = 1.5
const STEP = 0.003

/** Creeps away from what is expected, in steps too small to be noticed one by one: the average over 16 values against it. */
export function createDrift(): SmallDetector {
  const up = new Tail(STEP)
  const down = new Tail(STEP)
  return {
    kind: 'level-shift',
    surprise({ average16, expected, spread, count }: Reading) {
      if (count < 32 || spread <= 0) return 0
      const away = (average16 - expected) / spread
      const tail = away > 0 ? up : down
      const decades = tail.decades(Math.abs(away)) - HANDICAP
      tail.learn(Math.abs(away))
      return decades
    },
  }
}
