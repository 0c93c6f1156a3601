import type { Git } from '../../git.ts'
import type { EpochMs } from '../../time.ts'

/**
 * What a fault may touch of the running lab. The supervisor fulfils it; faults know nothing else of the platform.
 *
 *     shoppers ──► balancer ──► app-1 … app-n ──► wire-payment ──► payment
 *                                     │  └──────► wire-mail ─────► mail
 *                                     └─────────► postgres
 *
 * Every call returns when its effect is there. Whoever changes something undoes it.
 */
export type LabSystem = {
  readonly processes: Processes
  readonly releases: Releases
  readonly configuration: Configuration
  readonly flags: Flags
  readonly database: Database
  readonly wires: Readonly<Record<WireName, Wire>>
  readonly certificates: Readonly<Record<'payment', Certificate>>
  readonly balancer: Balancer
  readonly shoppers: Shoppers
  readonly changes: Changes
  readonly directories: Directories
  /** What users feel and what the machine does, over the last ten seconds. */
  metrics(): Promise<LabMetrics>
  now(): EpochMs
  /** Resolves after `ms`; rejects with the reason of `signal` when the lab goes down. */
  sleep(ms: number): Promise<void>
  /** Aborted when the lab goes down. */
  readonly signal: AbortSignal
}

// --- processes ---------------------------------------------------------------------------------------------------

/** `app-1`, `app-2`, …, `payment`, `mail`, `balancer`, `wire-payment`, `wire-mail`, `postgres`, `shoppers`. */
export type ProcessName = string

export type ProcessState = 'starting' | 'up' | 'restarting' | 'stopped'

export type Processes = {
  /** Throws `LAB_NAME_UNKNOWN` where there is none of that name. */
  get(name: ProcessName): LabProcess
  names(): readonly ProcessName[]
}

export type LabProcess = {
  readonly name: ProcessName
  /** Null while none runs. It changes with every restart. */
  readonly pid: number | null
  readonly state: ProcessState
  /** Times that it ended without being asked to, since the lab came up. */
  readonly crashes: number
  readonly logFile: string
  /** Sends a signal to its process group. After a deadly one the supervisor starts it again, as a service manager would. */
  kill(signal: NodeJS.Signals): void
  /** SIGSTOP, and SIGCONT. */
  pause(): void
  resume(): void
  /** Ends it and starts it again; given parts replace what was given before, and stay until the next time. */
  restart(overrides?: ProcessOverrides): Promise<void>
  /** Ends it, and it stays down until `restart`. */
  stop(): Promise<void>
}

export type ProcessOverrides = {
  /** On top of the service's own environment; null takes a variable away. `{}` takes all overrides back. */
  readonly env?: Readonly<Record<string, string | null>>
  /** Such as `--max-old-space-size=96`; in the place of the platform's own. `null` takes the override back. */
  readonly nodeFlags?: readonly string[] | null
  /** Return without waiting for it to be ready: for what is not meant to come up. */
  readonly waitUntilReady?: boolean
}

// --- releases, configuration, flags ------------------------------------------------------------------------------

export type Release = { readonly commit: string; readonly version: string }

export type Releases = {
  /** The shop's git repository, which a responder may read. */
  readonly repository: string
  current(): Release
  previous(): Release | null
  /** Rolling, one instance after the other, each behind the health gate; throws `LAB_DEPLOY_FAILED` when it closes. */
  deploy(commit: string, options?: ChangeOptions): Promise<Release>
  /** Back to the release before the current one. */
  rollback(options?: ChangeOptions): Promise<Release>
  /** One instance gets the commit, and this share (0–1) of the requests. */
  canary(commit: string, options: ChangeOptions & { readonly share: number }): Promise<void>
  scale(instances: number, options?: ChangeOptions): Promise<void>
}

export type ChangeOptions = {
  /** Who did it, for the change event; neutral. */
  readonly who?: string
  /** False: go on although an instance does not become ready. */
  readonly gate?: boolean
}

export type ServiceName = 'app' | 'payment' | 'mail'

export type Configuration = {
  get(service: ServiceName): Readonly<Record<string, string>>
  /**
   * Variables of a service's environment; null takes one away, also one of the platform's own (`DATABASE_URL`). All
   * its instances restart, one after the other. Returns what puts the old values back.
   */
  set(
    service: ServiceName,
    values: Readonly<Record<string, string | null>>,
    options?: ChangeOptions,
  ): Promise<() => Promise<void>>
  /** Back to the platform's own value. */
  reset(service: ServiceName, name: string, options?: ChangeOptions): Promise<void>
}

export type Flags = {
  get(name: string): boolean
  all(): Readonly<Record<string, boolean>>
  /** Written to the flags file, which every instance reads again when it changes. */
  set(name: string, value: boolean, options?: ChangeOptions): Promise<void>
}

// --- database ----------------------------------------------------------------------------------------------------

/** `shop` is the application's, `reporting` somebody's who reads, `monitor` has the reserved slots; `lab` is superuser. */
export type DatabaseRole = 'shop' | 'reporting' | 'monitor' | 'lab'

