import type { EpochMs } from '../../time.ts'
import type { Intake } from '../intake.ts'

/** What every source of telemetry needs of the world. */
export type SourceDeps = {
  readonly intake: Intake
  readonly now: () => EpochMs
  /** Uniform in [0, 1): spreads looks in time. */
  readonly random: () => number
  /** Aborting it is `stop()`. */
  readonly signal: AbortSignal
}

/** How a source does. */
export type SourceState = {
  /** `waiting`: intake is full or the store is away; `failing`: the source cannot see what it should look at. */
  readonly kind: 'starting' | 'working' | 'waiting' | 'failing'
  /** '' while it works; else what was expected and what was found. */
  readonly reason: string
  /** When something was last handed on and stored. */
  readonly lastAt: EpochMs | null
  /** Items that were stored. */
  readonly taken: number
  /** Items that were given up because intake stayed full for too long. Log files never give up: they wait. */
  readonly dropped: number
}

/** A running way in. */
export type Source = {
  /** Ends it: no timer, connection or file stays open. */
  stop(): Promise<void>
  state(): SourceState
}
