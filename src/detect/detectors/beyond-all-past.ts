import type { EpochMs } from '../../time.ts'

/** So many values in a row, for so long… */
const IN_A_ROW = 8
const LASTING_MS = 60_000
/** …beyond everything among so many before them. What stays there longer still becomes part of the past. */
const LEAST_PAST = 300
const NEW_NORMAL = 256
/** Extremes of the past are let go slowly, so that one spike of last month does not stretch the range for ever. */
const FORGET = 1 / 10_000

/**
 * The bar for waking somebody: eight values in a row and a minute, all on one side of everything seen before, by more
 * than the whole range of it. Whatever the distribution, if the past explained them (exchangeable values), eight of 308
 * being the eight largest or the eight least has the chance 2 / C(308, 8) = 10^-15; that they also lie a whole range
 * outside, and stay, answers to values that hang together in time. A series that was constant has no range to be judged
 * by, and never passes.
 */
export class BeyondAllPast {
  #least = Infinity
  #most = -Infinity
  #count = 0
  #run = 0
  #runSide = 0
  #runSince: EpochMs = 0
  #runExtreme = 0

  /** Whether the last values, this one included, all pass. */
  take(at: EpochMs, value: number): boolean {
    const range = this.#most - this.#least
    const side = value > this.#most + range ? 1 : value < this.#least - range ? -1 : 0
    const isBeyond = side !== 0 && this.#count >= LEAST_PAST && range > 0
    if (this.#run > 0 && (!isBeyond || side !== this.#runSide || this.#run >= NEW_NORMAL)) this.#endRun()
    if (!isBeyond) this.#learn(value)
    else this.#follow(at, value, side)
    return this.#run >= IN_A_ROW && at - this.#runSince >= LASTING_MS
  }

  #follow(at: EpochMs, value: number, side: number): void {
    if (this.#run === 0) {
      this.#runSide = side
      this.#runSince = at
      this.#runExtreme = value
    }
    this.#run++
    this.#runExtreme = side > 0 ? Math.max(this.#runExtreme, value) : Math.min(this.#runExtreme, value)
  }

  /** What was beyond is past now, and the next that goes as far is not. */
  #endRun(): void {
    this.#run = 0
    this.#learn(this.#runExtreme)
  }

  #learn(value: number): void {
    this.#count++
    const isFirst = this.#count === 1
    this.#least = isFirst ? value : Math.min(value, this.#least + FORGET * (value - this.#least))
    this.#most = isFirst ? value : Math.max(value, this.#most - FORGET * (this.#most - value))
  }
}
