import type { BlockWriter } from './native-block.ts'

/** Sends a finished block to its table; resolves when the rows are kept. */
export type InsertBlock = (block: {
  table: string
  columnNames: readonly string[]
  data: Buffer
}) => Promise<void>

export type LaneTiming = {
  /** The first rows after a rest wait so long for company. */
  readonly gatherMs: number
  /** Inserts into one table begin at least so far apart: each makes a part, and parts have to be merged. */
  readonly apartMs: number
  /**
   * Senders who were told, and are back within so long with half as much or more, send one batch after another: to keep
   * them `apartMs` apart would be to slow them down. Those who send by the clock come back later.
   */
  readonly backMs: number
  /** So many bytes go at once, whatever the clock says. */
  readonly fullBytes: number
  /** Full blocks that may be on their way at once, so that rows are encoded while others are inserted. */
  readonly abreast: number
}

/** Full at 4 MB: some 16,000 log records, enough for a part and few enough that senders do not all wait for one. */
export const LANE_TIMING: LaneTiming = {
  gatherMs: 15,
  apartMs: 200,
  backMs: 40,
  fullBytes: 4 << 20,
  abreast: 2,
}

/** The way into one table: rows of many senders gathered into one insert (group commit). */
export type Lane<Item> = {
  /** Resolves when these rows are kept; rejects when they were refused, all of them. */
  add(items: Iterable<Item>): Promise<void>
  /** Encoded, and not yet kept. */
  bytes(): number
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>
}

/** A block that fills or is on its way, and those who wait for it. */
type Group<Item> = { readonly block: BlockWriter<Item>; readonly kept: PromiseWithResolvers<void> }
/** When senders were told last, of how many bytes, and how many were waiting already. */
type Told = { readonly at: number; readonly bytes: number; readonly waiting: number }

type LaneParts<Item> = {
  readonly makeBlock: () => BlockWriter<Item>
  readonly insert: InsertBlock
  readonly timing: LaneTiming
  readonly now: () => number
}

/**
 *     add ─► filling block ──(gathered, apart, or full)──► insert ─► all senders of the block are told
 *                 ▲                                          │
 *                 └──────────── emptied block ◄──────────────┘      one insert at a time, full blocks `abreast`
 */
export function createLane<Item>(
  makeBlock: () => BlockWriter<Item>,
  insert: InsertBlock,
  clock: { timing: LaneTiming; now: () => number },
): Lane<Item> {
  return new TableLane({ makeBlock, insert, ...clock })
}

class TableLane<Item> implements Lane<Item> {
  readonly #parts: LaneParts<Item>
  readonly #spare: BlockWriter<Item>[] = []
  readonly #sending = new Set<Group<Item>>()
  #filling: Group<Item>
  #timer: NodeJS.Timeout | null = null
  #dueAt = Number.POSITIVE_INFINITY
  #lastStart = Number.NEGATIVE_INFINITY
  #told: Told = { at: Number.NEGATIVE_INFINITY, bytes: 0, waiting: 0 }

  constructor(parts: LaneParts<Item>) {
    this.#parts = parts
    this.#filling = this.#newGroup()
  }

  add(items: Iterable<Item>): Promise<void> {
    const { block, kept } = this.#filling
    try {
      for (const item of items) block.add(item)
    } catch (error) {
      // Half a row would shift all behind it: the block is given up, and its senders come again.
      kept.reject(error)
      this.#filling = this.#newGroup()
      return kept.promise
    }
    if (block.rows() === 0) return Promise.resolve()
    this.#schedule()
    return kept.promise
  }

  bytes(): number {
    let sum = this.#filling.block.bytes()
    for (const { block } of this.#sending) sum += block.bytes()
    return sum
  }

  async idle(): Promise<void> {
    while (this.#sending.size > 0 || this.#filling.block.rows() > 0) {
      if (this.#filling.block.rows() > 0 && this.#sending.size < this.#parts.timing.abreast) void this.#send()
      await Promise.allSettled([...this.#sending].map(({ kept }) => kept.promise))
    }
  }

  #newGroup(): Group<Item> {
    const kept = Promise.withResolvers<void>()
    kept.promise.catch(() => {}) // each sender hears of it; nobody else has to
    return { block: this.#spare.pop() ?? this.#parts.makeBlock(), kept }
  }

  #schedule(): void {
    const { timing, now } = this.#parts
    const { block } = this.#filling
    if (block.rows() === 0 || this.#sending.size >= timing.abreast) return
    if (block.bytes() >= timing.fullBytes) return void this.#send()
    if (this.#sending.size > 0) return
    const waitMs = this.#areBack()
      ? timing.gatherMs
      : Math.max(timing.gatherMs, this.#lastStart + timing.apartMs - now())
    if (now() + waitMs >= this.#dueAt) return
    this.#stopTimer()
    this.#dueAt = now() + waitMs
    this.#timer = setTimeout(() => void this.#send(), waitMs)
  }

  #areBack(): boolean {
    const { at, bytes, waiting } = this.#told
    const came = this.#filling.block.bytes() - waiting
    return this.#parts.now() - at <= this.#parts.timing.backMs && came * 2 >= bytes
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  async #send(): Promise<void> {
    this.#stopTimer()
    const group = this.#filling
    const { block, kept } = group
    this.#sending.add(group)
    this.#filling = this.#newGroup()
    this.#lastStart = this.#parts.now()
    try {
      await this.#parts.insert({ table: block.table, columnNames: block.columnNames, data: block.encode() })
      kept.resolve()
    } catch (error) {
      kept.reject(error)
    }
    this.#told = { at: this.#parts.now(), bytes: block.bytes(), waiting: this.#filling.block.bytes() }
    block.clear()
    this.#sending.delete(group)
    // Full blocks are seldom more than were abreast: what a burst made is let go.
    if (this.#spare.length < this.#parts.timing.abreast) this.#spare.push(block)
    this.#schedule()
  }
}
