import type { Urgency } from './live-detection.ts'

/** 95 % sure, one-sided. */
const Z = 1.645

/**
 * The least share that hits out of so many requests leave plausible (Wilson, JASA 1927), so that three failures of three
 * requests are not taken for an outage of everything with the same certainty as three hundred of three hundred.
 */
export function plausibleShare(hits: number, requests: number): number {
  if (requests === 0) return 0
  const share = Math.min(1, hits / requests)
  const square = (Z * Z) / requests
  const spread = Z * Math.sqrt((share * (1 - share) + square / 4) / requests)
  return Math.max(0, (share + square / 2 - spread) / (1 + square))
}

/** DESIGN's words for severity: over 20 % of requests failing, 5 %, 1 %; over 5 % on a critical route is the worst. */
export function urgencyOfShare(share: number, isCritical: boolean): Urgency {
  if (share > 0.2 || (isCritical && share > 0.05)) return 'P1'
  if (share > 0.05) return 'P2'
  return share > 0.01 ? 'P3' : 'P4'
}

export function lowered(urgency: Urgency): Urgency {
  if (urgency === 'P1') return 'P2'
  return urgency === 'P2' ? 'P3' : 'P4'
}

/** The more urgent of two. */
export function moreUrgent(one: Urgency, other: Urgency): Urgency {
  return one < other ? one : other
}

/** `45 %`, `1.5 %`, `0.12 %`: two digits are enough. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}
