import type { EpochMs } from '../time.ts'
import type { Parameters } from './ask.ts'
import type { Window } from './telemetry-store.ts'

const MINUTE_MS = 60_000
const BY_MINUTE_MS = 6 * 60 * MINUTE_MS
/** A day in steps of ten minutes. */
const AIMED_POINTS = 144

/** Bounds of a window for the rollups, whole minutes around it; seconds. */
export function minutesOf({ from, to }: Window): { from: number; to: number } {
  return { from: (Math.floor(from / MINUTE_MS) * MINUTE_MS) / 1000, to: Math.ceil(to / 1000) }
}

/**
 * Seconds between points: what was asked for in whole minutes, or what gives about 144 of them. Beyond six hours in
 * whole ten minutes, which is what the coarse rollup has: no screen shows the minutes of a day.
 */
export function stepSeconds({ from, to }: Window, stepMs: number | undefined): number {
  const wanted = stepMs ?? (to - from) / AIMED_POINTS
  const unitMs = to - from > BY_MINUTE_MS ? 10 * MINUTE_MS : MINUTE_MS
  return (Math.max(1, Math.ceil(wanted / unitMs)) * unitMs) / 1000
}

/** What is read for a series, and what of it is told. */
export type SeriesWindow = {
  readonly stepMs: number
  /** The first step that is told, as a whole. */
  readonly shownFrom: EpochMs
  /** One step earlier: what counters said before is what the first step is measured against. */
  readonly from: EpochMs
  /** Whole minutes, as rollups have them. */
  readonly to: EpochMs
}

export function seriesWindow(window: Window, stepMs: number | undefined): SeriesWindow {
  const step = stepSeconds(window, stepMs) * 1000
  const shownFrom = Math.floor(window.from / step) * step
  return {
    stepMs: step,
    shownFrom,
    from: shownFrom - step,
    to: Math.ceil(window.to / MINUTE_MS) * MINUTE_MS,
  }
}

/** The series of a question, as a condition and its values; `from`, `to` and `step` in seconds. */
export type AskedSeries = {
  readonly where: string
  readonly parameters: Parameters
  readonly by: readonly string[] | undefined
}

/** What tells apart the series of an answer: `one` series each, or what those that are added have in common. */
export function seriesKey(one: string, by: readonly string[] | undefined): string {
  if (by === undefined) return one
  return `cityHash64([${["''", ...by.map((_, index) => `Attributes[{by${index}:String}]`)].join(', ')}])`
}

/** Of one kind, in one answer. */
export const MAX_SERIES = 100
