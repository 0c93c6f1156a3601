import type { EpochMs } from '../time.ts'

/** Somebody says that it is broken. */
export type UserReport = {
  readonly id: string
  readonly at: EpochMs
  /** As they said it; secrets and personal data redacted before it is kept. */
  readonly text: string
  readonly service: string | null
  /** What they were looking at, where it is known. */
  readonly url: string | null
  /** `form`, `api`, `cli`, or the system that passed it on. */
  readonly source: string
}
