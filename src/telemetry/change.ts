import type { EpochMs } from '../time.ts'

/** A release that reached production, as `--deploys` tells it or as a git tag implies it. */
export type Deploy = {
  readonly at: EpochMs
  readonly service: string | null
  readonly version: string | null
  readonly commit: string | null
  readonly previousCommit: string | null
}
