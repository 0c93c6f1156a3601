import { messageFields } from './protobuf-fields.ts'

type Signal = 'spans' | 'logs' | 'points'

/** Field numbers from the export request down to one record; all on the way are messages (opentelemetry-proto). */
const PATHS: Readonly<Record<Signal, readonly (readonly number[])[]>> = {
  spans: [[1], [2], [2]], // resource_spans, scope_spans, spans
  logs: [[1], [2], [2]], // resource_logs, scope_logs, log_records
  points: [[1], [2], [2], [5, 7, 9, 10, 11], [1]], // …, metrics, gauge | sum | histogram | …, data_points
}

/** The records of an OTLP export request, none of which is decoded. */
export function countRecords(body: Uint8Array, signal: Signal): number {
  return countBelow(body, PATHS[signal])
}

function countBelow(message: Uint8Array, path: readonly (readonly number[])[]): number {
  const [fields = [], ...deeper] = path
  let count = 0
  for (const { field, content } of messageFields(message)) {
    if (!fields.includes(field)) continue
    count += deeper.length === 0 ? 1 : countBelow(content, deeper)
  }
  return count
}
