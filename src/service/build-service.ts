import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { Config } from '../contract/config.ts'
import type { DataDirectory } from './data-directory.ts'
import { createLiveDetection, type LiveDetector } from '../detect/index.ts'
import { createEventHub, type EventHub } from './event-hub.ts'
import { createLiveConfiguration, type LiveConfiguration } from './live-configuration.ts'
import type { Parts } from '../parts.ts'
import { removeServeFile, writeServeFile } from './serve-file.ts'
import { watchConfigFile, type ConfigPlace, type GoodConfig } from './service-config.ts'
import { runDetection, type RunningDetection } from './service-detection.ts'
import { storedEvents } from './service-events.ts'
import { createServiceIntake, type ServiceIntake } from './service-intake.ts'
import { policiesOf } from './service-policies.ts'
import { openReceivers, type Receivers } from './service-receivers.ts'
import { createRunningSources, type RunningSources } from './service-sources.ts'
import { liveWebhooks } from './service-webhooks.ts'
import type { OpenDoor, Service } from './service.ts'
import { openSilences, type Silences } from './silences.ts'
import { openTelemetryStore, type TelemetryStore } from '../store/index.ts'
import { VERSION } from '../version.ts'

export type Building = {
  readonly parts: Parts
  readonly doing: {
    readonly note: (text: string) => void
    readonly openDoor: OpenDoor
    readonly onHangUp: (handle: () => void) => void
  }
  readonly place: ConfigPlace
  readonly override: (config: Config) => Config
  readonly directory: DataDirectory
  /** Closes what was opened, last first. */
  readonly stack: AsyncDisposableStack
}

export type BuiltService = {
  readonly url: string
  readonly listening: readonly string[]
  /** Takes nothing more; settles when what was taken is stored. */
  readonly drain: () => Promise<void>
}

/**
 * Opens everything that `serve` is, in the order in which it needs each other.
 *
 *     store ─► detection ─► intake ─► receivers, door ─► own sources
 */
export async function buildService(building: Building, first: GoodConfig): Promise<BuiltService> {
  const core = await openCore(building, first.config)
  const ways = await openWays(building, core, first)
  const state = { isStopping: false }
  const service = serviceOf(building, { ...core, ...ways, state })
  const door = await building.doing.openDoor(service, first.config.listen)
  building.stack.defer(() => door.close(DOOR_GRACE_MS))
  await ways.sources.configure(first.config)
  building.stack.defer(() => ways.sources.stop())
  await announce(building, { url: door.url, token: first.config.listen.token })
  reloadWhenAsked(building, ways.live)
  return {
    url: door.url,
    listening: ways.receivers.listening,
    async drain() {
      state.isStopping = true
      await ways.intake.stop()
    },
  }
}

const DOOR_GRACE_MS = 2_000

type Core = {
  readonly store: TelemetryStore
  readonly hub: EventHub
  readonly silences: Silences
  readonly detector: LiveDetector
  readonly detection: RunningDetection
}

async function openCore({ parts, doing, directory, stack }: Building, config: Config): Promise<Core> {
  const { now } = parts
  const url = config.engine.url ?? parts.env['FIREBREAK_CLICKHOUSE_URL']
  const store = await openTelemetryStore({
    ...(url ? { url } : { directory: directory.telemetry }),
    retention: config.retention,
    memoryBytes: config.engine.memory,
    now,
    onNote: doing.note,
  })
  stack.defer(() => store.close())

  const hub = createEventHub(now)
  const silences = await openSilences(directory.silencesFile, now)
  silences.configure(config.silences)
  const { rules, maintenance } = config
  const policy = { rules, maintenance, services: policiesOf(config), silences: silences.all() }
  const failed = new Set<string>()
  const detector = createLiveDetection({
    ...policy,
    now: now(),
    onFailure(rule, error) {
      if (!failed.has(rule)) doing.note(`the rule ${rule} could not be judged: ${String(error)}`)
      failed.add(rule) // it is tried four times a second: once is enough to read
    },
  })
  const detection = await runDetection({
    detector,
    hub,
    save: (events) => store.saveDetectionEvents(events),
    storedOpen: async () => (await store.detections({ activeOnly: true, limit: 1_000 })).data,
    snapshotFile: directory.detectionFile,
    now,
    note: doing.note,
  })
  stack.defer(() => detection.stop())
  return { store, hub, silences, detector, detection }
}

