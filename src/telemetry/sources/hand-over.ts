import type { EpochMs } from '../../time.ts'
import type { Taken } from '../intake.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import type { SourceDeps, SourceState } from './source.ts'

/** Between a source and an intake that takes its time to keep things, or may be full. */
export type HandOver = {
  /**
   * Never waits: intake has it at once, to judge, whether or not what came before is kept yet. What cannot be kept now is
   * handed on again later, the newest `mostWaiting` gifts of it. `onStored` is called in the order of giving.
   */
  give(batches: readonly TelemetryBatch[], onStored?: () => void): void
  /** Hands everything on that can be, or gives up when intake is full; nothing is given afterwards. */
  close(): Promise<void>
  state(): Pick<SourceState, 'lastAt' | 'taken' | 'dropped'> & { readonly waitingFor: string | null }
}

type Given = {
  readonly batches: readonly TelemetryBatch[]
  readonly onStored: (() => void) | undefined
  state: 'waiting' | 'under way' | 'stored'
}

/** At one look every 5 s: the last 20 minutes. */
const MOST_WAITING = 240
const LONGEST_PAUSE_MS = 30_000
/** Intake answers and does not fail; should it, what it was given is not lost. */
const AFTER_FAILURE_MS = 1_000

type HandOverDeps = Pick<SourceDeps, 'intake' | 'now' | 'signal'>

/** Hands batches to intake in their order; all that is not kept again and again while it says `try-later`. */
export function createHandOver(deps: HandOverDeps, mostWaiting = MOST_WAITING): HandOver {
  return new Handing(deps, mostWaiting)
}

class Handing implements HandOver {
  readonly #deps: HandOverDeps
  readonly #mostWaiting: number
  /** Oldest first. */
  readonly #given: Given[] = []
  readonly #underWay = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  #pausing: Promise<void> | null = null
  #lastAt: EpochMs | null = null
  #taken = 0
  #dropped = 0
  #waitingFor: string | null = null

  constructor(deps: HandOverDeps, mostWaiting: number) {
    this.#deps = deps
    this.#mostWaiting = mostWaiting
  }

  give(batches: readonly TelemetryBatch[], onStored?: () => void): void {
    this.#deps.intake.see?.(batches)
    const one: Given = { batches, onStored, state: 'waiting' }
    this.#given.push(one)
    if (this.#given.length > this.#mostWaiting) this.#dropped += itemsIn(this.#given.shift()?.batches ?? [])
    if (this.#pausing === null) this.#start(one)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    while (this.#pausing !== null || this.#underWay.size > 0)
      await Promise.all([this.#pausing, ...this.#underWay])
    for (const { batches } of this.#given.splice(0)) this.#dropped += itemsIn(batches)
  }

  state() {
    return {
      lastAt: this.#lastAt,
      taken: this.#taken,
      dropped: this.#dropped,
      waitingFor: this.#waitingFor,
    }
  }

  #start(one: Given): void {
    one.state = 'under way'
    const handing = this.#hand(one).finally(() => this.#underWay.delete(handing))
    this.#underWay.add(handing)
  }

  async #hand(one: Given): Promise<void> {
    const answer = await this.#take(one.batches)
    if (answer.kind === 'try-later') {
      one.state = 'waiting'
      this.#waitingFor = answer.reason
      this.#tryLater(answer.afterMs)
      return
    }
    one.state = 'stored'
    this.#taken += itemsIn(one.batches)
    this.#lastAt = this.#deps.now()
    if (this.#pausing === null) this.#waitingFor = null
    while (this.#given[0]?.state === 'stored') this.#given.shift()?.onStored?.()
  }

  async #take(batches: readonly TelemetryBatch[]): Promise<Taken> {
    try {
      return await this.#deps.intake.take(batches)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { kind: 'try-later', afterMs: AFTER_FAILURE_MS, reason }
    }
  }

  #tryLater(afterMs: number): void {
    if (this.#closing.signal.aborted || this.#pausing !== null) return
    const signal = AbortSignal.any([this.#closing.signal, this.#deps.signal])
    this.#pausing = pause(Math.min(afterMs, LONGEST_PAUSE_MS), signal).then(() => {
      this.#pausing = null
      if (this.#deps.signal.aborted) return
      for (const one of this.#given) if (one.state === 'waiting') this.#start(one)
    })
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
