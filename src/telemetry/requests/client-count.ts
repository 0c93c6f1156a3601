/** Counts distinct clients: exactly up to 10,000, then by HyperLogLog with about 1.6 % error, in bounded memory. */
export type ClientCount = {
  add(client: string): void
  count(): number
}

const EXACT_LIMIT = 10_000
const REGISTER_BITS = 12
const REGISTERS = 1 << REGISTER_BITS

/** Flajolet et al. 2007, https://algo.inria.fr/flajolet/Publications/FlFuGaMe07.pdf (small ranges are exact here). */
export function createClientCount(): ClientCount {
  const exact = new Set<string>()
  let registers: Uint8Array | null = null

  function addTo(target: Uint8Array, client: string): void {
    const register = hash(client, 0x9747b28c) & (REGISTERS - 1)
    const rank = Math.clz32(hash(client, 0x5bd1e995)) + 1
    if (rank > (target[register] ?? 0)) target[register] = rank
  }

  return {
    add(client) {
      if (registers) return addTo(registers, client)
      exact.add(client)
      if (exact.size <= EXACT_LIMIT) return undefined
      const filled = new Uint8Array(REGISTERS)
      for (const known of exact) addTo(filled, known)
      exact.clear()
      registers = filled
      return undefined
    },
    count() {
      if (!registers) return exact.size
      const sum = registers.reduce((total, rank) => total + 2 ** -rank, 0)
      const alpha = 0.7213 / (1 + 1.079 / REGISTERS)
      return Math.round((alpha * REGISTERS * REGISTERS) / sum)
    },
  }
}

/** MurmurHash3's mixing over UTF-16 units, 32 bits. */
function hash(text: string, seed: number): number {
  let state = seed
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0xcc9e2d51)
    state = (state << 13) | (state >>> 19)
  }
  state ^= text.length
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}
