import type { EpochMs } from '../../time.ts'

/** What a series did: one word per small detector (docs/anomalies.md says what each looks for). */
export type AnomalyKind =
  | 'level-shift'
  | 'spike'
  | 'trend'
  | 'silence'
  | 'changed-variance'
  | 'flatline'
  | 'unusual-shape'

/** What a series did that its own past does not explain. */
export type Anomaly = {
  readonly kind: AnomalyKind
  /** When it began. */
  readonly since: EpochMs
  readonly observed: number
  readonly expected: number
  /** For a trend towards a limit: when it is reached if it goes on so. */
  readonly exhaustedAt: EpochMs | null
  /** `connections will run out in 4 minutes`: with the numbers. */
  readonly summary: string
}

export type Judgement = {
  /**
   * 0: as ever; 1: as never before. Comparable across series: a twentieth for each decade of the tail probability of
   * what is newly seen, so 0.25 is one value in 100,000. Told once: it falls back when the same goes on, while `anomaly`
   * stays.
   */
  readonly score: number
  /** The score passed the bar for who looks (P4) with this very value; true once per anomaly, not for as long as it goes on. */
  readonly isNoteworthy: boolean
  /** Surprising enough, and for long enough, to wake somebody: a far stricter bar; holds while it goes on. */
  readonly isPageWorthy: boolean
  /** What is wrong now, for as long as it goes on; null where nothing is. */
  readonly anomaly: Anomaly | null
}

/** Judges one series as its values come, in bounded memory; nothing about a series is configured. */
export type SeriesDetector = {
  /** A new value. Not-a-number, infinities, sizes over 1e30 and values older than the newest are ignored: the judgement stays as it was. */
  readonly observe: (at: EpochMs, value: number) => Judgement
  /** A value came that says nothing of the series, as of a process that is starting: not judged, not learned, no silence. */
  readonly pass: (at: EpochMs) => void
  /** Time went by without a value: notices silence. Cheap; call it every second or every ten. */
  readonly tick: (at: EpochMs) => Judgement
}

export type SeriesDetectorOptions = {
  /** What the value must not reach: `max_connections`, the size of a disk, a memory limit. Same unit as the values. */
  readonly limit?: number
  /** How the series is called in summaries: `connections`, `memory of checkout`. */
  readonly name?: string
}
