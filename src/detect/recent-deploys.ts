import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** When something was last put into production, by service; for telling a restart from an outage. */
export type RecentDeploys = {
  readonly observe: (batch: TelemetryBatch, now: EpochMs) => void
  /** Within the last minute, of this service or of nobody in particular; null where there was none. */
  readonly latest: (service: string, now: EpochMs) => EpochMs | null
}

const RECENT_MS = 60_000
const MAX_SERVICES = 500
const RESTARTING: ReadonlySet<string> = new Set(['deploy', 'rollback', 'restart', 'config'])

export function createRecentDeploys(): RecentDeploys {
  const latest = new Map<string | null, EpochMs>()
  return {
    observe(batch, now) {
      if (batch.kind !== 'changes') return
      for (const { kind, service, at } of batch.items) {
        // A clock that is ahead must not make us wait for as long.
        if (!RESTARTING.has(kind) || !(at <= now + RECENT_MS)) continue
        if (!latest.has(service) && latest.size >= MAX_SERVICES) continue
        latest.set(service, Math.max(latest.get(service) ?? 0, at))
      }
    },
    latest(service, now) {
      const at = Math.max(latest.get(service) ?? 0, latest.get(null) ?? 0)
      return at > now - RECENT_MS ? at : null
    },
  }
}
