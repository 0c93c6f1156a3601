import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { poisson, seededChance } from '../../test/drawn-traffic.ts'
import { createWatchState, watchProportion } from './proportion-watch.ts'
import type { WatchVerdict } from './proportion-watch.ts'
import {
  CELL_MS,
  cellOf,
  countRequest,
  countRequests,
  createRequestSeries,
  LATE_CELLS,
} from './request-series.ts'

const limits = { kind: 'failed', limit: 0.01, leastCells: 6, burstCells: 1, outageCells: 10 } as const
const slowLimits = { kind: 'slow', limit: 0.05, leastCells: 80, burstCells: 10, outageCells: 10 } as const
const START = Date.UTC(2026, 2, 3)
const SECOND = 1000 / CELL_MS

type Phase = { readonly seconds: number; readonly perSecond: number; readonly share: number }
type Look = { readonly seconds: number; readonly verdict: WatchVerdict | null }

/**
 * Draws traffic phase by phase and looks at it as a tick would; `untilAlarm`: not beyond the first verdict; `isLate`:
 * with the eyes of two minutes later, when nothing can change any more and no cell has to be looked at twice.
 */
function watchTraffic(
  phases: readonly Phase[],
  { seed = 1, lookEvery = 1, untilAlarm = false, isLate = false } = {},
): Look[] {
  const chance = seededChance(seed)
  const series = createRequestSeries(1000)
  const state = createWatchState()
  const looks: Look[] = []
  let cell = cellOf(START)
  for (const { seconds, perSecond, share } of phases) {
    for (let count = 0; count < seconds * SECOND; count += 1) {
      const failed = poisson(chance, (perSecond * share) / SECOND)
      // Of much traffic only the failures are drawn: the rest varies too little to matter.
      const fine =
        perSecond > 20
          ? Math.round((perSecond * (1 - share)) / SECOND)
          : poisson(chance, (perSecond * (1 - share)) / SECOND)
      if (failed + fine > 0)
        countRequests(series, cell * CELL_MS, { requests: failed + fine, failed, slow: 0 })
      cell += 1
      if (count % lookEvery !== 0) continue
      const nowCell = isLate ? cell + LATE_CELLS : cell
      const verdict = watchProportion(series, state, { nowCell, limits })
      looks.push({ seconds: (cell * CELL_MS - START) / 1000, verdict })
      if (untilAlarm && verdict !== null) return looks
    }
  }
  return looks
}

