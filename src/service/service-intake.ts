import type { Intake, RedactBatches, SignalKind, Taken, TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

export type IntakeDeps = {
  /** The redaction of the moment; the configuration may change it. */
  readonly redact: () => RedactBatches
  readonly append: (batches: readonly TelemetryBatch[]) => Promise<Taken>
  readonly observe: (batches: readonly TelemetryBatch[], now: EpochMs) => void
  /** Told of what was stored, for those who follow along. */
  readonly onStored: (batches: readonly TelemetryBatch[]) => void
  readonly now: () => EpochMs
}

export type IntakeFigures = {
  readonly stored: ReadonlyMap<SignalKind, number>
  readonly triedLater: number
  /** How long the newest batch waited for the store. */
  readonly lagMs: number
}

export type ServiceIntake = {
  /**
   * For senders: what is not stored is not judged either, for it will come again.
   *
   *     redact ─► store ─► detection
   */
  readonly forSenders: Intake
  /**
   * For our own probes and tails, who come again with the same batches: judged at once, whether or not the store is
   * there to keep them.
   *
   *     redact ─► detection
   *        └────► store
   */
  readonly forOwnSources: Intake
  /** From now on everybody is asked to come later; settles when what was taken is stored. */
  readonly stop: () => Promise<void>
  readonly figures: () => IntakeFigures
}

const STOPPING: Taken = { kind: 'try-later', afterMs: 5_000, reason: 'Firebreak is shutting down' }

export function createServiceIntake(deps: IntakeDeps): ServiceIntake {
  const stored = new Map<SignalKind, number>()
  const underWay = new Set<Promise<Taken>>()
  const known = new WeakMap<readonly TelemetryBatch[], readonly TelemetryBatch[]>()
  let triedLater = 0
  let lagMs = 0
  let isStopping = false

  async function store(clean: readonly TelemetryBatch[]): Promise<Taken> {
    const since = deps.now()
    const appending = deps.append(clean)
    underWay.add(appending)
    const taken = await appending.finally(() => underWay.delete(appending))
    lagMs = deps.now() - since
    if (taken.kind === 'try-later') triedLater++
    else {
      for (const { kind, items } of clean) stored.set(kind, (stored.get(kind) ?? 0) + items.length)
      deps.onStored(clean)
    }
    return taken
  }

  function judgedAndClean(batches: readonly TelemetryBatch[]): readonly TelemetryBatch[] {
    const before = known.get(batches)
    if (before !== undefined) return before
    const clean = deps.redact()(batches)
    known.set(batches, clean)
    deps.observe(clean, deps.now())
    return clean
  }

  return {
    forSenders: {
      async take(batches) {
        if (isStopping) return STOPPING
        const clean = deps.redact()(batches)
        const taken = await store(clean)
        if (taken.kind === 'stored') deps.observe(clean, deps.now())
        return taken
      },
    },
    forOwnSources: {
      see(batches) {
        if (!isStopping) judgedAndClean(batches)
      },
      take: async (batches) => (isStopping ? STOPPING : store(judgedAndClean(batches))),
    },
    async stop() {
      isStopping = true
      await Promise.allSettled(underWay)
    },
    figures: () => ({ stored: new Map(stored), triedLater, lagMs }),
  }
}
