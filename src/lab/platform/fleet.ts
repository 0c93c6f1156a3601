import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { BalancerLink } from './balancer-link.ts'
import { freePort } from './free-port.ts'
import type { Release } from './lab-system.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { SupervisedProcess } from './supervised-process.ts'

/** One instance of the application, behind the balancer. */
export type Instance = {
  readonly name: string
  readonly port: number
  readonly process: SupervisedProcess
  release: Release
  weight: number
  /** Somebody took it out of service; deploys leave it out. */
  isDrained: boolean
}

export type FleetDeps = {
  readonly balancer: BalancerLink
  /** Where each instance has a folder for its own files. */
  readonly folder: string
  readonly specOf: (name: string, instance: () => Instance) => ProcessSpec
  readonly supervise: (spec: ProcessSpec) => SupervisedProcess
  readonly forget: (name: string) => void
}

const DRAIN_WITHIN_MS = 2_000

/** The application's instances: how many there are, what they run, and who gets requests. */
export class Fleet {
  readonly #deps: FleetDeps
  readonly #instances: Instance[] = []
  /** Those that are just being renewed or taken away. */
  readonly #heldBack = new Set<string>()
  #named = 0

  constructor(deps: FleetDeps) {
    this.#deps = deps
  }

  get instances(): readonly Instance[] {
    return this.#instances
  }

  /** Throws `LAB_NAME_UNKNOWN`. */
  get(name: string): Instance {
    const found = this.#instances.find((one) => one.name === name)
    if (found !== undefined) return found
    const known = this.#instances.map((one) => one.name).join(', ')
    throw new AppError('LAB_NAME_UNKNOWN', `expected an instance (${known}), found "${name}"`)
  }

  /** Resolves when it is ready; it gets requests with the next `publish`. */
  async add(release: Release): Promise<Instance> {
    const name = `app-${(this.#named += 1)}` // before anything is waited for: several are added at once
    const port = await freePort()
    await mkdir(join(this.#deps.folder, name), { recursive: true })
    const spec = this.#deps.specOf(name, () => instance)
    const process = this.#deps.supervise(spec)
    const instance: Instance = { name, port, release, process, weight: 1, isDrained: false }
    this.#instances.push(instance)
    this.#instances.sort((a, b) => a.name.localeCompare(b.name))
    await process.start()
    return instance
  }

  /** Takes the newest instance away. */
  async removeLast(): Promise<void> {
    const last = this.#instances.at(-1)
    if (last === undefined) return
    await this.#withoutRequests(last, async () => {
      await last.process.stop()
      this.#instances.pop()
      this.#named -= 1
      this.#deps.forget(last.name)
    })
  }

  /**
   * Out of the balancer, ended, started with this release, back in when it is ready. One that does not become ready
   * fails the balancer's own checks, and the error says why.
   */
  async renew(instance: Instance, release: Release): Promise<void> {
    await this.#withoutRequests(instance, async () => {
      instance.release = release
      await instance.process.restart()
    })
  }

  /** Tells the balancer who there is. */
  async publish(): Promise<void> {
    const backends = this.#instances.map(({ name, port, weight, isDrained }) => ({
      name,
      port,
      weight: isDrained || this.#heldBack.has(name) ? 0 : weight,
    }))
    await this.#deps.balancer.configure({ backends })
  }

  async #withoutRequests(instance: Instance, change: () => Promise<void>): Promise<void> {
    this.#heldBack.add(instance.name)
    await this.publish()
    const isServed = this.#instances.some(
      ({ name, isDrained, process }) => !isDrained && !this.#heldBack.has(name) && process.state === 'up',
    )
    // Where nobody else serves, those who wait here are not helped by waiting longer.
    await this.#deps.balancer.drained(instance.name, isServed ? DRAIN_WITHIN_MS : 0)
    try {
      await change()
    } finally {
      this.#heldBack.delete(instance.name)
      await this.publish()
    }
  }
}
