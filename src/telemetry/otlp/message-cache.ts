/** Bytes of a message → what was made of them, so that the same resource of ten requests is one object. Of fixed size:
 *  a newcomer takes the place of the one before. */
export type MessageCache<Value> = {
  readonly get: (bytes: Buffer, start: number, options: { end: number; make: () => Value }) => Value
}

const SLOTS = 256
/** Longer messages are made anew. */
const LONGEST = 8192

export function createMessageCache<Value>(): MessageCache<Value> {
  const slots: ({ readonly bytes: Buffer; readonly value: Value } | null)[] = Array.from(
    { length: SLOTS },
    () => null,
  )
  return {
    get(bytes, start, { end, make }) {
      if (end - start > LONGEST) return make()
      const at = hash(bytes, start, end) & (SLOTS - 1)
      const slot = slots[at]
      if (slot?.bytes.length === end - start && slot.bytes.compare(bytes, start, end) === 0) return slot.value
      const value = make()
      // A copy: a view would keep the whole body alive.
      slots[at] = { bytes: Buffer.from(bytes.subarray(start, end)), value }
      return value
    },
  }
}

function hash(bytes: Buffer, start: number, end: number): number {
  let state = 0x811c9dc5
  for (let index = start; index < end; index += 1) {
    state = Math.imul(state ^ (bytes[index] ?? 0), 0x01000193)
  }
  return state ^ (state >>> 16) ^ (state >>> 8)
}
