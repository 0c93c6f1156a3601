import type { EpochMs } from '../time.ts'

/** The moment at which something began to be wrong, and how that is known. */
export type Detection = {
  /** When it began: the first failing request, or the first line of the new error. Null when no time is known. */
  readonly onsetAt: EpochMs | null
  /** When the signal was strong enough to say so. */
  readonly detectedAt: EpochMs | null
  /** The last sign of it; null while it goes on at the end of what was observed. */
  readonly endedAt: EpochMs | null
  readonly signal: 'failed-requests' | 'new-error' | 'error-burst' | 'process-ended' | 'errors'
  readonly summary: string
  /** Fingerprints that were not seen before the onset (ids), the telling ones first. */
  readonly newFingerprints: readonly string[]
  /** Fingerprints that carry the failure (ids), the telling ones first. */
  readonly failingFingerprints: readonly string[]
}
