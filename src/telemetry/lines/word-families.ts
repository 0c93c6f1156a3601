/**
 * Lines that differ in words only (names, cities, search terms) make as many shapes as there are words. Once there
 * are suspiciously many shapes, a line that is new is looked at again with its rare words masked; what is left names
 * its family. Words that many lines have belong to the program, and so do words that tell of trouble.
 */
export type WordFamilies = {
  /** The lanes of a line's family into `lanes`; false where too little of the line is familiar to say. */
  read(bytes: Uint8Array, range: { readonly start: number; readonly end: number }, lanes: Lanes): boolean
}

export type Lanes = { lane1: number; lane2: number }

const SLOTS = 0xff_ff
const SURE = 0x7f_ff_ff_ff
const PRIME1 = 0x01_00_01_93
const PRIME2 = 0x5b_d1_e9_95
/** A word is familiar when this many of the lines looked at have it, or one in so many of all. */
const FAMILIAR_LINES = 12
const FAMILIAR_SHARE = 200
const MAX_READ = 2048

const SURE_WORDS =
  'emerg emergency alert panic crit critical severe fatal error err warn warning failed failure exception denied refused ' +
  'timeout unable cannot killed abort aborted oom invalid unavailable corrupt lost'

export function createWordFamilies(): WordFamilies {
  const counts = new Int32Array(SLOTS + 1)
  let lines = 0
  for (const word of SURE_WORDS.split(' ')) {
    for (const form of [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]) {
      counts[wordHash(Buffer.from(form), 0, form.length) & SLOTS] = SURE
    }
  }
  return {
    read(bytes, { start, end }, lanes) {
      lines++
      const limit = Math.min(end, start + MAX_READ)
      const familiar = Math.max(FAMILIAR_LINES, lines / FAMILIAR_SHARE)
      let known = 0
      let rare = 0
      let at = start
      while (at < limit) {
        const byte = bytes[at] as number
        if (!isWordByte(byte)) {
          // A path is a value whole: what it is made of would only make the line look strange.
          if (byte === SLASH && isWordByte(bytes[at + 1] as number)) at = pathEnd(bytes, at, limit)
          else at++
          continue
        }
        const from = at
        let hasDigit = false
        while (at < limit && isWordByte(bytes[at] as number)) {
          if ((bytes[at] as number) < 58) hasDigit = true
          at++
        }
        if (hasDigit) continue
        const hash = wordHash(bytes, from, at)
        const count = counts[hash & SLOTS] as number
        if (count < SURE) counts[hash & SLOTS] = count + 1
        const isKnown = count >= familiar || tellsOfTrouble(bytes, at)
        if (isKnown) known++
        else rare++
        lanes.lane1 = Math.imul(lanes.lane1 ^ (isKnown ? hash : 7), PRIME1)
        lanes.lane2 = Math.imul(lanes.lane2 ^ (isKnown ? hash >>> 5 : 11), PRIME2)
      }
      return known >= 2 && rare <= 2 * known
    },
  }
}

const SLASH = 47

function pathEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start
  while (at < limit && (bytes[at] as number) > 32 && bytes[at] !== 34 && bytes[at] !== 39 && bytes[at] !== 44)
    at++
  return at
}

function wordHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x81_1c_9d_c5 | 0
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME1)
  return hash ^ (hash >>> 15)
}

/** Letters, digits and bytes of other scripts. */
function isWordByte(byte: number): boolean {
  return (byte >= 48 && byte < 58) || (byte >= 65 && byte < 91) || (byte >= 97 && byte < 123) || byte >= 128
}

/** `…Error`, `…Exception`: the name of a kind of failure is never just a word. */
function tellsOfTrouble(bytes: Uint8Array, end: number): boolean {
  const [c, b, a] = [bytes[end - 3], bytes[end - 2], bytes[end - 1]]
  const isError = c === 114 && b === 111 && a === 114 && bytes[end - 4] === 114
  return isError || (c === 105 && b === 111 && a === 110 && bytes[end - 4] === 116 && bytes[end - 5] === 112)
}
