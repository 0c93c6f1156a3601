import type { Reading } from './reading.ts'
import type { SmallDetector } from './small-detector.ts'
import { Tail } from './tail.ts'

const SHORT = 32
const LONG = 512
/** One spike changes a short average of step sizes for a while: steps count up to so many times the usual. */
const MAX_STEPS = 4
/** Steps change for many harmless reasons: it takes 1.5 decades more to be told of them than of where the series is. */
const HANDICAP = 1.5
const STEP = 0.003

/** Steps from value to value have become much larger or smaller, by the logarithm of their short by their long average. */
export function createChangedVariance(): SmallDetector {
  const larger = new Tail(STEP)
  const smaller = new Tail(STEP)
  let short = 0
  let long = 0
  return {
    kind: 'changed-variance',
    surprise({ change, count }: Reading) {
      if (count < 2) return 0
      const step = long > 0 && count > SHORT ? Math.min(Math.abs(change), MAX_STEPS * long) : Math.abs(change)
      short += Math.max(1 / SHORT, 1 / count) * (step - short)
      long += Math.max(1 / LONG, 1 / count) * (step - long)
      if (count <= 2 * SHORT || short <= 0 || long <= 0) return 0
      const ratio = Math.log(short / long)
      const tail = ratio > 0 ? larger : smaller
      const decades = tail.decades(Math.abs(ratio)) - HANDICAP
      tail.learn(Math.abs(ratio))
      return decades
    },
  }
}
