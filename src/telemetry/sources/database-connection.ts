import type { EpochMs } from '../../time.ts'
import type { Attributes } from '../attributes.ts'
import type { DatabaseProbe, Replication } from '../database-probe.ts'
import type { DerivedMetric } from '../derived-metrics.ts'

/** An open connection that can look at its server. One implementation per engine. */
export type DatabaseConnection = {
  look(at: EpochMs): Promise<DatabaseProbe>
  /** What a watch asks besides: counters, replication, locks. What the role may not see is null, and noted. */
  figures(): Promise<DatabaseFigures>
  /** The cost of all kinds of statements so far; null where the server does not count them for this role. */
  statements(): Promise<StatementTotals | null>
  close(): Promise<void>
}

/** One number of an engine, under the name that the OpenTelemetry Collector's receiver gives it. */
export type EngineFigure = {
  readonly metric: DerivedMetric
  /** `counter` only grows; `amount` adds up over its attributes. */
  readonly kind: 'gauge' | 'counter' | 'amount'
  readonly value: number | null
  readonly attributes?: Attributes
}

export type DatabaseFigures = {
  /** Since the server's statistics began. */
  readonly blocksHit: number | null
  readonly blocksRead: number | null
  readonly longestTransactionMs: number | null
  readonly locks: NonNullable<DatabaseProbe['locks']> | null
  readonly replication: Replication | null
  readonly engine: readonly EngineFigure[]
  readonly notes: readonly string[]
}

export type StatementTotal = { readonly calls: number; readonly totalMs: number; readonly rows: number }

export type StatementTotals = {
  /** By a key that stays the same for a kind of statement. */
  readonly byKey: ReadonlyMap<string, StatementTotal>
  /** The texts of a few of them, not yet redacted. */
  texts(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export const CONNECT_TIMEOUT_MS = 3000
export const STATEMENT_TIMEOUT_MS = 3000
/** More sessions than this are counted, not listed. */
export const MOST_SESSIONS = 200
/** Shown in the server's list of sessions, so that its operators know who looks. */
export const PROBE_NAME = 'firebreak-probe'
