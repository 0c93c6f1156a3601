import type { Resource, TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import { resourcesOf } from './resources-of.ts'

/** One process, by the `process.pid` of what it sends; times are those of our own clock. */
export type SeenProcess = {
  readonly pid: string
  readonly version: string
  readonly firstAt: EpochMs
  lastAt: EpochMs
}

/** A `service.instance.id` and the processes that spoke for it, in the order in which they came. */
export type SeenInstance = {
  readonly service: string
  readonly instance: string
  processes: readonly SeenProcess[]
}

export type ProcessTable = {
  readonly observe: (batch: TelemetryBatch, now: EpochMs) => void
  readonly all: () => Iterable<SeenInstance>
  /** When the newest of several processes was first heard of; null where there was one at most. */
  readonly startedAnew: (service: string, instance: string) => EpochMs | null
  /** Takes out what has been silent for an hour. */
  readonly sweep: (now: EpochMs) => void
}

const MAX_INSTANCES = 5000
const MAX_PROCESSES = 16
const SILENT_MS = 3_600_000

/** Which processes an instance has been, for telling a restart from a change of behaviour. */
export function createProcessTable(): ProcessTable {
  const instances = new Map<string, SeenInstance>()

  function instanceOf(service: string, instance: string): SeenInstance | null {
    const key = keyOf(service, instance)
    const known = instances.get(key)
    if (known || instances.size >= MAX_INSTANCES) return known ?? null
    const made = { service, instance, processes: [] }
    instances.set(key, made)
    return made
  }

  function heard({ serviceName, serviceInstance, serviceVersion, attributes }: Resource, now: EpochMs): void {
    const pid = attributes.get('process.pid')
    if (pid === undefined || serviceInstance === '') return
    const instance = instanceOf(serviceName, serviceInstance)
    if (instance === null) return
    const known = instance.processes.find((process) => process.pid === pid)
    if (known) known.lastAt = now
    else {
      const came = { pid, version: serviceVersion, firstAt: now, lastAt: now }
      instance.processes = [...instance.processes, came].slice(-MAX_PROCESSES)
    }
  }

  return {
    observe(batch, now) {
      for (const resource of resourcesOf(batch)) heard(resource, now)
    },
    all: () => instances.values(),
    startedAnew(service, instance) {
      const processes = instances.get(keyOf(service, instance))?.processes ?? []
      return processes.length < 2 ? null : (processes.at(-1)?.firstAt ?? null)
    },
    sweep(now) {
      for (const [key, { processes }] of instances)
        if (processes.every(({ lastAt }) => lastAt <= now - SILENT_MS)) instances.delete(key)
    },
  }
}

const keyOf = (service: string, instance: string): string => `${service}\u0000${instance}`
