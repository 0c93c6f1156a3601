import type { Intake, Taken } from '../src/telemetry/intake.ts'
import type { TelemetryBatch } from '../src/telemetry/telemetry-batch.ts'

type ItemsOf<Kind extends TelemetryBatch['kind']> = Extract<TelemetryBatch, { kind: Kind }>['items'][number]

/** An intake that keeps what it is given in memory, and refuses when it is told to. */
export type FakeIntake = Intake & {
  /** Everything of one kind that was stored, in order. */
  items<Kind extends TelemetryBatch['kind']>(kind: Kind): readonly ItemsOf<Kind>[]
  /** What is answered from now on; null: everything is stored. */
  refuse(answer: Extract<Taken, { kind: 'try-later' }> | null): void
  /** Answers with what this makes, which may take its time or fail. */
  answerWith(make: () => Promise<Taken>): void
}

export function fakeIntake(): FakeIntake {
  const stored: TelemetryBatch[] = []
  let refusal: Extract<Taken, { kind: 'try-later' }> | null = null
  let answer = async (): Promise<Taken> => refusal ?? { kind: 'stored' }
  return {
    async take(batches) {
      const taken = await answer()
      if (taken.kind === 'try-later') return taken
      stored.push(...batches)
      return taken
    },
    items: (kind) =>
      stored.flatMap((batch) =>
        batch.kind === kind ? (batch.items as readonly ItemsOf<typeof kind>[]) : [],
      ),
    refuse(given) {
      refusal = given
    },
    answerWith(make) {
      answer = make
    },
  }
}
