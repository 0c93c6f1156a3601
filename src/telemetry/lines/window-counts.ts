import { WINDOW_MS, type EpochMs } from '../../time.ts'

/**
 * How often each kind was seen per 10 s window, as a log of (kind, window, count) in typed arrays. When the log is
 * full, equal entries are added up; when that isn't enough, windows of kinds that need no precision are put together
 * by the minute, then by the hour.
 */
export type WindowCounts = {
  /** `window` is a time divided by the window's width. */
  add(kind: number, window: number, count: number): void
  /** Calls `visit` for each kind and window that has a count. */
  forEach(visit: (kind: number, start: EpochMs, count: number) => void): void
}

export function createWindowCounts(isPrecise: (kind: number) => boolean, capacity = 1_500_000): WindowCounts {
  let kinds = new Int32Array(4096)
  let windows = new Int32Array(4096)
  let counts = new Int32Array(4096)
  let size = 0

  const compact = (windowsTogether: number): void => {
    const order = new Float64Array(size)
    for (let at = 0; at < size; at++) {
      const kind = kinds[at] as number
      const window = windows[at] as number
      const kept = windowsTogether > 1 && !isPrecise(kind) ? window - (window % windowsTogether) : window
      windows[at] = kept
      // Kinds below 2^21 and windows below 2^31 fit into the 53 bits of a number; the count is looked up afterwards.
      order[at] = kind * 0x80_00_00_00 + kept
    }
    const sums = new Map<number, number>()
    for (let at = 0; at < size; at++) {
      const key = order[at] as number
      sums.set(key, (sums.get(key) ?? 0) + (counts[at] as number))
    }
    size = 0
    for (const [key, count] of sums) {
      if (count === 0) continue
      kinds[size] = Math.floor(key / 0x80_00_00_00)
      windows[size] = key % 0x80_00_00_00
      counts[size] = count
      size++
    }
  }

  const makeRoom = (): void => {
    if (kinds.length < capacity) {
      kinds = enlarged(kinds)
      windows = enlarged(windows)
      counts = enlarged(counts)
      return
    }
    for (const together of [1, 6, 360, 8640]) {
      compact(together)
      if (size < capacity / 2) return
    }
    size = Math.floor(size / 2)
  }

  return {
    add(kind, window, count) {
      if (size === kinds.length) makeRoom()
      kinds[size] = kind
      windows[size] = window
      counts[size] = count
      size++
    },
    forEach(visit) {
      for (let at = 0; at < size; at++) {
        visit(kinds[at] as number, (windows[at] as number) * WINDOW_MS, counts[at] as number)
      }
    },
  }
}

function enlarged(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
