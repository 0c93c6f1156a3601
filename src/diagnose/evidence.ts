import type { Detection } from '../detect/index.ts'
import type { DatabaseProbe, Deploy, LogDigest, ProcessRecord, RequestSummary } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** All that a diagnosis may look at. Bounded, and free of anything that a stranger's system would not tell. */
export type Evidence = {
  readonly logs: LogDigest
  readonly requests: RequestSummary
  readonly process: ProcessRecord | null
  readonly detection: Detection
  /** Root of the git work tree, or of a plain source folder; null when none was given. */
  readonly repository: string | null
  readonly deploys: readonly Deploy[]
  readonly databaseProbes: readonly DatabaseProbe[]
  readonly observedFrom: EpochMs | null
  readonly observedUntil: EpochMs | null
}
