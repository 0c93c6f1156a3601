/** Runs a look again and again until it is stopped. */
export type Schedule = {
  /** Ends the schedule; the look that runs is aborted and waited for. */
  stop(): Promise<void>
}

export type ScheduleOptions = {
  readonly everyMs: number
  /** The time to the next look while looks fail; the usual one where it is left out. */
  readonly everyMsWhileFailing?: number
  readonly random: () => number
  readonly signal: AbortSignal
  /** Answers whether what it looked at is well. What it throws is its own concern: it counts as not well. */
  readonly look: (signal: AbortSignal) => Promise<boolean>
}

/** Looks in quick succession that a failure brings: afterwards it is known, and looked at as usual. */
const QUICK_LOOKS = 60
/** Share of the interval by which looks are moved about, so that many sources never fall into step. */
const JITTER = 0.1

/**
 * Looks at random within the first interval, then at intervals from start to start, moved by up to a tenth. A look
 * that takes longer than its interval is not overtaken: the next one follows at once.
 */
export function startSchedule(options: ScheduleOptions): Schedule {
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopping.signal, options.signal])
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let failures = 0

  async function look(): Promise<void> {
    const beganAt = performance.now()
    const isWell = await options.look(signal).catch(() => false)
    failures = isWell ? 0 : failures + 1
    if (signal.aborted) return
    const tookMs = performance.now() - beganAt
    later(Math.max(0, nextInMs({ ...options, failures }) - tookMs))
  }
  function later(delayMs: number): void {
    timer = setTimeout(() => {
      running = look()
    }, delayMs)
  }
  const end = (): void => clearTimeout(timer)
  options.signal.addEventListener('abort', end, { once: true })
  if (!signal.aborted) later(options.random() * Math.min(options.everyMs, FIRST_WITHIN_MS))
  return {
    async stop() {
      stopping.abort()
      end()
      options.signal.removeEventListener('abort', end)
      await running
    },
  }
}

/** Whoever starts the service wants to see soon that its sources work. */
const FIRST_WITHIN_MS = 1_000

/** The time from the start of one look to the start of the next. */
export function nextInMs(options: {
  readonly everyMs: number
  readonly everyMsWhileFailing?: number
  readonly random: () => number
  /** Looks in a row that were not well. */
  readonly failures: number
}): number {
  const { everyMs, everyMsWhileFailing = everyMs, random, failures } = options
  const isQuick = failures > 0 && failures <= QUICK_LOOKS
  const base = isQuick ? Math.min(everyMs, everyMsWhileFailing) : everyMs
  return base * (1 + JITTER * (2 * random() - 1))
}
