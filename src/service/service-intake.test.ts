import { expect, test } from 'vitest'
import { createServiceIntake } from './service-intake.ts'
import { createRedactBatches, type Taken, type TelemetryBatch } from '../telemetry/index.ts'

const report = (text: string): TelemetryBatch => ({
  kind: 'reports',
  items: [{ id: '1', at: 1, text, service: null, url: null, source: 'api' }],
})

function textOf(batches: readonly TelemetryBatch[]): readonly string[] {
  return batches.flatMap((batch) => (batch.kind === 'reports' ? batch.items.map(({ text }) => text) : []))
}

function intakeWith(append: (batches: readonly TelemetryBatch[]) => Promise<Taken>) {
  const stored: string[] = []
  const observed: string[] = []
  const intake = createServiceIntake({
    redact: () => createRedactBatches(),
    append: async (batches) => {
      const taken = await append(batches)
      if (taken.kind === 'stored') stored.push(...textOf(batches))
      return taken
    },
    observe: (batches) => void observed.push(...textOf(batches)),
    onStored: () => {},
    now: () => 0,
  })
  return { intake, stored, observed }
}

const STORED: Taken = { kind: 'stored' }
const LATER: Taken = { kind: 'try-later', afterMs: 100, reason: 'full' }

test('secrets are gone before anything is stored or judged', async () => {
  const { intake, stored, observed } = intakeWith(async () => STORED)
  await intake.forSenders.take([report('password=hunter2')])
  expect(stored).toEqual(['password=[redacted]'])
  expect(observed).toEqual(stored)
})

test('what a sender will send again is judged once, when it is stored', async () => {
  const answers = [LATER, STORED]
  const { intake, observed } = intakeWith(async () => answers.shift() ?? STORED)
  expect(await intake.forSenders.take([report('a')])).toEqual(LATER)
  expect(observed).toEqual([])
  await intake.forSenders.take([report('a')])
  expect(observed).toEqual(['a'])
})

test('our own probes are judged at once and once, though the store is away', async () => {
  const answers = [LATER, LATER, STORED]
  const { intake, stored, observed } = intakeWith(async () => answers.shift() ?? STORED)
  const batches = [report('down')]
  intake.forOwnSources.see?.(batches)
  expect(observed).toEqual(['down'])
  await intake.forOwnSources.take(batches)
  await intake.forOwnSources.take(batches)
  await intake.forOwnSources.take(batches)
  expect(observed).toEqual(['down'])
  expect(stored).toEqual(['down'])
})

test('when it stops it takes nothing more, and waits for what it took', async () => {
  const gate = Promise.withResolvers<Taken>()
  const { intake, stored } = intakeWith(() => gate.promise)
  const first = intake.forSenders.take([report('first')])
  const stopping = intake.stop()
  expect((await intake.forSenders.take([report('late')])).kind).toBe('try-later')
  expect((await intake.forOwnSources.take([report('late')])).kind).toBe('try-later')
  gate.resolve(STORED)
  await stopping
  await first
  expect(stored).toEqual(['first'])
  expect(intake.figures().stored.get('reports')).toBe(1)
})
