import type { EpochMs } from '../../time.ts'

const DAY_MS = 86_400_000
const HOURS = 24
/** A day moves its hours by a tenth: the profile is that of the last two weeks or so. */
const SHARE_OF_A_DAY = 0.1

/** What the series is like at each hour of the day, learned as it goes; 192 bytes. */
export class DailyProfile {
  /** The levels of the hours, then how many values each has seen. */
  readonly #hours = new Float32Array(2 * HOURS)

  /** What is usual at that hour, or null in an hour that never was. */
  usual(at: EpochMs): number | null {
    const hour = hourOf(at)
    return (this.#hours[HOURS + hour] ?? 0) > 0 ? (this.#hours[hour] ?? 0) : null
  }

  /** `interval`: milliseconds between values, so that an hour of many values weighs no more than one of few. */
  learn(at: EpochMs, value: number, interval: number): void {
    const hour = hourOf(at)
    const count = (this.#hours[HOURS + hour] ?? 0) + 1
    const perHour = Math.max(1, DAY_MS / HOURS / Math.max(1, interval))
    const level = this.#hours[hour] ?? 0
    this.#hours[HOURS + hour] = count
    this.#hours[hour] = level + Math.max(1 / count, SHARE_OF_A_DAY / perHour) * (value - level)
  }
}

function hourOf(at: EpochMs): number {
  return Math.floor(((((at % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS) * HOURS)
}
