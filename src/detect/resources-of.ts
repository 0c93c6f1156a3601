import type { Resource, TelemetryBatch } from '../telemetry/index.ts'

/** Who sent a batch: each resource once for every run of its items. */
export function* resourcesOf(batch: TelemetryBatch): Generator<Resource> {
  let last: Resource | null = null
  if (batch.kind === 'metrics') {
    for (const { metric } of batch.items) {
      if (metric.resource !== last) yield metric.resource
      last = metric.resource
    }
  } else if (batch.kind === 'logs' || batch.kind === 'spans') {
    for (const { resource } of batch.items) {
      if (resource !== last) yield resource
      last = resource
    }
  }
}
