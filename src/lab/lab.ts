import { AppError } from '../errors.ts'
import type { EpochMs } from '../time.ts'
import { createCatalogue } from './faults/catalogue.ts'
import { parseSeed } from './faults/chance.ts'
import { findFault } from './faults/active-faults.ts'
import { faultLevels, readLevel } from './faults/fault.ts'
import type { Fault } from './faults/fault.ts'
import { EVERYDAY_PER_SECOND } from './load/shoppers-protocol.ts'
import type { ShopperProfile } from './load/shoppers-protocol.ts'
import type { LabPlan } from './platform/lab-plan.ts'
import { connectLab, requireLab } from './platform/lab-client.ts'
import { statusWithout } from './platform/lab-status.ts'
import type { LabStatus } from './platform/lab-status.ts'
import { readLastError, readUserReports } from './platform/operator-view.ts'
import type { UserReport } from './platform/operator-view.ts'
import type { ActiveFault, ChangeEvent, FaultEntry, Release } from './platform/lab-system.ts'
import { startLab, stopLab } from './platform/start-lab.ts'
import type { StartedLab } from './platform/start-lab.ts'
import { defaultStateRoot, stateDirectoryAt } from './platform/state-directory.ts'

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
  /** Without clients these stay as they are. */
  load(order: { readonly perSecond: number; readonly clients?: ShopperProfile }): Promise<void>
  /** A commit of the shop; without one, the team's next release. */
  deploy(commit?: string): Promise<Release>
  rollback(): Promise<Release>
  /** Throws `USAGE` for a fault or level that the catalogue does not have; the lab need not be up. */
  refuseUnknown(order: { readonly name: string; readonly level?: string }): void
  /** What was changed since then, by whom. */
  changes(since: EpochMs): Promise<readonly LabChange[]>
  /** What users wrote to support since the lab came up, oldest first. */
  userReports(): Promise<readonly UserReport[]>
  /** The newest error that an instance of the application wrote to its log; null where there is none. */
  lastError(): Promise<string | null>
}

export type LabChange = Omit<ChangeEvent, 'at'> & { readonly at: string }

export type UpOptions = {
  /** Where the shop listens; loopback where it is null, as for `apiHost`. */
  readonly host: string | null
  readonly apiHost: string | null
  readonly port: number | null
  readonly perSecond: number | null
  readonly isImpatient: boolean
  readonly otlpEndpoint: string | null
  readonly otlpIntervalMs: number | null
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
const LOOPBACK = '127.0.0.1'
const SMALL = { instances: 2, perSecond: EVERYDAY_PER_SECOND / 10 }
const ORDINARY = { instances: 3, perSecond: EVERYDAY_PER_SECOND }

export function createLab({ env, isRoot }: LabDeps, directory: string | null): Lab {
  const root = directory ?? defaultStateRoot(env, isRoot)
  return {
    root,
    up({ onProgress, signal, ...wanted }) {
      const size = wanted.isSmall ? SMALL : ORDINARY
      const plan: LabPlan = {
        directory: root,
        host: wanted.host ?? LOOPBACK,
        apiHost: wanted.apiHost ?? LOOPBACK,
        port: wanted.port ?? SHOP_PORT,
        perSecond: wanted.perSecond ?? size.perSecond,
        instances: size.instances,
        clients: wanted.isImpatient ? 'impatient' : 'everyday',
        otlpEndpoint: wanted.otlpEndpoint,
        otlpIntervalMs: wanted.otlpIntervalMs,
        seed: wanted.seed ?? '1',
      }
      parseSeed(plan.seed) // refused before anything starts
      return startLab(plan, { env, onProgress, signal })
    },
    down: () => stopLab(root),
    async status() {
      const lab = await connectLab(root)
      if (typeof lab === 'string') return statusWithout(lab)
      return (await lab.operator('GET', '/status')) as LabStatus // the answers are our own supervisor's
    },
    faults: listFaults,
    ...verbsOf(root),
    refuseUnknown({ name, level }) {
      readLevel(findFault(knownFaults(), name), level)
    },
    userReports: () => readUserReports(stateDirectoryAt(root)),
    lastError: () => readLastError(stateDirectoryAt(root)),
  }
}

/** What asks the lab of a folder that is up; throws `LAB_NOT_UP` where none is. */
function verbsOf(root: string): Pick<Lab, 'break' | 'mend' | 'load' | 'deploy' | 'rollback' | 'changes'> {
  return {
    async break(order) {
      const lab = await requireLab(root)
      return (await lab.operator('POST', '/faults', order)) as ActiveFault
    },
    async mend(name) {
      const lab = await requireLab(root)
      const path = name === undefined ? '/faults' : `/faults/${encodeURIComponent(name)}`
      return ((await lab.operator('DELETE', path)) as { mended: readonly string[] }).mended
    },
    async load({ perSecond, clients }) {
      const lab = await requireLab(root)
      const profile = clients === undefined ? {} : { profile: clients }
      await lab.operator('PUT', '/load', { perSecond, ...profile })
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
    async changes(since) {
      const lab = await requireLab(root)
      const answer = await lab.control('GET', `/changes?since=${since}`)
      return (answer as { readonly data: readonly LabChange[] }).data
    },
  }
}

function listFaults(): readonly FaultEntry[] {
  return knownFaults().map(({ name, kind, summary, where, levels }) => ({
    name,
    kind,
    summary,
    where,
    levels: faultLevels.filter((level) => levels[level] !== undefined),
  }))
}

function knownFaults(): readonly Fault[] {
  return createCatalogue(async () => {
    throw new AppError('LAB_NOT_UP', 'a release needs a lab that is up')
  })
}
