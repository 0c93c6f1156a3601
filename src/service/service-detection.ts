import type { DetectionEvent, LiveDetection, LiveDetector } from '../detect/index.ts'
import type { EventHub } from './event-hub.ts'
import { readKept, writeKept } from './kept-file.ts'
import type { Taken } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

export type DetectionDeps = {
  readonly detector: LiveDetector
  readonly hub: EventHub
  readonly save: (events: readonly DetectionEvent[]) => Promise<Taken>
  /** Detections that the store holds as going on. */
  readonly storedOpen: () => Promise<readonly LiveDetection[]>
  readonly snapshotFile: string
  readonly now: () => EpochMs
  readonly note: (text: string) => void
}

export type RunningDetection = {
  /** What was detected and is not in the store yet. */
  readonly unsaved: () => number
  /** The last look, saves and the snapshot are done. */
  readonly stop: () => Promise<void>
}

/** How often detection looks: the delay of a detection is half of it more. */
const TICK_MS = 250
const SNAPSHOT_MS = 15_000
/** While the store is away; beyond, the oldest are dropped (they were told of, and the snapshot has what is open). */
const MOST_UNSAVED = 20_000

/**
 * Lets detection look four times a second, tells of what it says, and keeps it: in the store, and its own state in a
 * file, so that after a crash what was open is still open.
 */
export async function runDetection(deps: DetectionDeps): Promise<RunningDetection> {
  const { detector, hub, now, note } = deps
  await restore(deps)
  let unsaved: readonly DetectionEvent[] = []
  let saving: Promise<void> | null = null
  let writing: Promise<void> | null = null
  let nextSnapshotAt = now() + SNAPSHOT_MS

  function keep(events: readonly DetectionEvent[]): void {
    unsaved = [...unsaved, ...events].slice(-MOST_UNSAVED)
    for (const event of events) hub.publish('detection', event)
  }

  async function saveUnsaved(): Promise<void> {
    const events = new Set(unsaved)
    const taken = await deps.save([...events])
    if (taken.kind === 'stored') unsaved = unsaved.filter((event) => !events.has(event))
  }

  async function writeSnapshot(): Promise<void> {
    nextSnapshotAt = now() + SNAPSHOT_MS
    try {
      await writeKept(deps.snapshotFile, detector.snapshot())
    } catch (cause) {
      note(`the state of detection could not be kept: ${String(cause)}`)
    }
  }

  function tick(): void {
    const events = detector.tick(now())
    if (events.length > 0) keep(events)
    const isNews = events.some(({ kind }) => kind !== 'updated')
    if (unsaved.length > 0) saving ??= saveUnsaved().finally(() => (saving = null))
    if (isNews || now() >= nextSnapshotAt) writing ??= writeSnapshot().finally(() => (writing = null))
  }

  await endTheForgotten(deps, keep)
  const timer = setInterval(tick, TICK_MS)
  return {
    unsaved: () => unsaved.length,
    async stop() {
      clearInterval(timer)
      tick()
      await saving
      await writing
      if (unsaved.length > 0) await saveUnsaved()
      await writeSnapshot()
    },
  }
}

async function restore({ detector, snapshotFile, note }: DetectionDeps): Promise<void> {
  const snapshot = await readKept(snapshotFile)
  if (snapshot === null) return
  const restored = detector.restore(snapshot)
  if (!restored.ok) note(`detection begins anew: its kept state was refused (${restored.reason})`)
}

/**
 * What the store holds as going on, and detection no longer knows, did end for us: we saw nothing of it since. It is
 * said so, for a list of detections that never end is worth nothing.
 */
async function endTheForgotten(
  { detector, storedOpen, now, note }: DetectionDeps,
  keep: (events: readonly DetectionEvent[]) => void,
): Promise<void> {
  try {
    const known = new Set(detector.active().map(({ id }) => id))
    const forgotten = (await storedOpen()).filter(({ id }) => !known.has(id))
    keep(
      forgotten.map((detection) => ({
        at: now(),
        kind: 'ended',
        detection: {
          ...detection,
          endedAt: now(),
          summary: `${detection.summary} (not known any more after a restart)`,
        },
      })),
    )
  } catch (cause) {
    note(`what was open before this start could not be read: ${String(cause)}`)
  }
}
