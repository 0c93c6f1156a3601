import type { LoadClock } from './load-clock.ts'

/** Time that a test moves. */
export type VirtualClock = LoadClock & {
  /** Everything that is due up to then happens, in its order. */
  runUntil(ms: number): void
}

export function createVirtualClock(): VirtualClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  let now = 0
  return {
    now: () => now,
    wall: () => Date.UTC(2026, 0, 1) + now,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    runUntil(ms) {
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= ms)
        const next = due.reduce<(typeof due)[number] | null>(
          (first, timer) => (first === null || timer.at < first.at ? timer : first),
          null,
        )
        if (next === null) break
        timers.delete(next)
        now = next.at
        next.callback()
      }
      now = ms
    },
  }
}
