import type { DowntimeObjective } from '../duration.ts'
import type { SlaAccount } from './impact.ts'

/** Holds downtime against an objective: 780 s of the 900 s that `15m/year` allows are 87 %. */
export function accountSla(objective: DowntimeObjective, usedMs: number): SlaAccount {
  const { text, windowMs } = objective
  // A share such as 99.9 % of a month is no whole number in binary; milliseconds are exact enough.
  const allowedMs = Math.round(objective.allowedMs)
  return { objective: text, windowMs, allowedMs, usedMs, share: shareOf(usedMs, allowedMs) }
}

/** An objective that allows nothing is used up by anything: the share stays a number that JSON can carry. */
function shareOf(usedMs: number, allowedMs: number): number {
  if (usedMs === 0) return 0
  return allowedMs > 0 ? usedMs / allowedMs : usedMs
}
