/** A small program that talks to a database, as data: each language writes the same one in its own idiom. */
export type Program = {
  poolSize: number
  poolTimeoutMs: number
  driverVersion: string
  stores: Store[]
  /** Files that no language renders: documentation, CI, migrations. */
  readonly extra: Map<string, string>
}

export type Store = { readonly entity: string; readonly queries: Query[]; helper: boolean }

/** How a query takes a connection and gives it back. The first two always do. */
export type Idiom =
  | 'scoped'
  | 'finally'
  | 'never-released'
  | 'released-at-the-end'
  | 'early-return'
  | 'released-on-success'

export type Query = {
  readonly verb: string
  readonly entity: string
  columns: string[]
  idiom: Idiom
  logs: boolean
  validates: boolean
  comment: string | null
  variable: string
}

export const safeIdioms: readonly Idiom[] = ['scoped', 'finally']
export const leakingIdioms: readonly Idiom[] = [
  'never-released',
  'released-at-the-end',
  'early-return',
  'released-on-success',
]

/** One language's way to write the program, and how its runtime prints a starving request. */
export type Language = {
  readonly name: string
  readonly files: (program: Program) => ReadonlyMap<string, string>
  readonly testFile: (entity: string, note: string) => readonly [path: string, text: string]
  readonly starving: Starving
  /** The text of a trace as the language's runtime prints it, innermost frames as given. */
  readonly trace: (frames: readonly TraceFrame[], starving: Starving) => string
  /** Where the program is mounted in the traces. */
  readonly root: string
  /** Where a query takes its connection and where it is called, by file, function and a text that the line holds. */
  readonly places: (query: Query) => readonly [taking: Place, calling: Place]
}

export type Place = {
  readonly file: string
  /** As a trace shows it. */
  readonly function: string
  /** The head of the function, and the line within it. */
  readonly head: string
  readonly text: string
}

export type Starving = {
  readonly type: string
  readonly message: string
  readonly library: readonly TraceFrame[]
}
export type TraceFrame = { readonly file: string; readonly line: number; readonly function: string }

/** Mulberry32: the same seed gives the same history, on every machine. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(next() * from.length)]
    if (one === undefined) throw new Error('expected something to pick from')
    return one
  }
  const shuffled = <T>(all: readonly T[]): T[] => {
    const left = [...all]
    const out: T[] = []
    while (left.length > 0) out.push(...left.splice(Math.floor(next() * left.length), 1))
    return out
  }
  return { next, pick, shuffled, between: (low, high) => low + Math.floor(next() * (high - low + 1)) }
}

export type Chance = {
  readonly next: () => number
  readonly pick: <T>(from: readonly T[]) => T
  readonly shuffled: <T>(all: readonly T[]) => T[]
  readonly between: (low: number, high: number) => number
}

export function camel(...words: readonly string[]): string {
  const joined = words.flatMap((word) => word.split('_'))
  return joined.map((word, at) => (at === 0 ? word : pascal(word))).join('')
}

export function pascal(...words: readonly string[]): string {
  return words
    .flatMap((word) => word.split('_'))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

export function sqlOf(query: Query, mark: string): string {
  return `select ${query.columns.join(', ')} from ${query.entity}s where ${query.entity}_key = ${mark}`
}

/** Lines of a block, one level deeper. */
export function indented(lines: readonly string[], by: string): string[] {
  return lines.map((line) => (line === '' ? '' : by + line))
}
