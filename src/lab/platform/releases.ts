import { AppError } from '../../errors.ts'
import type { BalancerLink } from './balancer-link.ts'
import type { Fleet, Instance } from './fleet.ts'
import type { Changes, ChangeOptions, Release, Releases } from './lab-system.ts'
import type { Worktrees } from './worktrees.ts'

export type ReleasesDeps = {
  readonly fleet: Fleet
  readonly worktrees: Worktrees
  readonly balancer: BalancerLink
  readonly changes: Changes
  readonly repository: string
  readonly inTurn: <T>(change: () => Promise<T>) => Promise<T>
  /** What runs from the start, and what ran before. */
  readonly current: Release
  readonly previous: Release | null
  /** What payment and mail run from: not to be removed. */
  readonly dependencies: Release
}

/** More would not fit a machine of two cores. */
const MAX_INSTANCES = 8
const KEPT_RELEASES = 50

/** What the application runs: one release at a time, but while a deploy is under way or a canary is out. */
export class ShopReleasing implements Releases {
  readonly repository: string
  readonly #deps: ReleasesDeps
  /** Newest last; a rollback goes one back, and forgets what it left. */
  #history: readonly Release[]

  constructor(deps: ReleasesDeps) {
    this.repository = deps.repository
    this.#deps = deps
    this.#history = deps.previous === null ? [deps.current] : [deps.previous, deps.current]
  }

  current(): Release {
    return this.#history.at(-1) ?? this.#deps.current
  }

  previous(): Release | null {
    return this.#history.at(-2) ?? null
  }

  deploy(commit: string, options: ChangeOptions = {}): Promise<Release> {
    return this.#deps.inTurn(async () => {
      const release = await this.#deps.worktrees.checkOut(commit)
      const from = this.current()
      this.#record('deploy', options, [named(from), named(release)])
      try {
        for (const instance of this.#deps.fleet.instances) await this.#renew(instance, release, options)
      } catch (error) {
        this.#record('deploy failed', options, [named(release), named(from)])
        await this.#takeBack(from)
        throw error
      }
      await this.#deps.balancer.configure({ canary: null })
      this.#history = [...this.#history, release].slice(-KEPT_RELEASES)
      await this.#prune()
      return release
    })
  }

  /**
   * In a hurry, and without a gate: there is nothing better to go to. The first instance shows that it works, or frees
   * what the others need; then come all the others at once.
   */
  rollback(options: ChangeOptions = {}): Promise<Release> {
    return this.#deps.inTurn(async () => {
      const target = this.previous()
      if (target === null) {
        throw new AppError('LAB_NOT_POSSIBLE', `nothing was deployed before ${named(this.current())}`)
      }
      this.#record('rollback', options, [named(this.current()), named(target)])
      await this.#deps.worktrees.checkOut(target.commit)
      const [first, ...others] = this.#deps.fleet.instances
      const withoutGate = { ...options, gate: false }
      if (first !== undefined) await this.#renew(first, target, withoutGate)
      await Promise.all(others.map((instance) => this.#renew(instance, target, withoutGate)))
      await this.#deps.balancer.configure({ canary: null })
      this.#history = this.#history.slice(0, -1)
      return target
    })
  }

  canary(commit: string, options: ChangeOptions & { readonly share: number }): Promise<void> {
    return this.#deps.inTurn(async () => {
      const { fleet, balancer, worktrees } = this.#deps
      const release = await worktrees.checkOut(commit)
      const bird = fleet.instances.at(-1)
      if (bird === undefined || fleet.instances.length < 2) {
        throw new AppError('LAB_NOT_POSSIBLE', 'a canary needs two instances or more', {
          hint: 'scale out first',
        })
      }
      const before = bird.release
      this.#record('canary', options, [named(before), `${named(release)} at ${options.share * 100} %`])
      await balancer.configure({ canary: { name: bird.name, share: options.share } })
      try {
        await this.#renew(bird, release, options)
      } catch (error) {
        await fleet.renew(bird, before).catch(() => {}) // not ready before, either
        await balancer.configure({ canary: null })
        throw error
      }
    })
  }

  scale(count: number, options: ChangeOptions = {}): Promise<void> {
    return this.#deps.inTurn(async () => {
      const { fleet } = this.#deps
      if (!Number.isInteger(count) || count < 1 || count > MAX_INSTANCES) {
        throw new AppError('USAGE', `expected 1 to ${MAX_INSTANCES} instances, found ${count}`)
      }
      const before = fleet.instances.length
      if (before === count) return
      this.#record('scale', options, [String(before), String(count)])
      while (fleet.instances.length > count) await fleet.removeLast()
      while (fleet.instances.length < count) await fleet.add(this.current())
      await fleet.publish()
    })
  }

  async #renew(instance: Instance, release: Release, { gate }: ChangeOptions): Promise<void> {
    try {
      await this.#deps.fleet.renew(instance, release)
    } catch (cause) {
      if (gate !== false) throw closedGate(instance, release, cause)
    }
  }

  async #takeBack(release: Release): Promise<void> {
    for (const instance of this.#deps.fleet.instances) {
      if (instance.release.commit === release.commit) continue
      await this.#deps.fleet.renew(instance, release).catch(() => {}) // not ready before, either
    }
  }

  async #prune(): Promise<void> {
    const { fleet, worktrees, dependencies } = this.#deps
    const running = fleet.instances.map(({ release }) => release)
    const used = [...this.#history.slice(-3), dependencies, ...running]
    await worktrees.prune(new Set(used.map(({ commit }) => commit)))
  }

  #record(what: string, { who }: ChangeOptions, [from, to]: readonly [string, string]): void {
    this.#deps.changes.record({ what, service: 'shop', from, to, ...(who === undefined ? {} : { who }) })
  }
}

/** `v1.4.0 (1a2b3c4)` */
function named({ version, commit }: Release): string {
  return version.startsWith(commit.slice(0, 7)) ? version : `${version} (${commit.slice(0, 7)})`
}

function closedGate(instance: Instance, release: Release, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('LAB_DEPLOY_FAILED', `${named(release)} did not pass at ${instance.name}: ${why}`, {
    hint: `it was taken back; see ${instance.process.logFile}`,
    cause,
  })
}
