import type { EpochMs } from '../../time.ts'
import { DailyProfile } from './daily-profile.ts'

const DAY_MS = 86_400_000
const SLOW_MEMORY = 128
const SPREAD_MEMORY = 512
const MAX_DEVIATIONS = 5

/**
 * The newest value of a series and what is known around it; one object per series, renewed with each value. Values are
 * relative to the series' first one, so that small numbers on top of a large one keep their digits.
 */
export class Reading {
  at: EpochMs = 0
  value = 0
  /** Values so far, this one included. */
  count = 0
  /** Milliseconds between values, as is usual here: follows the median of the gaps. */
  interval = 0
  /** From the value before to this one. */
  change = 0
  /** When the value last was another one. */
  changedAt: EpochMs = 0
  /** Moving averages over 4 and 16 values. */
  average4 = 0
  average16 = 0
  /** What was to be expected: of this hour of the day once a day is known, else the slow average before this value. */
  expected = 0
  /** The mean distance between value and expected; single values move it little. */
  spread = 0
  /** Departure from this hour's usual level (of the last 16 values while the hour is new), and its average over 8 values. */
  departure = 0
  departure8 = 0
  /** Where in the day, as a point on the unit circle: midnight is near to midnight. */
  phaseX = 1
  phaseY = 0
  /** The value at which this series began, which all others are relative to. */
  origin = 0
  #slow = 0
  #firstAt: EpochMs = 0
  readonly #profile = new DailyProfile()

  /** Takes a finite value newer than the one before. */
  take(at: EpochMs, absolute: number): void {
    if (this.count === 0) {
      this.origin = absolute
      this.#firstAt = at
    } else this.#followInterval(at - this.at)
    const value = absolute - this.origin
    this.count++
    this.change = value - this.value
    this.value = value
    if (this.change !== 0) this.changedAt = at
    this.at = at
    this.#depart(at, value)
    this.average4 += Math.max(1 / 4, 1 / this.count) * (value - this.average4)
    this.average16 += Math.max(1 / 16, 1 / this.count) * (value - this.average16)
    this.#profile.learn(at, value, this.interval)
    const angle = (at / DAY_MS) * 2 * Math.PI
    this.phaseX = Math.cos(angle)
    this.phaseY = Math.sin(angle)
  }

  #depart(at: EpochMs, value: number): void {
    const usual = this.#profile.usual(at)
    this.departure = value - (usual ?? this.average16)
    this.departure8 += (this.departure - this.departure8) / 8
    const knowsTheDay = usual !== null && at - this.#firstAt >= 2 * DAY_MS
    this.expected = knowsTheDay ? usual : this.#slow
    this.spread += this.#rate(SPREAD_MEMORY) * (this.#limited(value - this.expected) - this.spread)
    this.#slow += this.#rate(SLOW_MEMORY) * Math.sign(value - this.#slow) * this.#limited(value - this.#slow)
  }

  #limited(difference: number): number {
    const size = Math.abs(difference)
    return this.count > 30 && this.spread > 0 ? Math.min(size, MAX_DEVIATIONS * this.spread) : size
  }

  #rate(memory: number): number {
    return Math.max(1 / memory, 1 / this.count)
  }

  /** A stochastic median: a step up or down by a share of itself, large while little is known. */
  #followInterval(gap: number): void {
    if (this.interval === 0) this.interval = gap
    const step = Math.max(0.02, 1 / (this.count + 1))
    const toMedian = gap - this.interval
    this.interval += Math.sign(toMedian) * Math.min(Math.abs(toMedian), step * this.interval)
  }
}
