import type { EpochMs } from '../time.ts'
import { WINDOW_MS } from '../time.ts'
import type { Point, Shift } from './shift.ts'

/** When a signal began, was strong enough to be sure of, and ended; with how it was before. */
export type Onset = {
  readonly onsetAt: EpochMs
  readonly detectedAt: EpochMs
  /** Null while it goes on at the end of what was observed. */
  readonly endedAt: EpochMs | null
  /** The points' rate while it lasted, and around it; `before` is null where nothing was seen before. */
  readonly rate: number
  readonly before: number | null
}

/** What is known more exactly than the windows say. */
export type Edges = { readonly first: EpochMs | null; readonly last: EpochMs | null }

/** Odds at which a sequential test stops asking: 10,000 to 1. */
const SURE = Math.log(10_000)
/** After this many clean windows it counts as over, if chance cannot explain them. */
const CLEAN_WINDOWS = 3
const BY_CHANCE = 1e-3
const CREEP_MS = 6 * WINDOW_MS

/**
 * Dates a stretch of points. The first hits are often too few to stand out: isolated ones within a minute before the
 * stretch are part of it when the rate outside does not explain them.
 */
export function dateOnset(points: readonly Point[], shift: Shift, edges: Edges): Onset {
  const from = creepBack(points, shift)
  const first = points[from]
  const last = points[shift.to]
  const onsetAt = within(edges.first, first) ?? first?.at ?? 0
  const lastAt = within(edges.last, last) ?? (last ? last.at + WINDOW_MS - 1 : onsetAt)
  const floor = quietRate(points, shift)
  return {
    onsetAt,
    detectedAt: Math.min(
      detectionTime(points, { ...shift, from, rateOut: floor }, onsetAt),
      Math.max(lastAt, onsetAt),
    ),
    endedAt: isOver(points, shift) ? lastAt : null,
    rate: shift.rateIn,
    before: from === 0 ? null : shift.rateOut,
  }
}

function within(exact: EpochMs | null, point: Point | undefined): EpochMs | null {
  return exact !== null && point && exact >= point.at && exact < point.at + WINDOW_MS ? exact : null
}

function creepBack(points: readonly Point[], shift: Shift): number {
  let from = shift.from
  for (let index = from - 1; index >= 0; index--) {
    const point = points[index]
    const start = points[from]
    if (!point || !start || start.at - point.at > CREEP_MS) break
    const expected = point.exposure * shift.rateOut
    if (point.hits > 0 && expected < 0.05) from = index
  }
  return from
}

/** The rate to hold against: never zero, since no amount of calm proves that failures are impossible. */
function quietRate(points: readonly Point[], shift: Shift): number {
  const exposure = points.reduce((sum, point) => sum + point.exposure, 0)
  return Math.max(shift.rateOut, Math.min(0.001, 0.5 / Math.max(exposure, 1)))
}

/** A sequential probability ratio test from the onset on; inside a window, hits are taken as evenly spread. */
function detectionTime(points: readonly Point[], shift: Shift, onsetAt: EpochMs): EpochMs {
  const perHit = Math.log(shift.rateIn / shift.rateOut)
  let score = 0
  for (let index = shift.from; index <= shift.to; index++) {
    const point = points[index]
    if (!point) break
    const gain = point.hits * perHit - point.exposure * (shift.rateIn - shift.rateOut)
    if (gain > 0 && score + gain >= SURE) {
      const start = Math.max(point.at, onsetAt)
      // The first hit is the onset itself: only what lies between the first and the deciding one takes time.
      const share = Math.min(1, Math.max(0, (SURE - score) / gain - 1 / Math.max(point.hits, 1)))
      return Math.round(start + share * (point.at + WINDOW_MS - start))
    }
    score = Math.max(0, score + gain)
  }
  return points[shift.to]?.at ?? onsetAt
}

function isOver(points: readonly Point[], shift: Shift): boolean {
  const after = points.slice(shift.to + 1)
  const exposure = after.reduce((sum, point) => sum + point.exposure, 0)
  const hits = after.reduce((sum, point) => sum + point.hits, 0)
  const spanMs = (after.at(-1)?.at ?? 0) - (points[shift.to]?.at ?? 0)
  if (after.length === 0 || spanMs < CLEAN_WINDOWS * WINDOW_MS) return false
  if (hits > 0 && hits / exposure > shift.rateIn / 10) return false
  return Math.exp(-exposure * Math.min(shift.rateIn, 1)) < BY_CHANCE
}
