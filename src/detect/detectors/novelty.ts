/** Decades that make a whole score: 0.05 of score for each. */
const DECADES_OF_SCORE = 20
/** 2.2 decades: one value in 160 by its own account, and not more than once in 75 values. */
export const NOTEWORTHY_SCORE = 0.11

/** What was told is not news again until it is forgotten by half (300 values: e-fold) or surpassed. */
const FORGET = 1 / 300
/** After telling, as many values pass in silence… */
const QUIET = 75
/** …unless what comes is ten times less likely still. */
const WORSE_BY = 1

/** Turns how surprising values are into what is new about them: the same surprise again and again is told once. */
export class Novelty {
  #known = 0
  #told = 0
  #sinceTold = QUIET

  /** 0 to 1; 0 where nothing is new. */
  score(decades: number): number {
    this.#known *= 1 - FORGET
    this.#sinceTold++
    const isNew = decades > this.#known && (this.#sinceTold > QUIET || decades > this.#told + WORSE_BY)
    if (!isNew) return 0
    this.#known = decades
    const score = Math.min(1, decades / DECADES_OF_SCORE)
    if (score >= NOTEWORTHY_SCORE) {
      this.#told = decades
      this.#sinceTold = 0
    }
    return score
  }
}
