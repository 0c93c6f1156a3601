import type { Detection } from '../detect/index.ts'
import type { Tally } from '../telemetry/index.ts'

export type Severity = 'P1' | 'P2' | 'P3' | 'P4'

/**
 * Proposed from the share of failed requests: P1 over 20 % or no answer at all, P2 over 5 %, P3 over 1 %, else P4.
 * Without requests, `fallback` speaks. An impact is judged on all requests, not on those to the failing routes only.
 */
export function proposeSeverity(
  total: Tally & { readonly all?: Tally },
  fallback: Severity,
): { severity: Severity; reason: string } {
  const { requests, failed } = total.all ?? total
  if (requests === 0) return { severity: fallback, reason: 'no requests were seen' }
  const share = failed / requests
  const percent = `${(share * 100).toFixed(1)} % of ${requests} requests failed`
  if (share > 0.2) return { severity: 'P1', reason: `${percent}, over 20 %` }
  if (share > 0.05) return { severity: 'P2', reason: `${percent}, over 5 %` }
  if (share > 0.01) return { severity: 'P3', reason: `${percent}, over 1 %` }
  return { severity: 'P4', reason: percent }
}

/** What to propose where no requests tell: a program that died is P1, errors in a log P3, nothing found P4. */
export function severityFallback(detection: Detection | null): Severity {
  if (!detection) return 'P4'
  return detection.signal === 'process-ended' ? 'P1' : 'P3'
}