export type Database = {
  readonly limit: number
  /** Runs one statement as superuser on the shop's database. */
  admin(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** A session of one's own that stays until it is closed. */
  as(role: DatabaseRole): Promise<DatabaseSession>
  urlOf(role: DatabaseRole): string
  restart(mode?: 'fast' | 'immediate'): Promise<void>
  /** A new password for the role, which nobody is told. Returns what puts the old one back. */
  changePassword(role: DatabaseRole): Promise<() => Promise<void>>
  /**
   * Puts the tables that orders and carts grow in on a volume with so much room left. Root on Linux only; throws
   * `LAB_NOT_POSSIBLE` elsewhere. Returns what takes them back.
   */
  moveToSmallVolume(options: { readonly freeBytes: number }): Promise<SmallVolume>
}

export type SmallVolume = {
  readonly path: string
  /** Writes a file that leaves only so much room. */
  fill(leaveBytes: number): Promise<void>
  undo(): Promise<void>
}

export type DatabaseSession = {
  readonly processId: number
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

// --- network -----------------------------------------------------------------------------------------------------

export type WireName = 'payment' | 'mail'

/** What a wire does to what passes; `share` (0–1, default 1) of the connections feel it. */
export type Toxic =
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number; readonly share?: number }
  /** Connections are accepted, and nothing ever comes back. */
  | { readonly kind: 'hang'; readonly share?: number }
  /** Connections are reset (RST) when the first byte comes. */
  | { readonly kind: 'reset'; readonly share?: number }
  /** Nobody listens. */
  | { readonly kind: 'refuse' }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number; readonly share?: number }

export type Wire = {
  readonly port: number
  /** In the place of what was set before; null: all passes. Connections that are open feel it, too. */
  set(toxic: Toxic | null): Promise<void>
}

export type Certificate = {
  readonly file: string
  readonly expiresAt: EpochMs
  /** The service gets a certificate that ran out a minute ago, and restarts with it. */
  expire(): Promise<void>
  renew(): Promise<void>
}

export type Balancer = {
  readonly url: string
  drain(instance: ProcessName, options?: ChangeOptions): Promise<void>
  restore(instance: ProcessName, options?: ChangeOptions): Promise<void>
  setWeight(instance: ProcessName, weight: number, options?: ChangeOptions): Promise<void>
  setMaintenance(on: boolean, options?: ChangeOptions): Promise<void>
  routes(): Promise<readonly RouteMetrics[]>
}

// --- load --------------------------------------------------------------------------------------------------------

export type Shoppers = {
  readonly perSecond: number
  readonly profile: 'everyday' | 'impatient'
  setRate(perSecond: number): Promise<void>
  /** What clients do about a failed request. */
  setProfile(profile: 'everyday' | 'impatient'): Promise<void>
  /** A bot that asks for one page so often, beside the shoppers; 0 ends it. */
  hammer(path: string, perSecond: number): Promise<void>
}

// --- events and figures ------------------------------------------------------------------------------------------

export type ChangeEvent = {
  readonly id: number
  readonly at: EpochMs
  readonly who: string
  /** `deploy`, `rollback`, `canary`, `scale`, `restart`, `drain`, `restore`, `flag`, `configuration`, `maintenance`, … */
  readonly what: string
  readonly service: string
  readonly from: string | null
  readonly to: string | null
}

export type Changes = {
  record(change: Omit<ChangeEvent, 'id' | 'at' | 'who'> & { readonly who?: string }): ChangeEvent
  since(at: EpochMs): readonly ChangeEvent[]
}

export type Directories = {
  readonly state: string
  readonly repository: string
  readonly logs: string
  /** For what a fault has to write; emptied at every start. */
  readonly scratch: string
}

export type RouteMetrics = {
  /** `METHOD /template` */
  readonly route: string
  readonly requests: number
  readonly failed: number
  readonly p50Ms: number
  readonly p95Ms: number
  /** Answers by status; 0 is none. */
  readonly statuses: Readonly<Record<string, number>>
}

export type ProcessMetrics = {
  readonly pid: number | null
  readonly state: ProcessState
  readonly cpuCores: number
  readonly residentBytes: number
  readonly crashes: number
}

export type LabMetrics = {
  readonly at: EpochMs
  readonly requestsPerSecond: number
  readonly errorRate: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly routes: readonly RouteMetrics[]
  readonly dbConnections: {
    readonly used: number
    readonly limit: number
    readonly active: number
    readonly idleInTransaction: number
    readonly waitingForLock: number
  }
  /** All processes together. */
  readonly cpuCores: number
  readonly processes: Readonly<Record<ProcessName, ProcessMetrics>>
}

// --- what the platform needs of the faults -----------------------------------------------------------------------

export type ActiveFault = { readonly name: string; readonly level: string; readonly since: EpochMs }

/** What stands behind the operator's API and `lab faults|break|mend`; lab/faults/ fulfils it. */
export type FaultDesk = {
  catalogue(): readonly FaultEntry[]
  active(): readonly ActiveFault[]
  /** Returns when applied. Throws `USAGE` for an unknown name or level. */
  apply(order: {
    readonly name: string
    readonly level?: string
    readonly seed?: string
  }): Promise<ActiveFault>
  /** One, or all; returns when the system is as before. Names of what was undone. */
  mend(name?: string): Promise<readonly string[]>
  /** Whether a fault that is in truly happened, and what shows it. */
  check(name: string): Promise<{ readonly happened: boolean; readonly evidence: string }>
  /** Lines of the truth record, oldest first. */
  truth(): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Takes back all that is in, when the lab goes down. */
  close(): Promise<void>
}

export type FaultEntry = {
  readonly name: string
  readonly kind: string
  readonly summary: string
  readonly where: string
  readonly levels: readonly string[]
}

/** `createFaultDesk` of lab/faults/fault-desk.ts has this type; the supervisor calls it once the lab is up. */
export type CreateFaultDesk = (deps: {
  readonly system: LabSystem
  /** For the releases that bring a fault. */
  readonly git: Git
  /** Sixty-four new random bits, for an order that brings no seed. */
  readonly drawSeed: () => bigint
  /** The operator's own folder (0700), where the truth is written. */
  readonly operatorDirectory: string
}) => FaultDesk
