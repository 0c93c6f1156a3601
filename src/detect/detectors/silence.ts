/** Gaps between values, before which nothing is said. */
const LEAST_GAPS = 30
const FORGET = 1 / 500

/** Values have stopped: judged by the longest gap there was. */
export class Silence {
  #longest = 0
  #gaps = 0

  learn(gap: number): void {
    this.#gaps++
    this.#longest = Math.max(gap, this.#longest * (1 - FORGET))
  }

  /** Four usual intervals and twice the longest gap: for who looks. Twenty and ten times: for waking somebody. */
  judge(elapsed: number, interval: number): 'none' | 'noteworthy' | 'page-worthy' {
    if (this.#gaps < LEAST_GAPS || elapsed <= Math.max(4 * interval, 2 * this.#longest)) return 'none'
    return elapsed > Math.max(20 * interval, 10 * this.#longest) ? 'page-worthy' : 'noteworthy'
  }
}
