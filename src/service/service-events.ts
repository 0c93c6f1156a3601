import type { EventHub } from './event-hub.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'

/** Tells those who follow along of what is rare and meant for people; signals are asked for, not followed. */
export function storedEvents(batches: readonly TelemetryBatch[], hub: EventHub): void {
  for (const batch of batches) {
    if (batch.kind === 'changes') for (const change of batch.items) hub.publish('change', change)
    if (batch.kind === 'reports') for (const report of batch.items) hub.publish('report', report)
    if (batch.kind === 'alerts') for (const alert of batch.items) hub.publish('alert', alert)
  }
}
