import type { DetectionEvent } from '../detect/index.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'
import type { Window } from './telemetry-store.ts'

/** All that was appended, as items of one kind each. */
export type Kept = {
  [Kind in TelemetryBatch['kind']]: Extract<TelemetryBatch, { kind: Kind }>['items'][number][]
} & { detections: DetectionEvent[] }

export function isWithin(at: EpochMs, { from, to }: Window): boolean {
  return at >= from && at < to
}
