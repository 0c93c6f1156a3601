import type { EpochMs } from '../../time.ts'
import { trendSlope } from './trend-slope.ts'

/** Points kept: the last 32 values, and the last 32 means of eight values. */
const KEPT = 32
const COARSE = 8
/** The last twelve values alone find a rise that has just begun. */
const NEWEST = 12
const SURE = 4
const SURE_ENOUGH_TO_PAGE = 5
/** Nothing is foretold further ahead than four times what was seen of the rise. */
const AHEAD = 4
const PAGE_WITHIN_MS = 15 * 60_000
const PAGE_FROM_SHARE = 0.5
const PAGE_IN_A_ROW = 3

export type Exhaustion = {
  readonly exhaustedAt: EpochMs
  readonly isPageWorthy: boolean
}

/**
 * Rises to a limit that is reached soon if it goes on so: the value is higher than ever before the rise (so a sawtooth
 * that always turns is not one), the rise is sure, and the limit is near compared with what was seen of it. 1 kB.
 */
export class ExhaustionWatch {
  readonly #limit: number
  readonly #fine = new Points()
  readonly #coarse = new Points()
  #sum = 0
  #summed = 0
  /** Of all values but the last 32. */
  #highestBefore = -Infinity
  #inARow = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Null where the limit is not in sight. Values in the unit of the limit. */
  take(at: EpochMs, value: number): Exhaustion | null {
    this.#learn(at, value)
    const hasPast = this.#fine.count >= 4 * KEPT
    const found = hasPast && value > this.#aboveAllPast() ? this.#foresee(at, value) : null
    this.#inARow = found?.mayPage === true ? this.#inARow + 1 : 0
    return found && { exhaustedAt: found.exhaustedAt, isPageWorthy: this.#inARow >= PAGE_IN_A_ROW }
  }

  #learn(at: EpochMs, value: number): void {
    const left = this.#fine.add(at, value)
    if (left !== null) this.#highestBefore = Math.max(this.#highestBefore, left)
    this.#sum += value
    this.#summed++
    if (this.#summed < COARSE) return
    this.#coarse.add(at, this.#sum / COARSE)
    this.#sum = 0
    this.#summed = 0
  }

  /** Higher than ever by a fiftieth of what was left, or the highest tooth of a sawtooth would do. */
  #aboveAllPast(): number {
    return this.#highestBefore + Math.max(0, this.#limit - this.#highestBefore) / 50
  }

  #foresee(at: EpochMs, value: number): { exhaustedAt: EpochMs; mayPage: boolean } | null {
    if (value >= this.#limit) return { exhaustedAt: at, mayPage: true }
    let surest = SURE
    let found: { exhaustedAt: EpochMs; mayPage: boolean } | null = null
    for (const points of [this.#fine.newest(NEWEST), this.#fine.newest(KEPT), this.#coarse.newest(KEPT)]) {
      if (points.times.length < NEWEST) continue
      const { slope, sureness } = trendSlope(points.times, points.values)
      if (sureness < surest || slope <= 0) continue
      const left = (this.#limit - value) / slope
      if (left > AHEAD * (at - (points.times[0] ?? at))) continue
      const isNear = left <= PAGE_WITHIN_MS && value >= PAGE_FROM_SHARE * this.#limit
      surest = sureness
      found = { exhaustedAt: at + left, mayPage: isNear && sureness >= SURE_ENOUGH_TO_PAGE }
    }
    return found
  }
}

/** The last 32 points. */
class Points {
  readonly #times = new Float64Array(KEPT)
  readonly #values = new Float64Array(KEPT)
  count = 0

  /** Returns the value that had to leave, or null. */
  add(at: EpochMs, value: number): number | null {
    const slot = this.count % KEPT
    const left = this.count >= KEPT ? (this.#values[slot] ?? 0) : null
    this.#times[slot] = at
    this.#values[slot] = value
    this.count++
    return left
  }

  /** Oldest first. */
  newest(n: number): { readonly times: number[]; readonly values: number[] } {
    const times: number[] = []
    const values: number[] = []
    for (let i = Math.max(0, this.count - Math.min(n, KEPT)); i < this.count; i++) {
      times.push(this.#times[i % KEPT] ?? 0)
      values.push(this.#values[i % KEPT] ?? 0)
    }
    return { times, values }
  }
}
