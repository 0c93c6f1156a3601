import type { EpochMs } from '../time.ts'

/** A release that reached production, as `--deploys` tells it or as a git tag implies it. */
export type Deploy = {
  readonly at: EpochMs
  readonly service: string | null
  readonly version: string | null
  readonly commit: string | null
  readonly previousCommit: string | null
}

/** Something that was changed on purpose, as a webhook, a watched repository or a platform tells it. */
export type Change = {
  readonly at: EpochMs
  readonly kind: 'deploy' | 'rollback' | 'config' | 'flag' | 'scale' | 'restart' | 'schema' | 'other'
  /** Null: all of them, or not known. */
  readonly service: string | null
  readonly from: string | null
  readonly to: string | null
  readonly commit: string | null
  readonly who: string | null
  readonly summary: string
  /** Which way it came: `github`, `gitlab`, `argocd`, `git`, `webhook`, … */
  readonly source: string
  /** For deduplication: a webhook is often delivered twice. */
  readonly id: string
}
