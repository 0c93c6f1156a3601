import type { EpochMs } from '../../time.ts'
import type { DatabaseProbe } from '../database-probe.ts'

/** An open connection that can look at its server. One implementation per engine. */
export type DatabaseConnection = {
  look(at: EpochMs): Promise<DatabaseProbe>
  close(): Promise<void>
}

export const CONNECT_TIMEOUT_MS = 3000
export const STATEMENT_TIMEOUT_MS = 3000
/** More sessions than this are counted, not listed. */
export const MOST_SESSIONS = 200
/** Shown in the server's list of sessions, so that its operators know who looks. */
export const PROBE_NAME = 'firebreak-probe'
