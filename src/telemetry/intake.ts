import type { TelemetryBatch } from './telemetry-batch.ts'

/** `stored`: it survives a crash of ours. `try-later`: nothing of it was kept; the sender should come again. */
export type Taken =
  | { readonly kind: 'stored' }
  | { readonly kind: 'try-later'; readonly afterMs: number; readonly reason: string }

/**
 * Where every way in hands its batches: secrets are redacted, the store keeps them, detection sees them.
 *
 *   source ─► Intake.take ─► redact ─► store (acknowledged) ─► detection
 *                 └─ full, or the store is away: try-later, and the source tells its sender so
 */
export type Intake = {
  /** All of it or nothing. Settles when it is safe; never throws for what the sender could not know. */
  readonly take: (batches: readonly TelemetryBatch[]) => Promise<Taken>
  /** Has them judged now, where they will be kept later under the same identity: for what we look at ourselves. */
  readonly see?: (batches: readonly TelemetryBatch[]) => void
}
