import type { Random } from './random.ts'

/** When requests are due, whatever became of those before. */
export type Arrivals = {
  /** Takes the scheduled times up to `now`, oldest first; none is dropped in silence: see `missed`. */
  take(now: number): readonly number[]
  /** From `now` on; 0 ends arrivals. */
  setRate(perSecond: number, now: number): void
  readonly perSecond: number
  /** Scheduled time of the next one; Infinity where none comes. */
  readonly nextAt: number
  /** How many were given up since the last call, because nobody took any for too long. */
  missed(): number
}

/** A generator that stood still so long (a suspended machine) does not send what it owes at once. */
const LONGEST_DEBT_MS = 10_000

/**
 * One arrival at a drawn moment of every slot of 1/rate seconds: the number per minute is exact, the gaps are not
 * even. (Draws as of a Poisson process would make 10,000 a minute 10,000 ± 100.)
 *
 *     |  x   |x     |    x | x    |     time ->
 *      slot = 1000 / perSecond ms
 */
export function createArrivals(random: Random, startAt: number): Arrivals {
  let perSecond = 0
  let slotAt = startAt
  let nextAt = Infinity
  let missed = 0

  function plan(): void {
    nextAt = perSecond > 0 ? slotAt + (random() * 1000) / perSecond : Infinity
  }

  function giveUpBefore(limit: number): void {
    const slots = Math.floor(((limit - slotAt) * perSecond) / 1000)
    if (slots <= 0) return
    missed += slots
    slotAt += (slots * 1000) / perSecond
    plan()
  }

  return {
    take(now) {
      giveUpBefore(now - LONGEST_DEBT_MS)
      const due: number[] = []
      while (nextAt <= now) {
        due.push(nextAt)
        slotAt += 1000 / perSecond
        plan()
      }
      return due
    },
    setRate(newRate, now) {
      perSecond = newRate
      slotAt = now
      plan()
    },
    get perSecond() {
      return perSecond
    },
    get nextAt() {
      return nextAt
    },
    missed() {
      const count = missed
      missed = 0
      return count
    },
  }
}
