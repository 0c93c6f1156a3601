import { createWatchState, restoredUsual, watchProportion } from '../proportion-watch.ts'
import type { ProportionLimits, WatchState, WatchVerdict } from '../proportion-watch.ts'
import { CELL_MS } from '../request-series.ts'
import type { RequestSeries } from '../request-series.ts'

/** A series and the name by which it is found again after a restart. */
export type Keyed = { readonly key: string; readonly series: RequestSeries }
export type Look = { readonly nowCell: number; readonly limits: ProportionLimits }
type Usual = readonly [key: string, requests: number, hits: number]

/** What is known of each watched series; what is usual there outlives a restart. */
export type ShareStates = {
  readonly verdict: (keyed: Keyed, look: Look) => WatchVerdict | null
  /** What is usual in each of these, and in those that did not come back yet; JSON-safe. */
  readonly usual: (all: Iterable<Keyed>) => readonly Usual[]
  /** Takes what `usual` gave; anything else is passed over. */
  readonly restore: (kept: unknown) => void
}

/** Where nobody asks any more, nothing can be said of it: it ends. */
const NO_REQUESTS_CELLS = 300_000 / CELL_MS
/** As many series as the board keeps. */
const MAX_KEPT = 4000

export function createShareStates(): ShareStates {
  const states = new WeakMap<RequestSeries, WatchState>()
  /** By key: what was usual before a restart, until the series is there again. */
  const usualBefore = new Map<string, WatchState['usual']>()

  function stateOf({ key, series }: Keyed): WatchState {
    const known = states.get(series)
    if (known) return known
    const fresh = createWatchState()
    const made = { ...fresh, usual: usualBefore.get(key) ?? fresh.usual }
    usualBefore.delete(key)
    states.set(series, made)
    return made
  }

  return {
    verdict(keyed, look) {
      const state = stateOf(keyed)
      const verdict = watchProportion(keyed.series, state, look)
      if (verdict === null || keyed.series.head > look.nowCell - NO_REQUESTS_CELLS) return verdict
      states.set(keyed.series, { ...createWatchState(), cell: state.cell, usual: state.usual })
      return null
    },
    usual(all) {
      const before = [...usualBefore].map(([key, { requests, hits }]): Usual => [key, requests, hits])
      const now = [...all].flatMap(({ key, series }): Usual[] => {
        const usual = states.get(series)?.usual
        return usual && usual.requests > 0 ? [[key, usual.requests, usual.hits]] : []
      })
      return [...before, ...now].slice(-MAX_KEPT)
    },
    restore(kept) {
      if (!Array.isArray(kept)) return
      for (const entry of kept as readonly unknown[]) {
        if (!Array.isArray(entry) || typeof entry[0] !== 'string') continue
        const usual = restoredUsual(entry[1], entry[2])
        if (usual !== null) usualBefore.set(entry[0], usual)
      }
    },
  }
}
