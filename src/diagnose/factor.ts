import type { CauseId } from '../contract/causes.ts'
import type { EpochMs } from '../time.ts'
import type { Finding } from './finding.ts'

export type CodeLocation = {
  readonly file: string
  readonly line: number | null
  readonly function: string | null
}

/** A ranked cause for this incident, with the findings for it and against it. */
export type Factor = {
  readonly rank: number
  readonly cause: CauseId
  /** 0–1. */
  readonly confidence: number
  readonly summary: string
  readonly service: string | null
  readonly resource: string | null
  readonly commit: { readonly sha: string; readonly subject: string; readonly committedAt: EpochMs } | null
  readonly location: CodeLocation | null
  /** trigger → component → mechanism → symptom */
  readonly chain: readonly [string, string, string, string]
  readonly findings: readonly (Finding & { readonly supports: boolean; readonly weight: number })[]
  readonly immediateFix: readonly string[]
  readonly permanentFix: readonly string[]
  readonly verify: readonly string[]
  /** Measures against a recurrence that fit this cause. */
  readonly prevention: readonly string[]
}
