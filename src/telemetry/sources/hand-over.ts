import type { EpochMs } from '../../time.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import type { SourceDeps, SourceState } from './source.ts'

/** Between a source that looks at the world on a schedule and an intake that may be full. */
export type HandOver = {
  /** Never waits: what cannot be taken now is kept, the newest `MOST_WAITING` looks of it. */
  give(batches: readonly TelemetryBatch[]): void
  /** Hands everything on that can be, or gives up when intake is full; nothing is given afterwards. */
  close(): Promise<void>
  state(): Pick<SourceState, 'lastAt' | 'taken' | 'dropped'> & { readonly waitingFor: string | null }
}

/** At one look every 5 s: the last 20 minutes. */
const MOST_WAITING = 240
const LONGEST_PAUSE_MS = 30_000

/** Hands batches to intake in their order, one call at a time, again and again while it says `try-later`. */
export function createHandOver(deps: Pick<SourceDeps, 'intake' | 'now' | 'signal'>): HandOver {
  const waiting: (readonly TelemetryBatch[])[] = []
  const closing = new AbortController()
  let lastAt: EpochMs | null = null
  let taken = 0
  let dropped = 0
  let waitingFor: string | null = null
  let working: Promise<void> | null = null

  async function work(): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const answer = await deps.intake.take(next)
      if (answer.kind === 'stored') {
        // While intake was busy, the oldest may have been given up.
        if (waiting[0] === next) waiting.shift()
        taken += itemsIn(next)
        lastAt = deps.now()
        waitingFor = null
        continue
      }
      waitingFor = answer.reason
      if (closing.signal.aborted) return
      const signal = AbortSignal.any([closing.signal, deps.signal])
      await pause(Math.min(answer.afterMs, LONGEST_PAUSE_MS), signal)
      if (deps.signal.aborted) return
    }
  }
  function start(): void {
    working ??= work().finally(() => {
      working = null
      // Something may have been given after the last look into the queue.
      if (waiting.length > 0 && !closing.signal.aborted && !deps.signal.aborted) start()
    })
  }
  return {
    give(batches) {
      waiting.push(batches)
      if (waiting.length > MOST_WAITING) dropped += itemsIn(waiting.shift() ?? [])
      start()
    },
    async close() {
      closing.abort()
      await working
      for (const batches of waiting.splice(0)) dropped += itemsIn(batches)
    },
    state: () => ({ lastAt, taken, dropped, waitingFor }),
  }
}

/** How many things batches hold, whatever they are. */
export function itemsIn(batches: readonly TelemetryBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.items.length, 0)
}

/** Waits, but not past the end. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
