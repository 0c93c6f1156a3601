import type { EpochMs } from '../../time.ts'
import { AnomalyCourse } from './anomaly-course.ts'
import { BeyondAllPast } from './beyond-all-past.ts'
import { createChangedVariance } from './changed-variance.ts'
import { createDrift } from './drift.ts'
import { ExhaustionWatch, type Exhaustion } from './exhaustion.ts'
import { inWords } from './in-words.ts'
import { Novelty, NOTEWORTHY_SCORE } from './novelty.ts'
import { Reading } from './reading.ts'
import { createFlatline, createRareChange } from './sameness.ts'
import type { Anomaly, Judgement, SeriesDetector, SeriesDetectorOptions } from './series-detector.ts'
import { Silence } from './silence.ts'
import type { SmallDetector } from './small-detector.ts'
import { createUnfamiliar } from './unfamiliar.ts'

/** Larger values are taken for a broken sender's, as not-a-number is; squares of smaller ones are still numbers. */
const LARGEST = 1e30
/** Nothing is said before so many values. */
const WARM_UP = 100
/** Values that come more often than this have more chances to be improbable, and must be so many times less likely. */
const CHANCES_EVERY_MS = 300_000
/** A trend that was foretold is over when it was not seen for so many values. */
const TREND_FORGOTTEN = 32
/** A rise that was foretold has arrived where this share of the limit is used, and is over when it no longer is. */
const AT_THE_LIMIT = 0.95
/** The score of a limit in sight or of silence: told by rules of their own, with no tail probability to speak of. */
const SCORE_BY_RULE = 0.25
/** Beyond all of the past: 15 decades (beyond-all-past.ts). */
const SCORE_BEYOND = 0.75
const ORDINARY: Judgement = { score: 0, isNoteworthy: false, isPageWorthy: false, anomaly: null }

/**
 * A detector for one series, whatever it is: a list of small detectors, each looking for one thing, whose least
 * probable finding is what counts; then what was told already is taken out. Deterministic; a few microseconds and no
 * allocation for an ordinary value. About 7.5 kB, 1 kB more with a limit. Counters are to be given as rates.
 */
export function createSeriesDetector(options: SeriesDetectorOptions = {}): SeriesDetector {
  return new Series(options)
}

