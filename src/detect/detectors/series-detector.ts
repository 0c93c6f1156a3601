import type { EpochMs } from '../../time.ts'

/** What a series did that its own past does not explain. */
export type Anomaly = {
  readonly kind: 'level-shift' | 'spike' | 'trend' | 'silence'
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
  /** 0: as ever; 1: as never before. Comparable across series. */
  readonly score: number
  readonly anomaly: Anomaly | null
}

/** Judges one series as its values come, in bounded memory; nothing about a series is configured. */
export type SeriesDetector = {
  readonly observe: (at: EpochMs, value: number) => Judgement
}
