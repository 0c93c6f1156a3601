import type { EpochMs } from '../../time.ts'
import { windowStart } from '../../time.ts'
import type { Tally } from '../request.ts'

/** Requests and failures per window of 10 s. */
export type Tallies = {
  /** Answers how many windows it opened. */
  add(at: EpochMs, failed: boolean, mayOpenWindow: boolean): number
  subtract(other: Tallies): void
  windowCount(): number
  entries(): Iterable<[EpochMs, number]>
  snapshot(): Tally & {
    readonly windows: ReadonlyMap<EpochMs, Tally>
    readonly firstAt: EpochMs | null
    readonly lastAt: EpochMs | null
  }
}

/** Two counts in one number: failures in units of 2^26, requests below (67 million in 10 s are enough). */
const FAILURE = 2 ** 26

/** More windows than this (eleven days without a pause) are put together, in the older half. */
const MAX_WINDOWS = 100_000

/**
 * Counts by window. Where there are too many, neighbours that are alike become one: the first of them keeps the counts
 * of both, and a window that is not there continues the one before it, so that downtime stays what it was.
 */
export function createTallies(maxWindows = MAX_WINDOWS): Tallies {
  const windows = new Map<EpochMs, number>()
  const sum = { requests: 0, failed: 0 }
  let firstAt = Infinity
  let lastAt = -Infinity
  return {
    add(at, failed, mayOpenWindow) {
      sum.requests += 1
      if (failed) sum.failed += 1
      if (at < firstAt) firstAt = at
      if (at > lastAt) lastAt = at
      const start = windowStart(at)
      const known = windows.get(start)
      if (known === undefined && !mayOpenWindow) return 0
      windows.set(start, (known ?? 0) + (failed ? FAILURE + 1 : 1))
      if (known !== undefined) return 0
      if (windows.size > maxWindows) merge(windows)
      return 1
    },
    subtract(other) {
      const starts = [...windows.keys()].sort((a, b) => a - b)
      for (const [start, packed] of other.entries()) {
        const at = windows.has(start) ? start : (starts.findLast((one) => one < start) ?? start)
        const left = (windows.get(at) ?? 0) - packed
        if (left > 0) windows.set(at, left)
        else windows.delete(at)
      }
      const { requests, failed } = other.snapshot()
      sum.requests -= requests
      sum.failed -= failed
    },
    windowCount: () => windows.size,
    entries: () => windows.entries(),
    snapshot() {
      const ordered = [...windows].sort((a, b) => a[0] - b[0])
      return {
        ...sum,
        windows: new Map(ordered.map(([start, packed]) => [start, unpacked(packed)])),
        firstAt: sum.requests === 0 ? null : firstAt,
        lastAt: sum.requests === 0 ? null : lastAt,
      }
    },
  }
}

function unpacked(packed: number): Tally {
  return { requests: packed % FAILURE, failed: Math.floor(packed / FAILURE) }
}

type State = 'fine' | 'failing' | 'down'

function stateOf(packed: number): State {
  const { requests, failed } = unpacked(packed)
  if (failed === 0) return 'fine'
  return failed * 2 > requests ? 'down' : 'failing'
}

/** Halves the resolution of the older half, of windows without failures first; of the others where that is too little. */
function merge(windows: Map<EpochMs, number>): void {
  const before = windows.size
  mergePairs(windows, (state) => state === 'fine')
  if (windows.size > before * 0.9) mergePairs(windows, () => true)
  // States that change all the time leave nothing to put together: what is oldest goes.
  if (windows.size > before * 0.9)
    for (const start of olderHalf(windows).subarray(0, Math.ceil(before / 10))) windows.delete(start)
}

function olderHalf(windows: ReadonlyMap<EpochMs, number>): Float64Array {
  const starts = Float64Array.from(windows.keys()).sort()
  return starts.subarray(0, Math.ceil(starts.length / 2))
}

function mergePairs(windows: Map<EpochMs, number>, may: (state: State) => boolean): void {
  let first: EpochMs | null = null
  for (const start of olderHalf(windows)) {
    const packed = windows.get(start) ?? 0
    const kept = first === null ? 0 : (windows.get(first) ?? 0)
    const isAlike = first !== null && stateOf(kept) === stateOf(packed) && may(stateOf(packed))
    if (first !== null && isAlike) {
      windows.set(first, kept + packed)
      windows.delete(start)
      first = null
    } else first = start
  }
}
