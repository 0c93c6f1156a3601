import type { AnomalyKind } from './series-detector.ts'
import type { Reading } from './reading.ts'

/** Looks for one thing. All have this signature, and the list of them stands in create-series-detector.ts. */
export type SmallDetector = {
  readonly kind: AnomalyKind
  /**
   * Decades (-log10) of the probability that what is seen with this value is ordinary here; 0 for nothing to say. Called
   * once for every value, in order; learns from it.
   */
  readonly surprise: (reading: Reading) => number
}
