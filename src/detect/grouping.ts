import type { EpochMs } from '../time.ts'
import type { LiveDetection } from './live-detection.ts'
import type { ServiceGraph } from './service-graph.ts'

/** A group that something may still belong to: it goes on, or ended a short while ago. */
export type OpenGroup = { readonly group: string; readonly service: string | null; readonly lastAt: EpochMs }

/** What comes this long after the last sign of a group is another trouble. */
export const GROUP_MS = 300_000

/**
 * The group of a new detection: that of the latest one near in time whose service is the same, or connected with its own
 * in the service graph. A detection without a service (a host, a database that nobody claims) goes with whatever is
 * wrong at the time. '' where it is the first of its kind.
 */
export function groupFor(
  { service, now }: { readonly service: LiveDetection['subject']['service']; readonly now: EpochMs },
  open: readonly OpenGroup[],
  graph: Pick<ServiceGraph, 'areConnected'>,
): string {
  const near = open.filter(({ lastAt }) => now - lastAt <= GROUP_MS).toSorted((a, b) => b.lastAt - a.lastAt)
  const related = near.find(
    (one) => service === null || one.service === null || graph.areConnected(one.service, service),
  )
  return related?.group ?? ''
}
