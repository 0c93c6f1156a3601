import type { Intake, Taken } from '../src/telemetry/intake.ts'
import type { TelemetryBatch } from '../src/telemetry/telemetry-batch.ts'

type ItemsOf<Kind extends TelemetryBatch['kind']> = Extract<TelemetryBatch, { kind: Kind }>['items'][number]

/** An intake that keeps what it is given in memory, and refuses when it is told to. */
export type FakeIntake = Intake & {
  /** Everything of one kind that was stored, in order. */
  items<Kind extends TelemetryBatch['kind']>(kind: Kind): readonly ItemsOf<Kind>[]
  /** What is answered from now on; null: everything is stored. */
  refuse(answer: Extract<Taken, { kind: 'try-later' }> | null): void
}

export function fakeIntake(): FakeIntake {
  const stored: TelemetryBatch[] = []
  let refusal: Extract<Taken, { kind: 'try-later' }> | null = null
  return {
    async take(batches) {
      if (refusal !== null) return refusal
      stored.push(...batches)
      return { kind: 'stored' }
    },
    items: (kind) =>
      stored.flatMap((batch) =>
        batch.kind === kind ? (batch.items as readonly ItemsOf<typeof kind>[]) : [],
      ),
    refuse(answer) {
      refusal = answer
    },
  }
}
