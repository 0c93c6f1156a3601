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
  /** What it runs from the start, and what it ran before. */
  readonly current: Release
  readonly previous: Release | null
  /** What payment and mail run from: not to be removed. */
  readonly dependencies: Release
}

/** More would not fit a machine of two cores. */
const MAX_INSTANCES = 8

/** What the application runs: one release at a time, but while a deploy is under way or a canary is out. */
export function createReleases(deps: ReleasesDeps): Releases {
  const { fleet, worktrees, balancer, changes, inTurn } = deps
  /** Newest last; a rollback goes one back, and forgets what it left. */
  let history: Release[] = deps.previous === null ? [deps.current] : [deps.previous, deps.current]
  const current = (): Release => history.at(-1) ?? deps.current
  const previous = (): Release | null => history.at(-2) ?? null

  async function roll(release: Release, options: ChangeOptions): Promise<void> {
    const before = fleet.instances.map((instance) => [instance, instance.release] as const)
    for (const instance of fleet.instances) {
      try {
        await fleet.renew(instance, release)
      } catch (cause) {
        if (options.gate === false) continue
        await takeBack(before)
        throw closedGate(instance, release, cause)
      }
    }
    await balancer.configure({ canary: null })
  }

  async function takeBack(before: readonly (readonly [Instance, Release])[]): Promise<void> {
    for (const [instance, release] of before) {
      if (instance.release !== release) await fleet.renew(instance, release).catch(() => {}) // not ready before, either
    }
  }

  function record(what: string, { who }: ChangeOptions, [from, to]: readonly [string, string]): void {
    changes.record({ what, service: 'shop', from, to, ...(who === undefined ? {} : { who }) })
  }

  return {
    repository: deps.repository,
    current,
    previous,
    deploy: (commit, options = {}) =>
      inTurn(async () => {
        const release = await worktrees.checkOut(commit)
        const from = current()
        record('deploy', options, [named(from), named(release)])
        try {
          await roll(release, options)
        } catch (error) {
          record('deploy failed', options, [named(release), named(from)])
          throw error
        }
        history = [...history, release].slice(-50)
        const used = [...history.slice(-3), deps.dependencies, ...fleet.instances.map((one) => one.release)]
        await worktrees.prune(new Set(used.map((one) => one.commit)))
        return release
      }),
    rollback: (options = {}) =>
      inTurn(async () => {
        const target = previous()
        if (target === null) {
          throw new AppError('LAB_NOT_POSSIBLE', `nothing was deployed before ${named(current())}`)
        }
        record('rollback', options, [named(current()), named(target)])
        await worktrees.checkOut(target.commit)
        await roll(target, { gate: false, ...options }) // back is back: there is nothing better to go to
        history = history.slice(0, -1)
        return target
      }),
    canary: (commit, options) =>
      inTurn(async () => {
        const release = await worktrees.checkOut(commit)
        const bird = fleet.instances.at(-1)
        if (bird === undefined || fleet.instances.length < 2) {
          throw new AppError('LAB_NOT_POSSIBLE', 'a canary needs two instances or more', {
            hint: 'scale out first',
          })
        }
        record('canary', options, [named(bird.release), `${named(release)} at ${options.share * 100} %`])
        const before = bird.release
        await balancer.configure({ canary: { name: bird.name, share: options.share } })
        await fleet.renew(bird, release).catch(async (cause: unknown) => {
          await fleet.renew(bird, before).catch(() => {})
          await balancer.configure({ canary: null })
          throw closedGate(bird, release, cause)
        })
      }),
    scale: (count, options = {}) =>
      inTurn(async () => {
        if (!Number.isInteger(count) || count < 1 || count > MAX_INSTANCES) {
          throw new AppError('USAGE', `expected 1 to ${MAX_INSTANCES} instances, found ${count}`)
        }
        const before = fleet.instances.length
        if (before === count) return
        record('scale', options, [String(before), String(count)])
        while (fleet.instances.length > count) await fleet.removeLast()
        while (fleet.instances.length < count) await fleet.add(current())
        await fleet.publish()
      }),
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
