import { join } from 'node:path'
import type { Instance } from './fleet.ts'
import { probe } from './http-probe.ts'
import type { Release, ServiceName } from './lab-system.ts'
import { shopEnvironment } from './shop-environment.ts'
import type { ShopSite } from './shop-environment.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { Worktrees } from './worktrees.ts'

export type ProgramDeps = {
  readonly site: ShopSite
  readonly worktrees: Worktrees
  /** A service's environment as it is configured: the platform's own, and what was set since. */
  readonly configured: (service: ServiceName, env: Record<string, string>) => Record<string, string>
}

/**
 * Dependencies lie behind a link. Stack traces name the path by which a file was found, below the deployment's own
 * folder, and not where the link leads to.
 */
const OWN_PATHS = ['--preserve-symlinks', '--preserve-symlinks-main'] as const

const READY_WITHIN_MS = 15_000
const PROBE_WITHIN_MS = 1_000

/** An instance of the application: ready when it reaches the database. */
export function appSpec(deps: ProgramDeps, name: string, instance: () => Instance): ProcessSpec {
  return {
    name,
    launch: () => {
      const { port, release } = instance()
      const env = shopEnvironment(deps.site, { service: 'app', instance: name, port, release })
      const folder = deps.worktrees.folderOf(release)
      return {
        program: process.execPath,
        nodeFlags: ['--max-old-space-size=256'],
        args: [...OWN_PATHS, join(folder, 'app', 'server.js')],
        cwd: folder,
        env: deps.configured('app', env),
      }
    },
    isReady: async () => (await probe(`http://127.0.0.1:${instance().port}/ready`, PROBE_WITHIN_MS)) < 300,
    readyWithinMs: READY_WITHIN_MS,
  }
}

/** Payment or mail: one process each, with a release line of its own. */
export function dependencySpec(
  deps: ProgramDeps,
  program: { readonly service: 'payment' | 'mail'; readonly port: number; readonly release: Release },
): ProcessSpec {
  const { service, port, release } = program
  const scheme = service === 'payment' ? 'https' : 'http'
  const folder = deps.worktrees.folderOf(release)
  return {
    name: service,
    launch: () => ({
      program: process.execPath,
      nodeFlags: ['--max-old-space-size=128'],
      args: [...OWN_PATHS, join(folder, service, 'server.js')],
      cwd: folder,
      env: deps.configured(service, shopEnvironment(deps.site, { ...program, instance: service })),
    }),
    isReady: async () => (await probe(`${scheme}://127.0.0.1:${port}/health`, PROBE_WITHIN_MS)) < 300,
    readyWithinMs: READY_WITHIN_MS,
  }
}
