import { beginShape, createLineShape, readText, type LineShape } from './line-shape.ts'
import type { LogSource, ShapeEntry } from './log-source.ts'
import { createShapeTable } from './shape-table.ts'
import { createWordFamilies, type Lanes } from './word-families.ts'

/** Where a line is in the source's buffer. */
export type LineRange = { readonly start: number; readonly end: number }

export type ShapeIndexDeps = {
  /** Understands a line whose shape is new. */
  create(source: LogSource, range: LineRange): ShapeEntry
  kindCount(): number
}

/** With more shapes than this, some differ in words only. */
const MANY_SHAPES = 4096
/** Memory stays bounded whatever the input is: past these, a line is told by its beginning only. */
const MAX_SHAPES = 500_000
const MAX_KINDS = 30_000
/** And past these, by how many words it has. */
const MAX_COARSE_KINDS = 40_000
const COARSE_BYTES = 48

/** Finds the entry of a line by its shape, and makes one where none is known. */
export type ShapeIndex = (source: LogSource, shape: LineShape, range: LineRange) => ShapeEntry

export function createShapeIndex(deps: ShapeIndexDeps): ShapeIndex {
  const exact = createEntryTable()
  const byFamily = createEntryTable()
  const byBeginning = createEntryTable()
  const byLength: ShapeEntry[] = []
  const families = createWordFamilies()
  const lanes: Lanes = { lane1: 0, lane2: 0 }
  const beginning = createLineShape()

  /** When even families are too many, the line's beginning must do. */
  const coarseEntry = (source: LogSource, range: LineRange): ShapeEntry => {
    const kinds = deps.kindCount()
    if (kinds < MAX_KINDS) return deps.create(source, range)
    if (kinds >= MAX_COARSE_KINDS) {
      const length = wordCount(source.buffer, range)
      return (byLength[length] ??= deps.create(source, range))
    }
    beginShape(beginning, range.start)
    beginning.stop = Math.min(range.end, range.start + COARSE_BYTES)
    readText(source.buffer, beginning)
    return byBeginning.get(beginning) ?? byBeginning.add(beginning, deps.create(source, range))
  }

  /** The entry of a new shape: its own, or that of the lines that differ from it in rare words only. */
  const newEntry = (source: LogSource, shape: LineShape, range: LineRange): ShapeEntry => {
    if (exact.size() < MANY_SHAPES) return deps.create(source, range)
    lanes.lane1 = shape.sort
    lanes.lane2 = shape.sort
    if (!families.read(source.buffer, range, lanes)) return coarseEntry(source, range)
    return byFamily.get(lanes) ?? byFamily.add(lanes, coarseEntry(source, range))
  }

  return (source, shape, range) => exact.get(shape) ?? exact.add(shape, newEntry(source, shape, range))
}

const MAX_COUNTED_WORDS = 63

function wordCount(bytes: Uint8Array, { start, end }: LineRange): number {
  let words = 0
  for (let at = start; at < end && words < MAX_COUNTED_WORDS; at++) if (bytes[at] === 32) words++
  return words
}

type EntryTable = {
  get(lanes: Lanes): ShapeEntry | undefined
  /** Keeps the entry, unless the table is full; answers it. */
  add(lanes: Lanes, entry: ShapeEntry): ShapeEntry
  size(): number
}

function createEntryTable(): EntryTable {
  const table = createShapeTable()
  const entries: ShapeEntry[] = []
  return {
    get({ lane1, lane2 }) {
      const index = table.find(lane1, lane2)
      return index < 0 ? undefined : entries[index]
    },
    add({ lane1, lane2 }, entry) {
      if (table.size < MAX_SHAPES) entries[table.add(lane1, lane2)] = entry
      return entry
    },
    size: () => table.size,
  }
}