type Ways = {
  readonly intake: ServiceIntake
  readonly sources: RunningSources
  readonly live: LiveConfiguration
  readonly receivers: Receivers
}

async function openWays(building: Building, core: Core, first: GoodConfig): Promise<Ways> {
  const { parts, doing, directory, place, stack } = building
  const { store, detector, hub } = core
  const stopper = new AbortController()
  stack.defer(() => stopper.abort())
  const intake = createServiceIntake({
    redact: () => live.redact(),
    append: (batches) => store.append(batches),
    observe: (batches, at) => detector.observe(batches, at),
    onStored: (batches) => storedEvents(batches, hub),
    now: parts.now,
  })
  const sources = createRunningSources({
    source: { intake: intake.forOwnSources, now: parts.now, random: parts.random, signal: stopper.signal },
    git: parts.git,
    directory,
    hostName: hostname(),
    // A path in the configuration counts from where it stands.
    cwd: place.file === null ? parts.cwd : dirname(resolve(parts.cwd, place.file)),
    note: doing.note,
  })
  const live = createLiveConfiguration({ ...building, ...core, sources, note: doing.note }, first.config)
  const retention = (): Config['retention'] => live.config().retention
  const receiving = { intake: intake.forSenders, now: parts.now, note: doing.note, retention }
  const receivers = await openReceivers(receiving, first)
  stack.defer(() => receivers.close())
  return { intake, sources, live, receivers }
}

type Open = Core & Ways & { readonly state: { readonly isStopping: boolean } }

function serviceOf({ parts: { now, newId } }: Building, open: Open): Service {
  const { store, hub, detector, intake, live, receivers, state } = open
  const webhooks = liveWebhooks({ intake: intake.forSenders, now }, live.config)
  return {
    version: VERSION,
    startedAt: now(),
    now,
    newId,
    config: live.config,
    stored: store,
    detector,
    hub,
    intake: intake.forSenders,
    redact: (batches) => live.redact()(batches),
    silences: refreshing(open.silences, live),
    webhook: (name, request) => webhooks().receive(name, request),
    receive: receivers.handle,
    reload: live.reload,
    state: () => ({
      isStopping: state.isStopping,
      isReady: !state.isStopping && store.isReady(),
      listening: receivers.listening,
      sources: open.sources.states(),
      received: receivers.counters.snapshot(),
      inFlightBytes: receivers.inFlightBytes(),
      intake: intake.figures(),
      unsavedDetections: open.detection.unsaved(),
      refusedConfiguration: live.refused(),
    }),
  }
}

/** Silences that detection hears of at once. */
function refreshing(silences: Silences, live: LiveConfiguration): Service['silences'] {
  return {
    all: () => silences.all(),
    async add(silence) {
      await silences.add(silence)
      live.refreshDetection()
    },
    async end(id) {
      const isEnded = await silences.end(id)
      if (isEnded) live.refreshDetection()
      return isEnded
    },
  }
}

/** Our own command line finds the server by this file. */
async function announce(
  { directory, stack }: Building,
  at: { readonly url: string; readonly token: string | null },
): Promise<void> {
  await writeServeFile(directory.serveFile, { ...at, pid: process.pid })
  stack.defer(() => removeServeFile(directory.serveFile))
}

function reloadWhenAsked({ place, doing, stack }: Building, live: LiveConfiguration): void {
  const watching = new AbortController()
  stack.defer(() => watching.abort())
  const reload = (): void => {
    if (!watching.signal.aborted) void live.reload()
  }
  doing.onHangUp(reload)
  if (place.file === null) return
  watchConfigFile(resolve(place.cwd, place.file), { onChange: reload, signal: watching.signal })
}