/** Seconds from the change to the first look that says so; Infinity where none does. */
function delay(share: number, { perSecond = 167, usual = 0.001, seed = 1, seconds = 120 } = {}): number {
  const looks = watchTraffic(
    [
      { seconds: 60, perSecond, share: usual },
      { seconds, perSecond, share },
    ],
    { seed, untilAlarm: true },
  )
  return (looks.find(({ verdict }) => verdict !== null)?.seconds ?? Infinity) - 60
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

describe('how soon', () => {
  // The table of docs/detection.md, at 167 requests a second over a usual 0.1 %.
  test.each([
    [1, 2.5],
    [0.45, 1.75],
    [0.1, 2.5],
    [0.05, 4],
    [0.02, 10],
    [0.015, 17],
  ])('a share of %d failing is known within %d s, in the median of 31 draws', (share, want) => {
    const delays = Array.from({ length: 31 }, (_, seed) => delay(share, { seed: seed + 1 }))
    expect(median(delays)).toBeLessThanOrEqual(want)
    expect(Math.min(...delays)).toBeGreaterThan(0)
  })

  test('2 % failing is known within 30 s in each of 100 draws, 45 % within 2 s', () => {
    const worst = (share: number): number =>
      Math.max(...Array.from({ length: 100 }, (_, seed) => delay(share, { seed: seed + 100 })))
    expect(worst(0.02)).toBeLessThan(30)
    expect(worst(0.45)).toBeLessThan(2)
  })

  /** The minute in which it is known, with one request a minute. */
  function minuteOfAlarm(fails: (minute: number) => boolean): number | null {
    const series = createRequestSeries(1000)
    const state = createWatchState()
    for (let second = 0; second < 3600; second += 5) {
      const at = START + second * 1000
      const minute = second / 60
      if (Number.isInteger(minute)) countRequest(series, { at, isFailed: fails(minute), durationMs: 5 })
      if (watchProportion(series, state, { nowCell: cellOf(at), limits }) !== null) return Math.floor(minute)
    }
    return null
  }

  test.each([
    ['four failures in a row are an alarm', 23, (minute: number) => minute >= 20],
    ['two failures in an hour are none', null, (minute: number) => minute === 20 || minute === 35],
    [
      'every second one failing is known after nine',
      28,
      (minute: number) => minute >= 20 && minute % 2 === 0,
    ],
  ] as const)('with one request a minute, %s', (_, want, fails) => {
    expect(minuteOfAlarm(fails)).toBe(want)
  })
})

describe('how quiet', () => {
  // An alarm lasts ten seconds at least: a look each five sees every one.
  test.each([
    ['0.1 % failing', { perSecond: 167, share: 0.001, hours: 200 }],
    ['0.2 % failing', { perSecond: 167, share: 0.002, hours: 100 }],
    ['0.4 % failing, which is usual here', { perSecond: 167, share: 0.004, hours: 100 }],
    ['little traffic, 0.2 % failing', { perSecond: 2, share: 0.002, hours: 300 }],
  ])('no false alarm: %s', (_, { perSecond, share, hours }) => {
    const looks = watchTraffic([{ seconds: hours * 3600, perSecond, share }], { lookEvery: 20, isLate: true })
    expect(looks.length).toBeGreaterThan(10_000)
    expect(looks.filter(({ verdict }) => verdict !== null)).toEqual([])
  })

  test('what is seen at once is what is seen two minutes later', () => {
    const phases = [
      { seconds: 600, perSecond: 167, share: 0.004 },
      { seconds: 60, perSecond: 167, share: 0.05 },
      { seconds: 300, perSecond: 167, share: 0.004 },
    ]
    const wrongLooks = (isLate: boolean) =>
      watchTraffic(phases, { lookEvery: 20, isLate }).flatMap(({ verdict }, at) => (verdict ? [at] : []))
    const [atOnce, later] = [wrongLooks(false), wrongLooks(true)]
    expect(atOnce[0]).toBeGreaterThan(600 / 5 - 1)
    expect(later[0]).toBe(atOnce[0])
    // What was learned meanwhile may end it a look sooner.
    expect(Math.abs(later.length - atOnce.length)).toBeLessThanOrEqual(1)
  })

  test('two seconds in which nobody is answered, as when all instances start anew, is no alarm', () => {
    const looks = watchTraffic([
      { seconds: 60, perSecond: 167, share: 0.001 },
      { seconds: 2, perSecond: 167, share: 1 },
      { seconds: 15, perSecond: 167, share: 0.001 },
      { seconds: 2, perSecond: 167, share: 1 },
      { seconds: 60, perSecond: 167, share: 0.001 },
    ])
    expect(looks.filter(({ verdict }) => verdict !== null)).toEqual([])
  })

  test('a rolling restart that resets 15 requests at each of three instances is no alarm', () => {
    const series = createRequestSeries(1000)
    const state = createWatchState()
    let isAlarm = false
    for (let second = 0; second < 120; second += 1) {
      const at = START + second * 1000
      const isReset = second === 60 || second === 70 || second === 80
      for (let one = 0; one < 167; one += 1)
        countRequest(series, { at: at + one * 5.9, isFailed: false, durationMs: 3 })
      for (let one = 0; one < (isReset ? 15 : 0); one += 1)
        countRequest(series, { at: at + one * 20, isFailed: true, durationMs: 3 })
      isAlarm ||= watchProportion(series, state, { nowCell: cellOf(at + 999), limits }) !== null
    }
    expect(isAlarm).toBe(false)
  })
})

/** Hours of slow answers that come in stalls of one to `longest` seconds, a pause between them of `every` on average. */
function stalledHours({ perSecond, every, longest, hours }: Stalls): number {
  const chance = seededChance(7)
  const series = createRequestSeries(1000)
  const state = createWatchState()
  let alarms = 0
  let isAlarm = false
  let stallsUntil = 0
  for (let count = 0; count < hours * 3600 * SECOND; count += 1) {
    const cell = cellOf(START) + count
    if (count >= stallsUntil && chance() < 1 / (every * SECOND))
      stallsUntil = count + (1 + chance() * (longest - 1)) * SECOND
    const requests = poisson(chance, perSecond / SECOND)
    if (requests > 0) {
      const slow = count < stallsUntil ? requests : 0
      countRequests(series, cell * CELL_MS, { requests, failed: 0, slow })
    }
    if (count % 20 !== 0) continue
    const nowCell = cell + LATE_CELLS
    const isWrong = watchProportion(series, state, { nowCell, limits: slowLimits }) !== null
    if (isWrong && !isAlarm) alarms += 1
    isAlarm = isWrong
  }
  return alarms
}

type Stalls = {
  readonly perSecond: number
  readonly every: number
  readonly longest: number
  readonly hours: number
}

describe('slow answers come in stalls', () => {
  test.each([
    { perSecond: 167, every: 60, longest: 5, hours: 3 },
    { perSecond: 20, every: 120, longest: 5, hours: 6 },
    { perSecond: 1.5, every: 180, longest: 5, hours: 24 },
  ])('none of $hours hours with a stall each $every s at $perSecond/s is an alarm', (stalls) => {
    expect(stalledHours(stalls)).toBe(0)
  })

  test.each([
    [167, 0.1, 30],
    [167, 1, 25],
    [1.5, 1, 30],
    [1.5, 0.5, 60],
  ])('at %d/s a share of %d that stays slow is known within %d s', (perSecond, share, want) => {
    const chance = seededChance(3)
    const series = createRequestSeries(1000)
    const state = createWatchState()
    let known = Infinity
    for (let count = 0; count < 180 * SECOND && known === Infinity; count += 1) {
      const cell = cellOf(START) + count
      const requests = poisson(chance, perSecond / SECOND)
      const isSlow = count >= 60 * SECOND
      const slow = isSlow ? Math.min(requests, poisson(chance, requests * share)) : 0
      if (requests > 0) countRequests(series, cell * CELL_MS, { requests, failed: 0, slow })
      if (watchProportion(series, state, { nowCell: cell, limits: slowLimits })) known = count / SECOND - 60
    }
    expect(known).toBeGreaterThan(18)
    expect(known).toBeLessThanOrEqual(want)
  })
})

test('it is over soon after it is mended, and not while 2 % still fail', () => {
  const looks = watchTraffic([
    { seconds: 30, perSecond: 167, share: 0.001 },
    { seconds: 30, perSecond: 167, share: 0.45 },
    { seconds: 60, perSecond: 167, share: 0.02 },
    { seconds: 60, perSecond: 167, share: 0.001 },
  ])
  const wrong = looks.filter(({ verdict }) => verdict !== null).map(({ seconds }) => seconds)
  expect(wrong[0]).toBeLessThan(32)
  expect(wrong.at(-1)).toBeGreaterThan(119)
  expect(wrong.at(-1)).toBeLessThan(140)
})

test('a share that is usual does not hide one that doubles the limit', () => {
  const looks = watchTraffic(
    [
      { seconds: 3600, perSecond: 167, share: 0.004 },
      { seconds: 120, perSecond: 167, share: 0.02 },
    ],
    { lookEvery: 2 },
  )
  const first = looks.find(({ verdict }) => verdict !== null)
  expect(first?.seconds).toBeGreaterThan(3600)
  expect(first?.seconds).toBeLessThan(3640)
})

test('the order in which requests become known does not matter, as long as none is two minutes late', () => {
  const request = fc.record({ second: fc.nat({ max: 90 }), isFailed: fc.boolean(), order: fc.nat() })
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 400 }), (requests) => {
      const look = (some: typeof requests): WatchVerdict | null => {
        const series = createRequestSeries(1000)
        for (const { second, isFailed } of some)
          countRequest(series, { at: START + second * 1000, isFailed, durationMs: null })
        return watchProportion(series, createWatchState(), { nowCell: cellOf(START + 91_000), limits })
      }
      expect(look(requests)).toEqual(look(requests.toSorted((a, b) => a.order - b.order)))
    }),
  )
})
