// Counts the records of an OTLP export request by walking the protobuf wire format, without decoding the records.
// https://protobuf.dev/programming-guides/encoding/ · opentelemetry-proto: collector/*/v1, trace, logs, metrics

type Signal = 'spans' | 'logs' | 'points'

/** Field numbers from the export request down to one record; all on the way are messages. */
const PATHS: Readonly<Record<Signal, ReadonlyArray<readonly number[]>>> = {
  spans: [[1], [2], [2]], // resource_spans, scope_spans, spans
  logs: [[1], [2], [2]], // resource_logs, scope_logs, log_records
  points: [[1], [2], [2], [5, 7, 9, 10, 11], [1]], // …, metrics, gauge | sum | histogram | exponential | summary, data_points
}

export function countRecords(body: Uint8Array, signal: Signal): number {
  return countBelow(body, PATHS[signal])
}

function countBelow(message: Uint8Array, path: ReadonlyArray<readonly number[]>): number {
  const [fields = [], ...deeper] = path
  let count = 0
  for (const [field, content] of messageFields(message)) {
    if (!fields.includes(field)) continue
    count += deeper.length === 0 ? 1 : countBelow(content, deeper)
  }
  return count
}

/** The length-delimited fields of a message; others are stepped over. */
function* messageFields(message: Uint8Array): Generator<readonly [field: number, content: Uint8Array]> {
  let at = 0
  function varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = varint()
    const wireType = key & 7
    if (wireType === 0) varint()
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else {
      const length = varint()
      yield [Math.floor(key / 8), message.subarray(at, at + length)]
      at += length
    }
  }
}
