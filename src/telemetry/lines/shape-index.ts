import type { LineShape } from './line-shape.ts'
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
/** Memory stays bounded whatever the input is. */
const MAX_SHAPES = 500_000

/** Finds the entry of a line by its shape, and makes one where none is known. */
export type ShapeIndex = (source: LogSource, shape: LineShape, range: LineRange) => ShapeEntry

export function createShapeIndex(deps: ShapeIndexDeps): ShapeIndex {
  const exact = createEntryTable()
  const byFamily = createEntryTable()
  const shared = new Map<string, ShapeEntry>()
  const families = createWordFamilies()
  const lanes: Lanes = { lane1: 0, lane2: 0 }

  /** Lines that are counted together because there are too many kinds share entries where they are treated alike. */
  const createOne = (source: LogSource, range: LineRange): ShapeEntry => {
    const entry = deps.create(source, range)
    if (entry.kind.index < deps.kindCount() - 1) {
      const key = treatmentOf(entry)
      const known = shared.get(key)
      if (known) return known
      shared.set(key, entry)
    }
    return entry
  }

  /** The entry of a new shape: its own, or that of the lines that differ from it in rare words only. */
  const newEntry = (source: LogSource, shape: LineShape, range: LineRange): ShapeEntry => {
    if (exact.size() < MANY_SHAPES) return createOne(source, range)
    lanes.lane1 = shape.sort
    lanes.lane2 = shape.sort
    if (!families.read(source.buffer, range, lanes)) return createOne(source, range)
    return byFamily.get(lanes) ?? byFamily.add(lanes, createOne(source, range))
  }

  return (source, shape, range) => exact.get(shape) ?? exact.add(shape, newEntry(source, shape, range))
}

function treatmentOf({ kind, clock, headed, partial, hasRequest, mayBelongToTrace }: ShapeEntry): string {
  const place = clock.kind === 'clock' || clock.kind === 'epoch' ? clock.ordinal : 0
  return [kind.index, clock.kind, place, headed, partial, hasRequest, mayBelongToTrace].join(' ')
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
