import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Fleet } from './fleet.ts'
import type { Changes, Configuration, Flags, ServiceName } from './lab-system.ts'
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

/** Never in a change event: what people must not read there. */
const SECRET = /URL|PASSWORD|TOKEN|KEY|SECRET/

export function createConfiguration(deps: ConfigurationDeps): Configuration {
  const { overlay, fleet, dependencies, changes } = deps

  async function restart(service: ServiceName, gate: boolean): Promise<void> {
    const restarts =
      service === 'app'
        ? fleet.instances.map((instance) => () => fleet.renew(instance, instance.release))
        : [() => dependencies[service].restart()]
    for (const again of restarts) {
      await again().catch((error: unknown) => {
        if (gate) throw error
      })
    }
  }

  async function apply(
    service: ServiceName,
    next: ReadonlyMap<string, string | null>,
    options: { readonly who?: string; readonly gate?: boolean },
  ): Promise<void> {
    const before = overlay.get(service) ?? new Map<string, string | null>()
    const old = deps.environmentOf(service)
    overlay.set(service, next)
    const now = deps.environmentOf(service)
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (old[name] === now[name]) continue
      const shown = (value: string | undefined): string | null =>
        value === undefined ? null : SECRET.test(name) ? `${name}=(hidden)` : `${name}=${value}`
      const change = { what: 'configuration', service, from: shown(old[name]), to: shown(now[name]) }
      changes.record({ ...change, ...(options.who === undefined ? {} : { who: options.who }) })
    }
    try {
      await restart(service, options.gate !== false)
    } catch (error) {
      overlay.set(service, before)
      await restart(service, false)
      throw error
    }
  }

  return {
    get: (service) => deps.environmentOf(service),
    async set(service, values, options = {}) {
      const given = Object.entries(values)
      const before = overlay.get(service) ?? new Map<string, string | null>()
      await deps.inTurn(() => apply(service, new Map([...before, ...given]), options))
      return () =>
        deps.inTurn(() => {
          const restored = new Map(overlay.get(service))
          for (const [name] of given) {
            const old = before.get(name)
            if (old === undefined) restored.delete(name)
            else restored.set(name, old)
          }
          return apply(service, restored, { ...options, gate: false })
        })
    },
    reset: (service, name, options = {}) =>
      deps.inTurn(() => {
        const rest = new Map(overlay.get(service))
        rest.delete(name)
        return apply(service, rest, options)
      }),
  }
}

/** Feature flags: a JSON file that every instance reads again when it changes. */
export async function createFlags(file: string, changes: Changes, known: readonly string[]): Promise<Flags> {
  let flags: Record<string, boolean> = Object.fromEntries(known.map((name) => [name, false]))

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

/** Flags as the repository's `config/flags.json` has them, where it has one. */
export async function defaultFlags(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '{}')
  return Object.keys(JSON.parse(text) as Record<string, boolean>)
}
