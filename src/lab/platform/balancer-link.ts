import { setTimeout as pause } from 'node:timers/promises'
import type { EpochMs } from '../../time.ts'
import { loadFigures } from '../load/load-figures.ts'
import type { LoadFigures } from '../load/load-figures.ts'
import type { BackendState, BalancerReport, BalancerSecond, BalancerSettings } from './balancer-protocol.ts'
import { createChannel } from './channel.ts'
import type { Channel } from './channel.ts'

/** The balancer's process as the supervisor sees it. */
export type BalancerLink = {
  readonly channel: Channel
  readonly settings: BalancerSettings
  /** Resolves when the balancer goes by it. */
  configure(change: Partial<BalancerSettings>): Promise<void>
  stateOf(name: string): BackendState | null
  /** Resolves when nothing is under way at the instance, or after `withinMs`. */
  drained(name: string, withinMs: number): Promise<void>
  /** Over so many last seconds, 10 unless told; nothing where it has not been heard of since. */
  figures(seconds?: number): LoadFigures
}

const KEPT_SECONDS = 60

export function createBalancerLink(now: () => EpochMs): BalancerLink {
  let settings: BalancerSettings = { backends: [], maintenance: false, canary: null }
  let backends: readonly BackendState[] = []
  let seconds: readonly BalancerSecond[] = []

  const channel = createChannel({
    name: 'balancer',
    onReady: () => void channel.ask({ settings }).catch(() => {}), // a new one knows nothing of before
    onMessage(message) {
      const report = message as BalancerReport
      if (report.kind === 'backends') backends = report.backends
      if (report.kind === 'second') seconds = [...seconds.slice(1 - KEPT_SECONDS), report]
    },
  })
  const stateOf = (name: string): BackendState | null => backends.find((one) => one.name === name) ?? null

  return {
    channel,
    get settings() {
      return settings
    },
    async configure(change) {
      settings = { ...settings, ...change }
      if (channel.isReady) await channel.ask({ settings })
    },
    stateOf,
    async drained(name, withinMs) {
      const until = performance.now() + withinMs
      while (performance.now() < until && (stateOf(name)?.inFlight ?? 0) > 0) await pause(20)
    },
    figures: (count = 10) =>
      loadFigures(
        seconds
          .filter(({ at }) => at > now() - (count + 1) * 1_000)
          .slice(-count)
          .map((second) => ({ ...second, perSecond: 0, started: 0, behindMs: 0, missed: 0 })),
      ),
  }
}
