import { AppError } from '../errors.ts'
import { createCatalogue } from './faults/catalogue.ts'
import { faultLevels } from './faults/fault.ts'
import { EVERYDAY_PER_SECOND } from './load/shoppers-protocol.ts'
import { connectLab, requireLab } from './platform/lab-client.ts'
import { statusWithout } from './platform/lab-status.ts'
import type { LabStatus } from './platform/lab-status.ts'
import type { ActiveFault, FaultEntry, Release } from './platform/lab-system.ts'
import { startLab, stopLab } from './platform/start-lab.ts'
import type { StartedLab } from './platform/start-lab.ts'
import { defaultStateRoot } from './platform/state-directory.ts'

/** The lab of one data directory, as whoever operates it from outside sees it. */
export type Lab = {
  readonly root: string
  /** Returns when it is healthy. Throws `LAB_ALREADY_UP`, `PORT_IN_USE`, `NO_SPACE`, `LAB_FAILED`. */
  up(options: UpOptions): Promise<StartedLab>
  /** False where none was up. */
  down(): Promise<boolean>
  /** With the lab down it says so. */
  status(): Promise<LabStatus>
  /** The catalogue; the lab need not be up. */
  faults(): readonly FaultEntry[]
  break(order: {
    readonly name: string
    readonly level?: string
    readonly seed?: string
  }): Promise<ActiveFault>
  /** One, or all that are in; their names. */
  mend(name?: string): Promise<readonly string[]>
  load(perSecond: number): Promise<void>
  /** A commit of the shop; without one, the team's next release. */
  deploy(commit?: string): Promise<Release>
  rollback(): Promise<Release>
}

export type UpOptions = {
  readonly host: string | null
  readonly port: number | null
  readonly perSecond: number | null
  readonly otlpEndpoint: string | null
  readonly seed: string | null
  /** For a machine of one core: two instances, and a tenth of the load. */
  readonly isSmall: boolean
  readonly onProgress: (text: string) => void
  readonly signal: AbortSignal
}

type LabDeps = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
}

const SHOP_PORT = 4500
const SMALL = { instances: 2, perSecond: EVERYDAY_PER_SECOND / 10 }
const ORDINARY = { instances: 3, perSecond: EVERYDAY_PER_SECOND }

export function createLab({ env, isRoot }: LabDeps, directory: string | null): Lab {
  const root = directory ?? defaultStateRoot(env, isRoot)
  return {
    root,
    up({ onProgress, signal, ...wanted }) {
      const size = wanted.isSmall ? SMALL : ORDINARY
      const plan = {
        directory: root,
        host: wanted.host ?? '127.0.0.1',
        port: wanted.port ?? SHOP_PORT,
        perSecond: wanted.perSecond ?? size.perSecond,
        instances: size.instances,
        otlpEndpoint: wanted.otlpEndpoint,
        seed: wanted.seed ?? '1',
      }
      return startLab(plan, { env, onProgress, signal })
    },
    down: () => stopLab(root),
    async status() {
      const lab = await connectLab(root)
      if (typeof lab === 'string') return statusWithout(lab)
      return (await lab.operator('GET', '/status')) as LabStatus // the answers are our own supervisor's
    },
    faults: listFaults,
    async break(order) {
      const lab = await requireLab(root)
      return (await lab.operator('POST', '/faults', order)) as ActiveFault
    },
    async mend(name) {
      const lab = await requireLab(root)
      const path = name === undefined ? '/faults' : `/faults/${encodeURIComponent(name)}`
      return ((await lab.operator('DELETE', path)) as { mended: readonly string[] }).mended
    },
    async load(perSecond) {
      const lab = await requireLab(root)
      await lab.operator('PUT', '/load', { perSecond })
    },
    async deploy(commit) {
      const lab = await requireLab(root)
      const target = commit ?? ((await lab.operator('POST', '/next-release')) as Release).commit
      return (await lab.control('POST', '/deploy', { commit: target })) as Release
    },
    async rollback() {
      const lab = await requireLab(root)
      return (await lab.control('POST', '/rollback')) as Release
    },
  }
}

function listFaults(): readonly FaultEntry[] {
  const catalogue = createCatalogue(async () => {
    throw new AppError('LAB_NOT_UP', 'a release needs a lab that is up')
  })
  return catalogue.map(({ name, kind, summary, where, levels }) => ({
    name,
    kind,
    summary,
    where,
    levels: faultLevels.filter((level) => levels[level] !== undefined),
  }))
}
