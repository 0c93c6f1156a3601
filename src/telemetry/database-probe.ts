import type { EpochMs } from '../time.ts'

/** One session of a database as a probe saw it. */
export type DatabaseSession = {
  readonly state: 'active' | 'idle' | 'idle-in-transaction' | 'other'
  readonly ageMs: number | null
  /** How long it has been in this state. */
  readonly stateMs: number | null
  /** `lock`, `client`, `io` or the engine's own word. */
  readonly waitingFor: string | null
  /** Ids of the sessions that block it. */
  readonly blockedBy: readonly string[]
  readonly id: string
  readonly user: string | null
  readonly application: string | null
  /** Redacted: literals are replaced. */
  readonly statement: string | null
}

/** What a kind of statement cost since the look before. */
export type StatementUse = {
  /** Redacted, as the server normalises it. */
  readonly statement: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  /** Returned or changed; examined, where the engine tells that instead. */
  readonly rows: number
}

/** How a server stands to its replicas, or a replica to its source. */
export type Replication = {
  readonly role: 'primary' | 'replica' | 'none'
  readonly replicas: number
  /** Of a replica its own, of a primary the worst; null where it is not known. */
  readonly lagSeconds: number | null
}

/** One look at a database; secrets of the URL are not in it. */
export type DatabaseProbe = {
  readonly at: EpochMs
  readonly engine: 'postgresql' | 'mysql' | 'mariadb'
  /** `postgresql://host:port/db`, no user and no password. */
  readonly target: string
  readonly version: string | null
  readonly connections: {
    /** Client sessions, without the probe's own. */
    readonly used: number
    readonly limit: number
    /** Of the limit, what ordinary roles cannot have. */
    readonly reserved?: number
  } | null
  readonly sessions: readonly DatabaseSession[]
  /** Why the probe could not look, in the server's words; null when it could. `too-many-connections` is telling. */
  readonly refused: { readonly reason: string; readonly tooManyConnections: boolean } | null
  /** What the probe's role may not see, in words. */
  readonly notes?: readonly string[]
  /** Statements that took the most time since the look before, most first; only in looks that ask for them. */
  readonly statements?: readonly StatementUse[]
  readonly replication?: Replication | null
  /** Blocks found in memory by blocks wanted since the look before; null where none was wanted. */
  readonly cacheHitRatio?: number | null
  readonly longestTransactionMs?: number | null
  readonly locks?: { readonly granted: number | null; readonly waiting: number } | null
}
