import { AppError } from '../errors.ts'
import { toNanoseconds } from './ask.ts'
import type { Page, Paging, Window } from './telemetry-store.ts'

/** A stretch of time to look at; nanoseconds, as text for the engine. */
export type Stretch = {
  readonly from: string
  readonly to: string
  readonly limit: number
  readonly offset: number
}

type Timed = { readonly ns: string }

export type TimeSearch<Row extends Timed, Item> = {
  readonly window: Window
  readonly paging: Paging
  /** Rows of the stretch, newest first, ties always in the same order. */
  readonly look: (stretch: Stretch) => Promise<readonly Row[]>
  readonly toItem: (row: Row) => Item
  /** How far back the first look goes; the whole window where rows are few. */
  readonly firstMs: number
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
/** A look that found nothing is followed by one so much wider; one that found some, by one that should suffice. */
const WIDEN = { least: 3, most: 12 }
/**
 * A search that has read for so long gives what it has, and where it stopped. What every look costs, however little it
 * reads, does not count: there are few looks, and a busy machine must not make pages empty.
 */
const BUDGET_MS = 110

/**
 * The newest rows of a window, without reading all of it: looks back in widening stretches until there are enough. So
 * a page costs what it holds where rows are dense, and a rare word in a long day comes in several pages.
 *
 *     from ├──────────────────────┤────────┤──┤ to       stretches, looked at from the right
 */
export async function searchBack<Row extends Timed, Item>(
  search: TimeSearch<Row, Item>,
): Promise<Page<Item>> {
  const limit = Math.min(Math.max(1, Math.floor(search.paging.limit ?? DEFAULT_LIMIT)), MAX_LIMIT)
  const start = readCursor(search.paging.cursor) ?? { end: toNanoseconds(search.window.to), skip: 0 }
  const first = toNanoseconds(search.window.from)
  const rows: Row[] = []
  let cheapestMs = Number.POSITIVE_INFINITY
  let readMs = 0
  let { end } = start
  let width = toNanoseconds(search.firstMs)
  while (end > first && rows.length < limit) {
    const from = end - width > first ? end - width : first
    const offset = end === start.end ? start.skip : 0
    const wanted = limit - rows.length
    const lookedAt = performance.now()
    const found = await search.look({ from: `${from}`, to: `${end}`, limit: wanted, offset })
    rows.push(...found)
    if (found.length >= wanted) break
    end = from
    const tookMs = performance.now() - lookedAt
    cheapestMs = Math.min(cheapestMs, tookMs)
    readMs += tookMs - cheapestMs
    if (readMs >= BUDGET_MS) break
    const affordable = (BUDGET_MS - readMs) / Math.max(1, tookMs - cheapestMs)
    width = nextWidth(width, { found: rows.length, wanted: limit, covered: start.end - end, affordable })
  }
  const next = rows.length >= limit ? afterLast(rows, start) : end > first ? { end, skip: 0 } : null
  return { data: rows.map(search.toItem), pagination: { next: next === null ? null : writeCursor(next) } }
}

type Seen = {
  readonly found: number
  readonly wanted: number
  readonly covered: bigint
  /** How many times the look before would fit into what is left of the time. */
  readonly affordable: number
}

/** As wide as what was found so far says that the rest needs, and a third more; never more than there is time for. */
function nextWidth(width: bigint, { found, wanted, covered, affordable }: Seen): bigint {
  const needed = (Number(covered) * (wanted - found) * 1.3) / Math.max(found, 0.1)
  const bounded = Math.min(Math.max(needed, Number(width) * WIDEN.least), Number(width) * WIDEN.most)
  return BigInt(Math.ceil(Math.max(Math.min(bounded, Number(width) * affordable), Number(width) / 4)))
}

type Place = { readonly end: bigint; readonly skip: number }

/** Behind the last row: rows of the very same time that were given already are skipped. */
function afterLast(rows: readonly Timed[], start: Place): Place {
  const last = BigInt(rows.at(-1)?.ns ?? '0')
  const sameTime = rows.filter(({ ns }) => BigInt(ns) === last).length
  const isSameAsBefore = start.end === last + 1n
  return { end: last + 1n, skip: sameTime + (isSameAsBefore ? start.skip : 0) }
}

function writeCursor({ end, skip }: Place): string {
  return Buffer.from(`${end}.${skip}`).toString('base64url')
}

function readCursor(cursor: string | null | undefined): Place | null {
  if (cursor === null || cursor === undefined || cursor === '') return null
  const match = /^(\d{1,19})\.(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (match === null) {
    throw new AppError(
      'REQUEST_INVALID',
      `expected a cursor that a page gave as "next", found "${cursor.slice(0, 40)}"`,
    )
  }
  return { end: BigInt(match[1] ?? '0'), skip: Number(match[2]) }
}
