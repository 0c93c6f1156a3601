/**
 * The shape of a line: a hash of its bytes in which everything that is a value by its form (numbers, ids, addresses,
 * paths) counts as the same. Computed in one pass over bytes, without a string: this is the hot loop.
 *
 *   2026-03-03 09:00:00 ERROR order 812 failed for /srv/a7.json
 *   └───ø────┘ └──ø───┘ ERROR order  ø  failed for └────ø─────┘
 */
export type LineShape = {
  /** Two 32-bit lanes: equal shapes have equal lanes; different ones differ in at least one, all but surely. */
  lane1: number
  lane2: number
  /** Where reading goes on; afterwards the offset of the line feed (or `stop`). */
  at: number
  /** Reading ends here, or at a line feed before it. */
  stop: number
  /** True in stack traces, whose frames differ by path only. */
  keepPaths: boolean
  /** Of a JSON record: its keys and its level, without its text. */
  sort: number
  /** Offset at which a JSON record's time begins, -1 where none was met. */
  timeAt: number
}

export function createLineShape(): LineShape {
  return { lane1: 0, lane2: 0, at: 0, stop: 0, keepPaths: false, sort: 0, timeAt: -1 }
}

/** Makes `shape` ready for a line that begins at `start`. */
export function beginShape(shape: LineShape, start: number): void {
  shape.lane1 = 0x81_1c_9d_c5 | 0
  shape.lane2 = 0x2f_0b_44_47 | 0
  shape.at = start
  shape.stop = Number.MAX_SAFE_INTEGER
  shape.keepPaths = false
  shape.sort = 0
  shape.timeAt = -1
}

/** Letters that hexadecimal numbers have are 0, all others 1, so that or-ing tells whether a token could be one. */
const DIGIT = 2
const DELIMITER = 3
const LINE_FEED = 4

/** What each byte is. Bytes of UTF-8 sequences are letters. */
const CLASS = new Uint8Array(256).fill(1)
/** 1 for bytes that end a path. */
const ENDS_PATH = new Uint8Array(256)
for (const character of 'abcdefABCDEF-') CLASS[character.charCodeAt(0)] = 0
for (const character of ' \t\r\f\v\0"\'`()[]{}<>,;=|:\u001B!?&') {
  CLASS[character.charCodeAt(0)] = DELIMITER
}
for (const character of ' \t\r\n\0"\'`()[]{}<>,;|:') ENDS_PATH[character.charCodeAt(0)] = 1
CLASS.fill(DIGIT, 48, 58)
CLASS[10] = LINE_FEED

const PRIME1 = 0x01_00_01_93
const PRIME2 = 0x5b_d1_e9_95
const VALUE = 0x7f_4a_7c_15
const PATH = 0x1c_e4_e5_b9

const SLASH = 47
const ZERO = 48

/** Reads text up to a line feed or `shape.stop` into the lanes. The bytes must hold a line feed at or after `shape.at`. */
export function readText(bytes: Uint8Array, shape: LineShape): void {
  const { stop } = shape
  const pathMark = shape.keepPaths ? -1 : SLASH
  let { lane1, lane2, at } = shape
  while (at < stop) {
    let byte = bytes[at] as number
    let kind = CLASS[byte] as number
    if (kind >= DELIMITER) {
      if (kind === LINE_FEED) break
      lane1 = Math.imul(lane1 ^ byte, PRIME1)
      at++
      continue
    }
    if (byte === pathMark) {
      let pathEnd = at + 1
      while (ENDS_PATH[bytes[pathEnd] as number] === 0) pathEnd++
      if (pathEnd > at + 1) {
        lane1 = Math.imul(lane1 ^ PATH, PRIME1)
        lane2 = Math.imul(lane2 ^ PATH, PRIME2)
        at = pathEnd
        continue
      }
    }
    const tokenStart = at
    let runs = 0
    let notHex = 0
    let token1 = 0
    let token2 = 0
    for (;;) {
      while (kind < DIGIT) {
        notHex |= kind
        token1 = Math.imul(token1 ^ byte, PRIME1)
        token2 = ((token2 << 7) | (token2 >>> 25)) ^ byte
        byte = bytes[++at] as number
        kind = CLASS[byte] as number
      }
      if (kind !== DIGIT) break
      runs++
      token1 = Math.imul(token1 ^ ZERO, PRIME1)
      do {
        byte = bytes[++at] as number
        kind = CLASS[byte] as number
      } while (kind === DIGIT)
    }
    if (
      runs !== 0 &&
      (runs > 2 || (at - tokenStart >= 6 && isId(bytes, tokenStart, notHex === 0 ? 0 : at)))
    ) {
      token1 = notHex === 0 ? VALUE : prefixHash(bytes, tokenStart, at)
      token2 = VALUE
    }
    lane1 = Math.imul(lane1 ^ token1 ^ (token1 >>> 15), PRIME1)
    lane2 = Math.imul(lane2 ^ token2 ^ (token2 >>> 13), PRIME2)
  }
  shape.lane1 = lane1
  shape.lane2 = lane2
  shape.at = at
}

/**
 * Is a token with few digits an id as a whole? Then its letters say nothing: `a489c868`, `jA9J1UvC004306`. `end` is 0
 * where nothing but hexadecimal digits was met, which is an id already.
 */
function isId(bytes: Uint8Array, start: number, end: number): boolean {
  return end === 0 || (end - start >= 8 && changesOften(bytes, start, end))
}

/** Random ids change between lower case, upper case and digits all the time; names do so at word borders. */
function changesOften(bytes: Uint8Array, start: number, end: number): boolean {
  let changes = 0
  let length = 0
  let before = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    const sort = byte < 58 ? 0 : byte < 91 ? 1 : byte < 96 ? -1 : 2
    if (byte < ZERO || sort < 0) {
      before = -1
      continue
    }
    if (before >= 0 && sort !== before) changes++
    before = sort
    length++
  }
  return changes >= 4 && changes * 3 >= length
}

/** The part of an id that names its kind: `attempt_` of `attempt_1445_0020_m_000009`, nothing of a bare one. */
function prefixHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = VALUE
  let token = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if ((CLASS[byte] as number) === DIGIT) break
    token = Math.imul(token ^ byte, PRIME1)
    if (byte === 95 || byte === 45 || byte === 46) hash = token
  }
  return hash
}
