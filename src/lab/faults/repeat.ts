import type { LabSystem } from '../platform/lab-system.ts'

export type Repetition = {
  /** No further round begins; resolves when the one under way has ended. */
  stop(): Promise<void>
  readonly rounds: number
}

/**
 * Does a thing again and again, beside everything else, until it is stopped, it answers `'done'`, or the lab goes
 * down. A round that fails ends it, too: the fault's check then tells what is missing.
 */
export function repeat(
  system: LabSystem,
  everyMs: number,
  round: (number: number) => Promise<'again' | 'done'>,
): Repetition {
  const stopping = new AbortController()
  let rounds = 0

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !system.signal.aborted) {
      const result = await round(rounds)
      rounds += 1
      if (result === 'done') return
      await Promise.race([system.sleep(everyMs), aborted(stopping.signal)])
    }
  }

  const running = run().catch(() => {})
  return {
    async stop() {
      stopping.abort()
      await running
    },
    get rounds() {
      return rounds
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
