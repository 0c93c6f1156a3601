import type { EpochMs } from '../../time.ts'
import type { Reading } from './reading.ts'
import type { Anomaly, AnomalyKind } from './series-detector.ts'
import { inWords } from './in-words.ts'

/** A value so many usual deviations off is away by its size; nearer ones are unusual by their place. */
const AWAY = 3
/** What stays away for so many values is no spike. */
const SPIKE_VALUES = 8
/** So many values back in a row, and it is over. */
const BACK_IN_A_ROW = 4
/** What has gone on for so many values is how it is now. */
const NEW_NORMAL = 256
/** Of what has no size to come back from: so many unsurprising values in a row, each below one decade. */
const CALM_IN_A_ROW = 16
const CALM_DECADES = 1

/** What is wrong with a series from the value that was told to the one that ends it. */
export class AnomalyCourse {
  #kind: AnomalyKind = 'spike'
  #since: EpochMs = 0
  #observed = 0
  #expected = 0
  #values = 0
  #back = 0
  #goesOn = false
  #departures = 0
  #absoluteDepartures = 0

  get goesOn(): boolean {
    return this.#goesOn
  }

  /** A value was told: begins what is wrong, or says anew what it is where it already goes on. */
  begin(kind: AnomalyKind, reading: Reading): void {
    if (this.#goesOn && kind === 'flatline' && this.#hasSize()) return
    if (!this.#goesOn) this.#since = kind === 'flatline' ? reading.changedAt : reading.at
    this.#departures = 0
    this.#absoluteDepartures = 0
    this.#goesOn = true
    this.#values = 0
    this.#back = 0
    this.#observed = reading.value
    this.#expected = reading.expected
    const isAway = Math.abs(reading.value - reading.expected) > AWAY * reading.spread
    const isBySize = kind === 'unusual-shape' || kind === 'level-shift'
    this.#kind = isBySize ? (isAway ? 'spike' : 'unusual-shape') : kind
  }

  /** The next value: goes on, turns from a spike into a level shift, or ends. */
  follow(reading: Reading, decades: number): void {
    this.#values++
    this.#back = this.#isBack(reading, decades) ? this.#back + 1 : 0
    this.#departures += reading.value - this.#expected
    this.#absoluteDepartures += Math.abs(reading.value - this.#expected)
    if (this.#kind === 'spike' && this.#values >= SPIKE_VALUES) this.#kind = this.#whatStays()
    if (this.#kind === 'level-shift') this.#observed = reading.average4
    this.#goesOn = this.#values < NEW_NORMAL && this.#back < this.#backInARow()
  }

  /** No spike, that is: values on both sides of what is expected have another variance, not another level. */
  #whatStays(): AnomalyKind {
    return Math.abs(this.#departures) < this.#absoluteDepartures / 2 ? 'changed-variance' : 'level-shift'
  }

  #isBack(reading: Reading, decades: number): boolean {
    if (this.#kind === 'flatline') return reading.change !== 0
    if (!this.#hasSize()) return decades < CALM_DECADES
    return Math.abs(reading.value - this.#expected) < Math.abs(this.#observed - this.#expected) / 2
  }

  #backInARow(): number {
    if (this.#kind === 'flatline') return 1
    return this.#hasSize() ? BACK_IN_A_ROW : CALM_IN_A_ROW
  }

  #hasSize(): boolean {
    return this.#kind === 'spike' || this.#kind === 'level-shift'
  }

  /** In the series' own units: `origin` is added again. */
  told(name: string, { origin, at, spread }: Reading): Anomaly | null {
    if (!this.#goesOn) return null
    const facts = {
      kind: this.#kind,
      since: this.#since,
      observed: this.#observed + origin,
      expected: this.#expected + origin,
      exhaustedAt: null,
    }
    return { ...facts, summary: inWords(facts, { name, at, spread, limit: null }) }
  }
}
