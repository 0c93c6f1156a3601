import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aDetection, NOON } from '../../test/fake-service.ts'
import { START, tellStory } from '../../test/telemetry-story.ts'
import type { DetectionEvent, LiveDetection, LiveDetector } from '../detect/index.ts'
import { createEventHub } from './event-hub.ts'
import { runDetection } from './service-detection.ts'
import type { Taken } from '../telemetry/index.ts'

type Given = {
  readonly file?: string
  readonly events?: readonly DetectionEvent[]
  readonly active?: readonly LiveDetection[]
  readonly storedOpen?: () => Promise<readonly LiveDetection[]>
  readonly save?: (events: readonly DetectionEvent[]) => Promise<Taken>
}

/** Runs detection over a detector that says what it is told to. */
async function run(given: Given) {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-detection-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const snapshotFile = join(folder, 'detection.json')
  if (given.file !== undefined) writeFileSync(snapshotFile, given.file)
  let pending = given.events ?? []
  const restored: unknown[] = []
  const notes: string[] = []
  const told: DetectionEvent[] = []
  const saved: DetectionEvent[] = []
  const detector: Pick<LiveDetector, 'tick' | 'active' | 'snapshot' | 'restore'> = {
    tick: () => {
      const events = pending
      pending = []
      return events
    },
    active: () => given.active ?? [],
    snapshot: () => ({ schema: 1 }) as never,
    restore(kept) {
      restored.push(kept)
      return { ok: false, reason: 'of another version' }
    },
  }
  const hub = createEventHub(() => NOON)
  hub.subscribe(({ data }) => told.push(data as DetectionEvent))
  const running = await runDetection({
    detector: detector as LiveDetector,
    hub,
    save:
      given.save ??
      (async (events) => {
        saved.push(...events)
        return { kind: 'stored' }
      }),
    storedOpen: given.storedOpen ?? (async () => []),
    snapshotFile,
    now: () => NOON,
    note: (text) => notes.push(text),
  })
  return { running, restored, notes, told, saved, snapshotFile }
}

const detected: DetectionEvent = { at: NOON, kind: 'detected', detection: aDetection }

test('what is detected is told of and stored, also in the last look before the end', async () => {
  const { running, told, saved } = await run({ events: [detected] })
  await running.stop()
  expect(told).toEqual([detected])
  expect(saved).toEqual([detected])
  expect(running.unsaved()).toBe(0)
})

test('while the store is away detections are told of, and kept for later', async () => {
  const { running, told } = await run({
    events: [detected],
    save: async () => ({ kind: 'try-later', afterMs: 1, reason: 'away' }),
  })
  await running.stop()
  expect(told).toEqual([detected])
  expect(running.unsaved()).toBe(1)
})

test('what was open before a restart and is no longer known is said to have ended', async () => {
  const { running, saved } = await run({ storedOpen: async () => [aDetection] })
  await running.stop()
  expect(saved).toMatchObject([{ kind: 'ended', detection: { id: 'd1', endedAt: NOON } }])
})

test('what was open before a restart and is still known goes on', async () => {
  const { running, saved } = await run({ storedOpen: async () => [aDetection], active: [aDetection] })
  await running.stop()
  expect(saved).toEqual([])
})

test.each([
  ['{"schema":0}', [{ schema: 0 }], 'of another version'],
  ['{"schema":', [], ''],
])('a kept state of %j does not keep detection from beginning', async (file, restoredWith, note) => {
  const { running, restored, notes } = await run({ file })
  await running.stop()
  expect(restored).toEqual(restoredWith)
  expect(notes.join()).toContain(note)
})

test('a store that cannot say what was open does not keep detection from beginning', async () => {
  const { running, notes } = await run({ storedOpen: () => Promise.reject(new Error('away')) })
  await running.stop()
  expect(notes.join()).toContain('away')
})

test('what share of requests usually fails outlives a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-detection-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  /** One life of the service, with detection as it is; its first page says what is usual. */
  const life = async (...traffic: readonly [seconds: number, failing: number][]) => {
    const story = tellStory()
    const running = await runDetection({
      detector: story.detector,
      hub: createEventHub(() => START),
      save: async () => ({ kind: 'stored' }),
      storedOpen: async () => [],
      snapshotFile: join(folder, 'detection.json'),
      now: () => START + story.second() * 1000,
      note: () => {},
    })
    for (const [seconds, failing] of traffic) story.traffic(seconds, { perSecond: 167, failing })
    await running.stop()
    const evidence = story.pages()[0]?.detection.evidence ?? []
    return evidence.find(({ name }) => name === 'usual')?.value
  }
  const unheardOf = await life([10, 0], [10, 0.45])
  expect(unheardOf).toBeLessThan(0.0015)
  rmSync(join(folder, 'detection.json'))
  expect(await life([300, 0.003])).toBeUndefined()
  const known = await life([10, 0], [10, 0.45])
  expect(known).toBeGreaterThan(0.002)
  expect(known).toBeLessThan(0.0035)
})
