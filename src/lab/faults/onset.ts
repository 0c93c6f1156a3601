import { toIso } from '../../time.ts'
import type { LabMetrics, LabSystem } from '../platform/lab-system.ts'
import { repeat } from './repeat.ts'

export type OnsetWatch = { stop(): void }

/**
 * Looks once a second when users begin to feel a fault, and says so once: the time of the look, so up to a second
 * late, and a little more, for the figures are of ten seconds.
 */
export function watchOnset(system: LabSystem, tell: (firstFailureAt: string) => Promise<void>): OnsetWatch {
  let before: LabMetrics | null = null
  const looking = repeat(system, LOOK_MS, async () => {
    const now = await system.metrics()
    before ??= now
    if (!isFelt(before, now)) return 'again'
    await tell(toIso(system.now()))
    return 'done'
  })
  return { stop: () => void looking.stop() }
}

const LOOK_MS = 1_000

/** One in a hundred requests, or three times the usual wait: less than that also happens on a good day. */
export function isFelt(before: LabMetrics, now: LabMetrics): boolean {
  const fails = now.errorRate > Math.max(0.01, before.errorRate * 3)
  const waits = now.p95Ms > Math.max(200, before.p95Ms * 3)
  return fails || waits
}
