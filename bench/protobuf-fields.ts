/** The length-delimited fields of a protobuf message, in their order; the others are stepped over.
 *  https://protobuf.dev/programming-guides/encoding/ */
export function* messageFields(
  message: Uint8Array,
): Generator<{ readonly field: number; readonly content: Uint8Array }> {
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
      yield { field: Math.floor(key / 8), content: message.subarray(at, at + length) }
      at += length
    }
  }
}
