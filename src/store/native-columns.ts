import type { EpochMs } from '../time.ts'
import { ByteSink } from './byte-sink.ts'

/**
 * One column of a block in ClickHouse's Native format (clickhouse.com/docs/interfaces/formats/Native). Values are
 * written as they come, straight into the bytes that go to the engine; nothing is kept per row.
 */
export type Column<Value> = {
  /** The engine's type, as `DESCRIBE` writes it. */
  readonly type: string
  push(value: Value): void
  /** Rough size of what `write` will write. */
  bytes(): number
  /** Dictionaries announce themselves before the data of the outermost column. */
  writePrefix(out: ByteSink): void
  write(out: ByteSink): void
  /** Forgets the rows and keeps the memory. */
  clear(): void
}

/** Whole numbers and floats of a fixed width; `put` writes one. */
function fixed(type: string, put: (sink: ByteSink, value: number) => void): Column<number> {
  const sink = new ByteSink()
  return {
    type,
    push: (value) => put(sink, value),
    bytes: () => sink.length,
    writePrefix: () => {},
    write: (out) => out.bytes(sink.view()),
    clear: () => sink.clear(),
  }
}

export const uint8 = (type = 'UInt8'): Column<number> => fixed(type, (sink, value) => sink.uint8(value))
export const uint16 = (): Column<number> => fixed('UInt16', (sink, value) => sink.uint16(value))
export const uint32 = (): Column<number> => fixed('UInt32', (sink, value) => sink.uint32(value))
export const int32 = (): Column<number> => fixed('Int32', (sink, value) => sink.uint32(value))
export const uint64 = (): Column<number> => fixed('UInt64', (sink, value) => sink.uint64(value))
export const float64 = (): Column<number> => fixed('Float64', (sink, value) => sink.float64(value))
/** Epoch milliseconds with fractions; kept as nanoseconds, whole ones exactly. */
export const time = (): Column<EpochMs> => fixed('DateTime64(9)', (sink, value) => sink.nanoseconds(value))

export function text(): Column<string> {
  const sink = new ByteSink()
  return {
    type: 'String',
    push: (value) => sink.text(value),
    bytes: () => sink.length,
    writePrefix: () => {},
    write: (out) => out.bytes(sink.view()),
    clear: () => sink.clear(),
  }
}

/** Flags of a dictionary's indices: the block brings its own keys, and they are all there are. */
const OWN_KEYS = 0x600
const DICTIONARY_VERSION = 1

/** Text of which few values are different: each is written once per block, and the rows are numbers. */
export function word(): Column<string> & { codeOf(value: string): number; pushCode(code: number): void } {
  const keys = new ByteSink()
  const codes = new ByteSink()
  const known = new Map<string, number>()
  let lastValue = ''
  let lastCode = 0

  /** Rows often repeat the one before: a comparison of the same string object costs nothing. */
  function codeOf(value: string): number {
    if (value === lastValue && known.size > 0) return lastCode
    let code = known.get(value)
    if (code === undefined) {
      if (known.size === 0) remember('') // the engine keeps 0 for the empty text
      code = known.get(value) ?? remember(value)
    }
    lastValue = value
    lastCode = code
    return code
  }

  function remember(value: string): number {
    const code = known.size
    known.set(value, code)
    keys.text(value)
    return code
  }

  function write(out: ByteSink): void {
    const rows = codes.length / 4
    if (rows === 0) return // the engine writes nothing either
    const width = known.size <= 0x100 ? 0 : known.size <= 0x10000 ? 1 : 2
    out.uint64(OWN_KEYS + width)
    out.uint64(known.size)
    out.bytes(keys.view())
    out.uint64(rows)
    out.narrowed(codes.view(), width)
  }

  return {
    type: 'LowCardinality(String)',
    codeOf,
    pushCode: (code) => codes.uint32(code),
    push: (value) => codes.uint32(codeOf(value)),
    bytes: () => keys.length + codes.length,
    writePrefix: (out) => out.uint64(DICTIONARY_VERSION),
    write,
    clear: () => {
      keys.clear()
      codes.clear()
      known.clear()
      lastValue = ''
      lastCode = 0
    },
  }
}

type Pairs = ReadonlyMap<string, string>

/** Attributes. The maps of resources and scopes are one object for many rows, and are then encoded once a block. */
export function attributes(shared: 'shared' | 'own'): Column<Pairs> {
  const keys = word()
  const ends = new ByteSink()
  const seen = new Map<Pairs, { codes: number[]; values: Uint8Array }>()
  const values = new ByteSink()
  let count = 0

  function pushOwn(pairs: Pairs): void {
    for (const [key, value] of pairs) {
      keys.push(key)
      values.text(value)
    }
  }

  function pushShared(pairs: Pairs): void {
    const known = seen.get(pairs)
    if (known !== undefined) {
      for (const code of known.codes) keys.pushCode(code)
      values.bytes(known.values)
      return
    }
    const start = values.length
    const codes = [...pairs.keys()].map((key) => keys.codeOf(key))
    pushOwn(pairs)
    if (seen.size < MAX_SHARED)
      seen.set(pairs, { codes, values: Uint8Array.from(values.view().subarray(start)) })
  }

  return {
    type: 'Map(LowCardinality(String), String)',
    push: (pairs) => {
      count += pairs.size
      if (pairs.size > 0) (shared === 'shared' ? pushShared : pushOwn)(pairs)
      ends.uint64(count)
    },
    bytes: () => ends.length + keys.bytes() + values.length,
    writePrefix: (out) => keys.writePrefix(out),
    write: (out) => {
      out.bytes(ends.view())
      keys.write(out)
      out.bytes(values.view())
    },
    clear: () => {
      for (const part of [ends, values, keys]) part.clear()
      seen.clear()
      count = 0
    },
  }
}

/** Different resources of one block that are remembered; further ones are encoded each time. */
const MAX_SHARED = 1_024

/** A list in each row. */
export function list<Value>(inner: Column<Value>): Column<readonly Value[]> {
  const ends = new ByteSink()
  let count = 0
  return {
    type: `Array(${inner.type})`,
    push: (values) => {
      count += values.length
      for (const value of values) inner.push(value)
      ends.uint64(count)
    },
    bytes: () => ends.length + inner.bytes(),
    writePrefix: (out) => inner.writePrefix(out),
    write: (out) => {
      out.bytes(ends.view())
      inner.write(out)
    },
    clear: () => {
      ends.clear()
      inner.clear()
      count = 0
    },
  }
}
