import { formatDuration } from '../../incident/index.ts'
import { paragraph, type Section } from '../block.ts'
import type { Review } from '../review.ts'
import { quoted } from '../wording.ts'

/** Downtime held against the objective; null where none was given. */
export function slaSection({ sla, impact, requests }: Review): Section | null {
  if (!sla) return null
  const used = Math.round(sla.usedMs / 1000)
  const allowed = Math.round(sla.allowedMs / 1000)
  const share = `${(sla.share * 100).toFixed(0)} %`
  const rest = sla.allowedMs - sla.usedMs
  const verdict =
    rest >= 0
      ? `The objective is not exceeded; ${formatDuration(rest)} are left for the rest of the window.`
      : `The objective is exceeded by ${formatDuration(-rest)}.`
  const unknown =
    requests.requests === 0
      ? ' Without requests downtime cannot be counted, so that the true figure may be higher.'
      : ''
  const partial = `Weighted by the share of failed requests, the outage amounts to ${formatDuration(impact.partialOutageMs)}.`
  return {
    title: 'SLA',
    blocks: [
      {
        kind: 'meter',
        label: `Downtime against ${quoted(sla.objective)}`,
        share: sla.share,
        text: `${used} of ${allowed} seconds, ${share}`,
      },
      paragraph(
        `${quoted(sla.objective)} allows ${allowed} seconds of downtime in ${formatDuration(sla.windowMs)}; this incident used ${used} seconds (${share}). ${verdict} ${partial}${unknown}`,
      ),
    ],
  }
}
