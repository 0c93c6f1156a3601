/**
 * Bytes to strings, where the same short texts come again and again (keys, methods, routes): the string that was made
 * the first time is given again, which is faster than decoding and keeps one copy. A table of fixed size in which a
 * newcomer takes the place of the one before, so that a sender of a million values fills nothing.
 */
export type TextCache = {
  /** The text of bytes [start, end), as UTF-8. */
  readonly text: (bytes: Buffer, start: number, end: number) => string
}

const SLOTS = 8192
/** Longer texts seldom repeat, and cost more to compare. */
const LONGEST = 64
const HASHED = 10

export function createTextCache(): TextCache {
  const kept = new Uint8Array(SLOTS * LONGEST)
  const lengths = new Uint8Array(SLOTS)
  const texts: string[] = Array.from({ length: SLOTS }, () => '')

  function isKept(slot: number, bytes: Buffer, start: number): boolean {
    const length = lengths[slot] ?? 0
    for (let offset = slot * LONGEST, index = 0; index < length; index += 1) {
      if (kept[offset + index] !== bytes[start + index]) return false
    }
    return true
  }

  return {
    text(bytes, start, end) {
      const length = end - start
      if (length === 0) return ''
      if (length > LONGEST) return bytes.toString('utf8', start, end)
      const slot = hash(bytes, start, end) & (SLOTS - 1)
      if (lengths[slot] === length && isKept(slot, bytes, start)) return texts[slot] ?? ''
      const text = bytes.toString('utf8', start, end)
      for (let index = 0; index < length; index += 1) kept[slot * LONGEST + index] = bytes[start + index] ?? 0
      lengths[slot] = length
      texts[slot] = text
      return text
    },
  }
}

/** FNV-1a over the last bytes, in which names of one family differ, with the length and the first. Two texts of one hash
 *  take each other's place; they are never taken for each other. */
function hash(bytes: Buffer, start: number, end: number): number {
  let state = Math.imul((end - start) ^ ((bytes[start] ?? 0) << 8), 0x01000193)
  for (let index = Math.max(start, end - HASHED); index < end; index += 1) {
    state = Math.imul(state ^ (bytes[index] ?? 0), 0x01000193)
  }
  return state ^ (state >>> 15)
}
