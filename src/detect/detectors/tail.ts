/** The share of values that count as high: what lies above is described by the tail, what lies below is ordinary. */
const HIGH_SHARE = 0.1
/** Values between two clusters: highs nearer to each other are one event (declustering, Coles 2001, chapter 5). */
const GAP = 4
/** The prior of the tail before anything is known: as good as two events whose mean excess is half an e-fold. */
const PRIOR_EVENTS = 2
const PRIOR_EXCESS = 0.5
/** So many events of the past count fully; older ones fade. */
const EVENTS_REMEMBERED = 300
const VALUES_REMEMBERED = 2000

/**
 * How improbable a high value of a stream is, judged by the stream's own highs: peaks over threshold, with an
 * exponential tail for the logarithm of the excess (Hill's estimator: right for heavy tails, careful with light ones)
 * and its uncertainty integrated out (gamma prior), so that a few events never claim much. Constant memory.
 *
 *   P(a cluster begins here and peaks above y) = rate · (s / (s + ln(y / u)))^k       u: the 90 % quantile, tracked
 *
 * k events with summed excess s: 100 events of mean excess 0.2 give a value of 10 u 100 · ln(1 + 2.3/20) = 10.9
 * e-folds, 4.7 decades, below the rate of clusters.
 */
export class Tail {
  #high = 0
  #highest = 0
  #seen = 0
  #rate = HIGH_SHARE
  #events = PRIOR_EVENTS
  #excess = PRIOR_EVENTS * PRIOR_EXCESS
  #peak = 0
  #sinceHigh = GAP + 1
  readonly #step: number

  /** `step`: by how much one value may move the idea of what is high; less for what changes slowly by its nature. */
  constructor(step = 0.03) {
    this.#step = step
  }

  /** Decades (-log10) of the tail probability of y ≥ 0; 0 where it is ordinary. Does not learn from it. */
  decades(y: number): number {
    if (y <= this.#high || this.#high <= 0) return 0
    const excess = Math.log(y / this.#high)
    return -Math.log10(this.#rate * (this.#excess / (this.#excess + excess)) ** this.#events)
  }

  learn(y: number): void {
    this.#seen++
    if (this.#high === 0) this.#high = y
    const isHigh = y > this.#high && this.#high > 0
    const beginsCluster = isHigh && this.#sinceHigh > GAP
    if (isHigh) this.#addHigh(Math.log(y / this.#high), beginsCluster)
    else this.#sinceHigh++
    this.#rate +=
      ((beginsCluster ? 1 : 0) - this.#rate) * Math.max(1 / (this.#seen + 10), 1 / VALUES_REMEMBERED)
    // The quantile is tracked by multiplicative steps (Robbins and Monro), first large, then small ones.
    const step = Math.max(10 / (this.#seen + 10), this.#step)
    this.#high *= Math.exp(step * (isHigh ? 1 - HIGH_SHARE : -HIGH_SHARE))
    // A stream that is nearly always 0 would pull the quantile to nothing, and everything would be infinitely high.
    this.#highest = Math.max(y, this.#highest * 0.9997)
    this.#high = Math.max(this.#high, this.#highest / 1000)
  }

  #addHigh(excess: number, beginsCluster: boolean): void {
    if (beginsCluster) {
      this.#endCluster()
      this.#peak = 0
    }
    this.#peak = Math.max(this.#peak, excess)
    this.#sinceHigh = 0
  }

  #endCluster(): void {
    if (this.#peak === 0) return
    const kept = 1 - 1 / EVENTS_REMEMBERED
    this.#events = PRIOR_EVENTS + (this.#events - PRIOR_EVENTS) * kept + 1
    const prior = PRIOR_EVENTS * PRIOR_EXCESS
    this.#excess = prior + (this.#excess - prior) * kept + this.#peak
  }
}
