/** So many values in a row… */
const IN_A_ROW = 8
/** …beyond everything among so many before them. */
const LEAST_PAST = 300
/** Extremes of the past are let go slowly, so that one spike of last month does not stretch the range for ever. */
const FORGET = 1 / 10_000

/**
 * The bar for waking somebody: eight values in a row, all on one side of everything seen before, by more than the whole
 * range of it. Whatever the distribution, if the past explained them (exchangeable values), eight of 308 being the
 * eight largest has the chance 2 / C(308, 8) = 10^-15 for both sides together; that they also lie a whole range outside
 * answers to values that hang together in time. A series that was constant has no range to be judged by, and never
 * passes. 64 bytes of values.
 */
export class BeyondAllPast {
  readonly #last = new Float64Array(IN_A_ROW)
  #least = Infinity
  #most = -Infinity
  #count = 0

  /** Whether the last values, this one included, all pass. Learns from the value that leaves the last eight. */
  take(value: number): boolean {
    const slot = this.#count % IN_A_ROW
    if (this.#count >= IN_A_ROW) this.#learn(this.#last[slot] ?? 0)
    this.#last[slot] = value
    this.#count++
    const range = this.#most - this.#least
    if (this.#count < LEAST_PAST + IN_A_ROW || range <= 0) return false
    const above = this.#most + range
    const below = this.#least - range
    if (value <= above && value >= below) return false
    return this.#last.every((one) => one > above) || this.#last.every((one) => one < below)
  }

  #learn(value: number): void {
    this.#least = Math.min(value, this.#least + FORGET * (value - this.#least))
    this.#most = Math.max(value, this.#most - FORGET * (this.#most - value))
  }
}