class Series implements SeriesDetector {
  readonly #name: string
  readonly #limit: number | null
  readonly #small: readonly SmallDetector[] = [
    createUnfamiliar(),
    createDrift(),
    createChangedVariance(),
    createFlatline(),
    createRareChange(),
  ]
  readonly #reading = new Reading()
  readonly #novelty = new Novelty()
  readonly #course = new AnomalyCourse()
  readonly #beyond = new BeyondAllPast()
  readonly #silence = new Silence()
  readonly #exhaustion: ExhaustionWatch | null
  #isPageWorthy = false
  #standing: Judgement = ORDINARY
  #trend: (Exhaustion & { since: EpochMs; seen: number }) | null = null
  #isSilent = false
  /** When the last value came, judged or not. */
  #heardAt: EpochMs = 0

  constructor({ name = 'the value', limit }: SeriesDetectorOptions) {
    this.#name = name
    this.#limit = limit ?? null
    this.#exhaustion = limit === undefined ? null : new ExhaustionWatch(limit)
  }

  observe(at: EpochMs, value: number): Judgement {
    const reading = this.#reading
    if (!(Math.abs(value) <= LARGEST) || !Number.isFinite(at) || (reading.count > 0 && at <= reading.at)) {
      return this.#standing.isNoteworthy
        ? { ...this.#standing, score: 0, isNoteworthy: false }
        : this.#standing
    }
    if (reading.count > 0) this.#silence.learn(at - this.#heardAt)
    this.#heardAt = at
    this.#isSilent = false
    reading.take(at, value)
    const { decades, kind } = this.#leastProbable()
    let score = reading.count < WARM_UP ? 0 : this.#novelty.score(decades)
    if (this.#course.goesOn) this.#course.follow(reading, decades)
    if (score >= NOTEWORTHY_SCORE) this.#course.begin(kind, reading)
    const isBeyond = this.#beyond.take(at, value)
    if (isBeyond && !this.#course.goesOn) {
      // Crept there, so that no single value was news.
      score = SCORE_BEYOND
      this.#course.begin('level-shift', reading)
    }
    this.#isPageWorthy = this.#course.goesOn && (this.#isPageWorthy || isBeyond)
    this.#standing = this.#judged(score, this.#followTrend(at, value))
    return this.#standing
  }

  /** What the small detectors find least probable, in decades, for as many chances as there are in five minutes. */
  #leastProbable(): { decades: number; kind: SmallDetector['kind'] } {
    let most = 0
    let kind: SmallDetector['kind'] = 'unusual-shape'
    for (const detector of this.#small) {
      const decades = detector.surprise(this.#reading)
      if (decades <= most) continue
      most = decades
      kind = detector.kind
    }
    const chances = Math.max(1, CHANCES_EVERY_MS / this.#reading.interval)
    return { decades: most - Math.log10(chances), kind }
  }

  /** Whether a limit has just come into sight. */
  #followTrend(at: EpochMs, value: number): boolean {
    const seen = this.#exhaustion?.take(at, value) ?? null
    const known = this.#trend
    if (seen !== null) {
      const isPageWorthy = seen.isPageWorthy || known?.isPageWorthy === true
      this.#trend = { ...seen, isPageWorthy, since: known?.since ?? at, seen: 0 }
      return known === null
    }
    if (known !== null && value >= AT_THE_LIMIT * (this.#limit ?? Infinity)) {
      this.#trend = { ...known, exhaustedAt: at, seen: 0 }
      return false
    }
    if (known !== null)
      this.#trend = known.seen + 1 < TREND_FORGOTTEN ? { ...known, seen: known.seen + 1 } : null
    return false
  }

  #judged(score: number, trendIsNew: boolean): Judgement {
    if (score === 0 && this.#trend === null && !this.#course.goesOn) return ORDINARY
    return {
      score: trendIsNew ? Math.max(score, SCORE_BY_RULE) : score,
      isNoteworthy: trendIsNew || score >= NOTEWORTHY_SCORE,
      isPageWorthy: this.#isPageWorthy || this.#trend?.isPageWorthy === true,
      anomaly: this.#trendInWords() ?? this.#course.told(this.#name, this.#reading),
    }
  }

  #trendInWords(): Anomaly | null {
    const { value, origin, at, expected, spread } = this.#reading
    if (this.#trend === null) return null
    const { since, exhaustedAt } = this.#trend
    const facts = {
      kind: 'trend',
      since,
      observed: value + origin,
      expected: expected + origin,
      exhaustedAt,
    } as const
    return { ...facts, summary: inWords(facts, { name: this.#name, at, spread, limit: this.#limit }) }
  }

  pass(at: EpochMs): void {
    if (!Number.isFinite(at) || at <= this.#heardAt) return
    this.#heardAt = at
    this.#isSilent = false
  }

  tick(at: EpochMs): Judgement {
    const { value, origin, interval, spread } = this.#reading
    const since = this.#heardAt
    const verdict = this.#silence.judge(at - since, interval)
    if (verdict === 'none')
      return this.#standing.isNoteworthy
        ? { ...this.#standing, score: 0, isNoteworthy: false }
        : this.#standing
    const isNew = !this.#isSilent
    this.#isSilent = true
    const facts = {
      kind: 'silence',
      since,
      observed: value + origin,
      expected: value + origin,
      exhaustedAt: null,
    } as const
    return {
      score: isNew ? SCORE_BY_RULE : 0,
      isNoteworthy: isNew,
      isPageWorthy: verdict === 'page-worthy',
      anomaly: { ...facts, summary: inWords(facts, { name: this.#name, at, spread, limit: null }) },
    }
  }
}
