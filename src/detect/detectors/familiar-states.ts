import { Tail } from './tail.ts'

/** Before so many values the spread of the features is not known well enough to keep states. */
const FIRST_STATE_AT = 30
/** Spreads follow the last values with this memory; a single value moves them by at most five times themselves. */
const SPREAD_MEMORY = 1000
const MAX_DEVIATIONS = 5
/** Spreads below this are those of a constant: their squares are no numbers any more. */
const SMALLEST = 1e-30
/** Where memory is full, states nearer to each other than this much more than the nearest pair become one. */
const GROWTH = 1.1

/**
 * Remembers where a series has been, as a bounded set of states in a space of features, and says how far from all of
 * them it is now. States are kept a radius apart; when there are too many the radius grows (the doubling algorithm for
 * streaming k-centre, Charikar et al. 1997; the idea of judging by the nearest remembered state is that of adaptive
 * resonance, Carpenter and Grossberg, and of k-nearest-neighbour detectors). Distances are in units of each feature's
 * own spread, so scale and offset of the series do not matter.
 */
export class FamiliarStates {
  readonly #dimensions: number
  readonly #capacity: number
  readonly #rescaled: number
  readonly #states: Float32Array
  /** Of each dimension its weight in distances, then their means, then their spreads: one array takes less memory. */
  readonly #scales: Float64Array
  readonly #tail = new Tail()
  #count = 0
  #nearest = 0
  #radius = 0
  #seen = 0

  /** `fixedUnits` of the dimensions, the last ones, have a unit of their own (a phase) and are not rescaled. */
  constructor(size: { readonly dimensions: number; readonly fixedUnits: number; readonly capacity: number }) {
    this.#dimensions = size.dimensions
    this.#capacity = size.capacity
    this.#states = new Float32Array(size.dimensions * (size.capacity + 1))
    this.#rescaled = size.dimensions - size.fixedUnits
    this.#scales = new Float64Array(3 * size.dimensions).fill(1, 0, size.dimensions)
  }

  /** Decades of the tail probability of being as far as this from every state remembered; and remembers it. */
  surprise(features: Float64Array): number {
    this.#seen++
    const hasMoved = this.#followSpreads(features)
    if (this.#seen < FIRST_STATE_AT || !hasMoved) return 0
    if (this.#count < 2) {
      this.#remember(features)
      return 0
    }
    const distance = Math.sqrt(this.#distanceToNearest(features))
    const decades = this.#tail.decades(distance)
    this.#tail.learn(distance)
    if (distance > this.#radius) this.#remember(features)
    return decades
  }

  /** False where nothing has ever moved: a constant is not unusual, whatever the time of day. */
  #followSpreads(features: Float64Array): boolean {
    let hasMoved = false
    const rate = Math.max(1 / this.#seen, 1 / SPREAD_MEMORY)
    for (let i = 0; i < this.#rescaled; i++) {
      const deviation = (features[i] ?? 0) - (this.#scales[i + this.#dimensions] ?? 0)
      const spread = this.#scales[i + 2 * this.#dimensions] ?? 0
      const size = Math.abs(deviation)
      const limited = this.#seen > 50 && spread > 0 ? Math.min(size, MAX_DEVIATIONS * spread) : size
      const followed = spread + rate * (limited - spread)
      this.#scales[i + this.#dimensions] = (this.#scales[i + this.#dimensions] ?? 0) + rate * deviation
      this.#scales[i + 2 * this.#dimensions] = followed
      this.#scales[i] = followed > SMALLEST ? 1 / (followed * followed) : 0
      if (followed > SMALLEST) hasMoved = true
    }
    return hasMoved
  }

  /** Squared. Looks at the last nearest first: series stay where they are, and most others are then soon too far. */
  #distanceToNearest(features: Float64Array): number {
    let least = this.#distance(features, this.#nearest, Infinity)
    for (let state = 0; state < this.#count; state++) {
      const distance = this.#distance(features, state, least)
      if (distance >= least) continue
      least = distance
      this.#nearest = state
    }
    return least
  }

  #distance(features: ArrayLike<number>, state: number, enough: number): number {
    const from = state * this.#dimensions
    let sum = 0
    for (let i = 0; i < this.#dimensions && sum < enough; i++) {
      const apart = (features[i] ?? 0) - (this.#states[from + i] ?? 0)
      sum += apart * apart * (this.#scales[i] ?? 0)
    }
    return sum
  }

  #remember(features: ArrayLike<number>): void {
    this.#write(features, this.#count)
    this.#count++
    if (this.#count > this.#capacity) this.#merge()
  }

  #write(features: ArrayLike<number>, state: number): void {
    const from = state * this.#dimensions
    for (let i = 0; i < this.#dimensions; i++) this.#states[from + i] = features[i] ?? 0
  }

  /** Grows the radius past the nearest pair and keeps, newest first, what is still a radius apart. */
  #merge(): void {
    const states = Array.from({ length: this.#count }, (_, state) =>
      this.#states.slice(state * this.#dimensions, (state + 1) * this.#dimensions),
    )
    let least = Infinity
    for (const [index, state] of states.entries()) {
      for (let other = index + 1; other < this.#count; other++) {
        least = Math.min(least, this.#distance(state, other, least))
      }
    }
    this.#radius = Math.max(this.#radius, Math.sqrt(least)) * GROWTH
    this.#count = 0
    for (const state of states.reverse()) {
      if (this.#distanceToKept(state) > this.#radius ** 2) this.#write(state, this.#count++)
    }
    this.#nearest = 0
  }

  #distanceToKept(state: Float32Array): number {
    let least = Infinity
    for (let kept = 0; kept < this.#count; kept++) least = Math.min(least, this.#distance(state, kept, least))
    return least
  }
}
