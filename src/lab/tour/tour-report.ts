import { hurts } from './turning-points.ts'
import type { Figures } from './turning-points.ts'

export type TourRow = Figures & { readonly atSeconds: number }
export type TourLine = { readonly atSeconds: number; readonly text: string }

/** What `firebreak tour --json` prints. Shares are fractions 0–1; seconds count from the first look. */
export type TourReport = {
  readonly schema: 1
  readonly fault: { readonly name: string; readonly level: string }
  /** What took it away: going back to the release before, or the operator of the lab. */
  readonly remedy: 'rollback' | 'mend'
  /** From the order to break until users felt it; null where they never did. */
  readonly secondsToBreak: number | null
  readonly secondsBroken: number
  /** From the order to mend until the first of ten normal seconds; null where that was not seen. */
  readonly secondsToNormal: number | null
  readonly calm: Figures
  readonly worst: Figures
  readonly userReports: number
  readonly rows: readonly TourRow[]
  readonly story: readonly TourLine[]
}

export type TourTimes = {
  readonly brokenAt: number
  readonly mendedAt: number
  readonly normalAt: number | null
}

/** Seconds between what happened, from all rows. */
export function timesOf(
  rows: readonly TourRow[],
  { brokenAt, mendedAt, normalAt }: TourTimes,
): Pick<TourReport, 'secondsToBreak' | 'secondsBroken' | 'secondsToNormal'> {
  const felt = rows.find((row) => row.atSeconds >= brokenAt && hurts(row))
  return {
    secondsToBreak: felt === undefined ? null : felt.atSeconds - brokenAt,
    secondsBroken: mendedAt - brokenAt,
    secondsToNormal: normalAt === null ? null : normalAt - mendedAt,
  }
}

/** The worst of each figure, which need not be of the same second. */
export function worstOf(rows: readonly Figures[]): Figures {
  const most = (of: (row: Figures) => number): number => Math.max(0, ...rows.map(of))
  return {
    requestsPerSecond: most(({ requestsPerSecond }) => requestsPerSecond),
    errorRate: most(({ errorRate }) => errorRate),
    p50Ms: most(({ p50Ms }) => p50Ms),
    p95Ms: most(({ p95Ms }) => p95Ms),
    dbConnections: {
      used: most(({ dbConnections }) => dbConnections.used),
      limit: most(({ dbConnections }) => dbConnections.limit),
    },
    cpuCores: most(({ cpuCores }) => cpuCores),
  }
}
