import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { BalancerLink } from './balancer-link.ts'
import { freePort } from './free-port.ts'
import { probe } from './http-probe.ts'
import type { Release, ServiceName } from './lab-system.ts'
import { shopEnvironment } from './shop-environment.ts'
import type { ShopSite } from './shop-environment.ts'
import type { ProcessSpec, SupervisedProcess } from './supervised-process.ts'
import type { Worktrees } from './worktrees.ts'

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
  readonly site: ShopSite
  readonly worktrees: Worktrees
  readonly balancer: BalancerLink
  /** The service's environment as it is configured: the platform's own, and what was set since. */
  readonly configured: (service: ServiceName, env: Record<string, string>) => Record<string, string>
  readonly supervise: (spec: ProcessSpec) => SupervisedProcess
  readonly forget: (name: string) => void
}

/** The application's instances: how many there are, what they run, and who gets requests. */
export type Fleet = {
  readonly instances: readonly Instance[]
  get(name: string): Instance
  add(release: Release): Promise<Instance>
  /** Takes the newest instance away. */
  removeLast(): Promise<void>
  /**
   * Out of the balancer, ended, started with this release, back in when it is ready. One that does not become ready
   * stays out, and the error says why.
   */
  renew(instance: Instance, release: Release): Promise<void>
  /** Tells the balancer who there is. */
  publish(): Promise<void>
}

const READY_WITHIN_MS = 15_000
const DRAIN_WITHIN_MS = 2_000
const PROBE_WITHIN_MS = 1_000

export function createFleet(deps: FleetDeps): Fleet {
  const instances: Instance[] = []
  let isHeldBack: string | null = null
  let named = 0

  async function publish(): Promise<void> {
    const backends = instances.map(({ name, port, weight, isDrained }) => ({
      name,
      port,
      weight: isDrained || name === isHeldBack ? 0 : weight,
    }))
    await deps.balancer.configure({ backends })
  }

  async function add(release: Release): Promise<Instance> {
    const name = `app-${(named += 1)}` // before anything is waited for: several are added at once
    const port = await freePort()
    await mkdir(join(deps.site.directory.instances, name), { recursive: true })
    const instance: Instance = {
      name,
      port,
      release,
      weight: 1,
      isDrained: false,
      process: deps.supervise(appSpec(deps, name, () => instance)),
    }
    instances.push(instance)
    instances.sort((a, b) => a.name.localeCompare(b.name))
    await instance.process.start()
    return instance
  }

  async function renew(instance: Instance, release: Release): Promise<void> {
    isHeldBack = instance.name
    await publish()
    const others = instances.some((one) => one !== instance && !one.isDrained && one.process.state === 'up')
    await deps.balancer.drained(instance.name, others ? DRAIN_WITHIN_MS : 0)
    instance.release = release
    try {
      await instance.process.restart()
    } finally {
      isHeldBack = null // an instance that is not ready fails the balancer's own checks
      await publish()
    }
  }

  return {
    instances,
    get(name) {
      const found = instances.find((one) => one.name === name)
      if (found !== undefined) return found
      const known = instances.map((one) => one.name).join(', ')
      throw new AppError('LAB_NAME_UNKNOWN', `expected an instance (${known}), found "${name}"`)
    },
    add,
    async removeLast() {
      const last = instances.at(-1)
      if (last === undefined) return
      isHeldBack = last.name
      await publish()
      await deps.balancer.drained(last.name, DRAIN_WITHIN_MS)
      await last.process.stop()
      instances.pop()
      named -= 1
      deps.forget(last.name)
      isHeldBack = null
      await publish()
    },
    renew,
    publish,
  }
}

function appSpec(deps: FleetDeps, name: string, instance: () => Instance): ProcessSpec {
  return {
    name,
    launch: () => {
      const { port, release } = instance()
      const env = shopEnvironment(deps.site, { service: 'app', instance: name, port, release })
      const folder = deps.worktrees.folderOf(release)
      return {
        program: process.execPath,
        nodeFlags: ['--max-old-space-size=256'],
        args: [join(folder, 'app', 'server.js')],
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
  deps: Pick<FleetDeps, 'site' | 'worktrees' | 'configured'>,
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
      args: [join(folder, service, 'server.js')],
      cwd: folder,
      env: deps.configured(service, shopEnvironment(deps.site, { ...program, instance: service })),
    }),
    isReady: async () => (await probe(`${scheme}://127.0.0.1:${port}/health`, PROBE_WITHIN_MS)) < 300,
    readyWithinMs: READY_WITHIN_MS,
  }
}
