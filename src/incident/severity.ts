import type { Tally } from '../telemetry/index.ts'

export type Severity = 'P1' | 'P2' | 'P3' | 'P4'

/**
 * Proposed from the share of failed requests: P1 over 20 % or no answer at all, P2 over 5 %, P3 over 1 %, else P4.
 * Without requests, `fallback` speaks (a dead process is P1, an error in the log P3).
 */
export function proposeSeverity(total: Tally, fallback: Severity): { severity: Severity; reason: string } {
  if (total.requests === 0) return { severity: fallback, reason: 'no requests were seen' }
  const share = total.failed / total.requests
  const percent = `${(share * 100).toFixed(1)} % of ${total.requests} requests failed`
  if (share > 0.2) return { severity: 'P1', reason: `${percent}, over 20 %` }
  if (share > 0.05) return { severity: 'P2', reason: `${percent}, over 5 %` }
  if (share > 0.01) return { severity: 'P3', reason: `${percent}, over 1 %` }
  return { severity: 'P4', reason: percent }
}
