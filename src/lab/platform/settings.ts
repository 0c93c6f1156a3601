import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Fleet } from './fleet.ts'
import type { ChangeOptions, Changes, Configuration, Flags, ServiceName } from './lab-system.ts'
import type { SupervisedProcess } from './supervised-process.ts'

/** What was set on top of the platform's own environment, by service. */
export type Overlay = Map<ServiceName, ReadonlyMap<string, string | null>>

export function configuredWith(
  overlay: Overlay,
): (service: ServiceName, env: Record<string, string>) => Record<string, string> {
  return (service, env) => {
    const merged: Record<string, string> = { ...env }
    for (const [name, value] of overlay.get(service) ?? []) {
      if (value === null) delete merged[name]
      else merged[name] = value
    }
    return merged
  }
}

export type ConfigurationDeps = {
  readonly overlay: Overlay
  readonly fleet: Fleet
  readonly dependencies: Readonly<Record<'payment' | 'mail', SupervisedProcess>>
  readonly environmentOf: (service: ServiceName) => Record<string, string>
  readonly changes: Changes
  readonly inTurn: <T>(change: () => Promise<T>) => Promise<T>
}

type Values = ReadonlyMap<string, string | null>

const NOTHING: Values = new Map()

/** The environment of each service, as people set it on top of the platform's own. */
export class ServiceConfiguration implements Configuration {
  readonly #deps: ConfigurationDeps

  constructor(deps: ConfigurationDeps) {
    this.#deps = deps
  }

  get(service: ServiceName): Readonly<Record<string, string>> {
    return this.#deps.environmentOf(service)
  }

  async set(
    service: ServiceName,
    values: Readonly<Record<string, string | null>>,
    options: ChangeOptions = {},
  ): Promise<() => Promise<void>> {
    const before = this.#overlayOf(service)
    const given = Object.entries(values)
    await this.#deps.inTurn(() => this.#apply(service, new Map([...before, ...given]), options))
    return () =>
      this.#deps.inTurn(() => {
        const restored = new Map(this.#overlayOf(service)) // others may have set something meanwhile
        for (const [name] of given) {
          const old = before.get(name)
          if (old === undefined) restored.delete(name)
          else restored.set(name, old)
        }
        return this.#apply(service, restored, { ...options, gate: false })
      })
  }

  reset(service: ServiceName, name: string, options: ChangeOptions = {}): Promise<void> {
    return this.#deps.inTurn(() => {
      const rest = new Map(this.#overlayOf(service))
      rest.delete(name)
      return this.#apply(service, rest, options)
    })
  }

  #overlayOf(service: ServiceName): Values {
    return this.#deps.overlay.get(service) ?? NOTHING
  }

  async #apply(service: ServiceName, next: Values, options: ChangeOptions): Promise<void> {
    const before = this.#overlayOf(service)
    const old = this.get(service)
    this.#deps.overlay.set(service, next)
    this.#record(service, old, options)
    try {
      await this.#restart(service, options.gate !== false)
    } catch (error) {
      const refused = this.get(service)
      this.#deps.overlay.set(service, before)
      this.#record(service, refused, options)
      await this.#restart(service, false)
      throw error
    }
  }

  async #restart(service: ServiceName, gate: boolean): Promise<void> {
    const { fleet, dependencies } = this.#deps
    const restarts =
      service === 'app'
        ? fleet.instances.map((instance) => () => fleet.renew(instance, instance.release))
        : [() => dependencies[service].restart()]
    for (const restart of restarts) {
      await restart().catch((error: unknown) => {
        if (gate) throw error
      })
    }
  }

  #record(service: ServiceName, old: Readonly<Record<string, string>>, { who }: ChangeOptions): void {
    const now = this.get(service)
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (old[name] === now[name]) continue
      const [from, to] = [shown(name, old[name]), shown(name, now[name])]
      const change = { what: 'configuration', service, from, to }
      this.#deps.changes.record({ ...change, ...(who === undefined ? {} : { who }) })
    }
  }
}

/** `POOL_MAX=32`; a password is for nobody to read. */
function shown(name: string, value: string | undefined): string | null {
  return value === undefined ? null : `${name}=${withoutPassword(value)}`
}

export function withoutPassword(value: string): string {
  return value.replace(/\/\/([^:@/]+):[^@/]+@/, '//$1:(hidden)@')
}

/** Feature flags: a JSON file that every instance reads again when it changes. */
export async function createFlags(file: string, changes: Changes): Promise<Flags> {
  let flags: Readonly<Record<string, boolean>> = {} // what is not there is off

  async function write(): Promise<void> {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.partial`, `${JSON.stringify(flags, null, 2)}\n`)
    await rename(`${file}.partial`, file)
  }

  await write()
  return {
    get: (name) => flags[name] ?? false,
    all: () => flags,
    async set(name, value, { who } = {}) {
      if (!/^[a-z][a-z0-9-]{0,60}$/.test(name)) {
        throw new AppError('USAGE', `expected the name of a flag, such as gift-notes, found "${name}"`)
      }
      const from = String(flags[name] ?? false)
      flags = { ...flags, [name]: value }
      await write()
      const change = { what: 'flag', service: 'shop', from: `${name}=${from}`, to: `${name}=${value}` }
      changes.record({ ...change, ...(who === undefined ? {} : { who }) })
    },
  }
}
