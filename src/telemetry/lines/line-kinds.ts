import { WINDOW_MS, type EpochMs } from '../../time.ts'
import type { ExceptionChain } from '../exception.ts'
import type { LogExample, SeverityText } from '../fingerprint.ts'
import { createWindowCounts, type WindowCounts } from './window-counts.ts'

/** A kind of line before templates are made: one shape, or one exception however it was logged. */
export type LineKind = {
  readonly index: number
  readonly severityText: SeverityText
  /** The first line of this kind, and where its message begins as far as its format tells. */
  readonly text: string
  readonly messageStart: number
  /** Which source it came from first, and whether its message was a field of a record (and so has no header). */
  readonly source: number
  readonly isField: boolean
  readonly exception: ExceptionChain | null
  readonly examples: LogExample[]
  count: number
  firstSeen: EpochMs
  lastSeen: EpochMs
  /** The window that is being counted; written to the log when another begins. */
  window: number
  windowCount: number
}

export type LineKinds = {
  readonly all: readonly LineKind[]
  add(
    kind: Pick<
      LineKind,
      'severityText' | 'text' | 'messageStart' | 'source' | 'isField' | 'exception' | 'examples'
    >,
  ): LineKind
  windows(): WindowCounts
}

/** The kinds of all sources, in the order of their first appearance. */
export function createLineKinds(): LineKinds & { readonly log: WindowCounts } {
  const all: LineKind[] = []
  const log = createWindowCounts((kind) => isErrorClass(all[kind]))
  return {
    all,
    log,
    add(kind) {
      const added: LineKind = {
        index: all.length,
        ...kind,
        count: 0,
        firstSeen: Number.POSITIVE_INFINITY,
        lastSeen: Number.NEGATIVE_INFINITY,
        window: 0,
        windowCount: 0,
      }
      all.push(added)
      return added
    },
    windows() {
      for (const kind of all) closeWindow(kind, log)
      return log
    },
  }
}

/** Counts one line; `time` is NaN where nothing tells it. */
export function countLine(kind: LineKind, time: EpochMs, log: WindowCounts): void {
  kind.count++
  if (Number.isNaN(time)) return
  if (time < kind.firstSeen) kind.firstSeen = time
  if (time > kind.lastSeen) kind.lastSeen = time
  const window = Math.floor(time / WINDOW_MS)
  if (window !== kind.window) {
    closeWindow(kind, log)
    kind.window = window
  }
  kind.windowCount++
}

/** Takes a line back that turned out to belong to an exception. */
export function uncountLine(kind: LineKind, time: EpochMs, log: WindowCounts): void {
  kind.count--
  if (!Number.isNaN(time)) log.add(kind.index, Math.floor(time / WINDOW_MS), -1)
}

function closeWindow(kind: LineKind, log: WindowCounts): void {
  if (kind.windowCount !== 0) log.add(kind.index, kind.window, kind.windowCount)
  kind.windowCount = 0
}

export function isErrorClass(kind: Pick<LineKind, 'severityText' | 'exception'> | undefined): boolean {
  return (
    kind !== undefined &&
    (kind.exception !== null || kind.severityText === 'ERROR' || kind.severityText === 'FATAL')
  )
}
