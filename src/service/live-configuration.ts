import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../contract/config.ts'
import type { LiveDetector } from '../detect/index.ts'
import type { EventHub } from './event-hub.ts'
import { AppError } from '../errors.ts'
import { problemsInWords, readConfigFile, type ConfigPlace } from './service-config.ts'
import { policiesOf } from './service-policies.ts'
import type { RunningSources } from './service-sources.ts'
import type { Reload } from './service.ts'
import type { Silences } from './silences.ts'
import type { TelemetryStore } from '../store/index.ts'
import { createRedactBatches, type RedactBatches } from '../telemetry/index.ts'

export type LiveConfigurationDeps = {
  readonly place: ConfigPlace
  /** What the command line says, on top of any file. */
  readonly override: (config: Config) => Config
  readonly detector: LiveDetector
  readonly silences: Silences
  readonly store: Pick<TelemetryStore, 'setRetention'>
  readonly sources: RunningSources
  readonly hub: EventHub
  readonly note: (text: string) => void
}

/** The configuration in force, and what is made of it. */
export type LiveConfiguration = {
  readonly config: () => Config
  readonly redact: () => RedactBatches
  /** Silences changed without the file. */
  readonly refreshDetection: () => void
  /** Reads the file again. A broken one is refused as a whole, and what was in force stays. */
  readonly reload: () => Promise<Reload>
  readonly refused: () => string | null
}

/** What only a start can change. */
const FIXED = ['data', 'listen', 'engine'] as const

export function createLiveConfiguration(deps: LiveConfigurationDeps, first: Config): LiveConfiguration {
  let config = first
  let redact = createRedactBatches(rulesOf(first))
  let refused: string | null = null
  deps.silences.configure(first.silences)

  function refreshDetection(): void {
    deps.detector.configure({
      rules: config.rules,
      services: policiesOf(config),
      silences: deps.silences.all(),
      maintenance: config.maintenance,
    })
  }

  async function apply(next: Config): Promise<readonly string[]> {
    const before = config
    config = next
    if (!isDeepStrictEqual(before.redaction, next.redaction)) redact = createRedactBatches(rulesOf(next))
    deps.silences.configure(next.silences)
    refreshDetection()
    await deps.sources.configure(next)
    if (!isDeepStrictEqual(before.retention, next.retention)) await deps.store.setRetention(next.retention)
    return needsRestart(before, next)
  }

  async function readAndApply(): Promise<Reload> {
    const read = await readConfigFile(deps.place)
    if (!read.ok) return { ok: false, problems: problemsInWords(deps.place.file ?? '', read.problems) }
    return { ok: true, notes: await apply(deps.override(read.config)) }
  }

  async function reload(): Promise<Reload> {
    const outcome = await readAndApply().catch((error: unknown): Reload => {
      if (!(error instanceof AppError)) throw error
      return { ok: false, problems: error.message }
    })
    refused = outcome.ok ? null : outcome.problems
    if (outcome.ok) deps.note(['configuration read again', ...outcome.notes].join('; '))
    else deps.note(`configuration refused, the one before stays in force:\n${outcome.problems}`)
    deps.hub.publish('configuration', outcome)
    return outcome
  }

  let reloading: Promise<unknown> = Promise.resolve()
  return {
    config: () => config,
    redact: () => redact,
    refreshDetection,
    reload() {
      // One after the other: an editor that saves twice must not interleave two of them.
      const mine = reloading.then(reload)
      reloading = mine.catch(() => {})
      return mine
    },
    refused: () => refused,
  }
}

function rulesOf({ redaction }: Config) {
  return {
    attributes: redaction.attributes,
    patterns: redaction.patterns.map(({ pattern, replacement }) => ({
      pattern: new RegExp(pattern, 'g'),
      replacement,
    })),
  }
}

function needsRestart(before: Config, next: Config): readonly string[] {
  const changed: string[] = FIXED.filter((key) => !isDeepStrictEqual(before[key], next[key]))
  if (!isDeepStrictEqual(before.sources.otlp, next.sources.otlp)) changed.push('sources.otlp')
  if (!isDeepStrictEqual(before.sources.remoteWrite, next.sources.remoteWrite))
    changed.push('sources.remoteWrite')
  return changed.map((key) => `${key} changes with the next start`)
}
