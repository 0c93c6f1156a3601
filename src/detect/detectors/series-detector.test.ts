import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeriesDetector } from './create-series-detector.ts'
import { NOTEWORTHY_SCORE } from './novelty.ts'
import type { Judgement, SeriesDetectorOptions } from './series-detector.ts'

const START = Date.UTC(2027, 0, 4)
const MINUTE = 60_000

/** Repeatable chance (mulberry32), and normal deviates of it. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
function noise(seed: number): () => number {
  const next = chance(seed)
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

type Told = Judgement & { readonly index: number }
type Play = SeriesDetectorOptions & { readonly everyMs?: number }

/** Every judgement of a series, by index. */
function judge(values: readonly number[], { everyMs = MINUTE, ...options }: Play = {}): Told[] {
  const detector = createSeriesDetector(options)
  return values.map((value, index) => ({ index, ...detector.observe(START + index * everyMs, value) }))
}
const noteworthy = (told: readonly Told[]): Told[] => told.filter(({ isNoteworthy }) => isNoteworthy)
const seriesOf = (length: number, value: (index: number) => number): number[] =>
  Array.from({ length }, (_, i) => value(i))
const kindsFrom = (told: readonly Told[], from: number): Set<string> =>
  new Set(told.slice(from).flatMap(({ anomaly }) => (anomaly === null ? [] : [anomaly.kind])))

describe('laws', () => {
  const seeds = fc.integer({ min: 1, max: 1e6 })

  test('scale and offset change nothing', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: -12, max: 20 }),
        fc.integer({ min: -1000, max: 1000 }),
        (seed, power, offset) => {
          const normal = noise(seed)
          // In quarters, so that powers of two and whole offsets are exact and only the judgement is compared.
          const values = seriesOf(700, (i) => Math.round(4 * (10 * normal() + (i > 500 ? 60 : 0))) / 4)
          const scale = 2 ** power
          const scores = judge(values).map(({ score }) => score)
          const scaled = judge(values.map((value) => scale * (value + offset))).map(({ score }) => score)
          scores.forEach((score, i) => expect(scaled[i]).toBeCloseTo(score, 6))
        },
      ),
      { numRuns: 20 },
    )
  })

  test('values that are passed over change no judgement, and are no silence', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 200, max: 500 }), (seed, from) => {
        const normal = noise(seed)
        const values = seriesOf(700, (i) => normal() + (i > 600 ? 30 : 0))
        const [passing, gapped] = [createSeriesDetector(), createSeriesDetector()]
        const kinds = new Set<string | undefined>()
        const judged = { passing: [] as Judgement[], gapped: [] as Judgement[] }
        for (const [index, value] of values.entries()) {
          const at = START + index * MINUTE
          if (index >= from && index < from + 60) {
            passing.pass(at)
            kinds.add(passing.tick(at + MINUTE).anomaly?.kind)
          } else {
            judged.passing.push(passing.observe(at, value))
            judged.gapped.push(gapped.observe(at, value))
          }
        }
        expect(kinds).not.toContain('silence')
        expect(judged.passing).toEqual(judged.gapped)
        const later = START + (700 + 10) * MINUTE // ten intervals: silence for who heard all of it
        expect(passing.tick(later).anomaly?.kind).toBe('silence')
        expect(gapped.tick(later).anomaly?.kind).not.toBe('silence')
      }),
      { numRuns: 20 },
    )
  })

  test('a constant series is never anomalous', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(1000, MINUTE, 3_600_000),
        (value, everyMs) => {
          const told = judge(
            seriesOf(500, () => value),
            { everyMs },
          )
          expect(told.every(({ score, anomaly }) => score === 0 && anomaly === null)).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a step of ten deviations is told within three values, wherever it goes', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(-1, 1), (seed, direction) => {
        const normal = noise(seed)
        const told = judge(seriesOf(610, (i) => normal() + (i >= 600 ? 10 * direction : 0)))
        fc.pre(noteworthy(told.slice(525, 600)).length === 0) // quiet, unless it is ten times less likely
        expect(noteworthy(told.slice(600, 603)).length).toBeGreaterThan(0)
      }),
      { numRuns: 40 },
    )
  })

  test('what is not a number, and what is older than the newest, changes nothing', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(299), { maxLength: 30 }), (seed, places) => {
        const normal = noise(seed)
        const values = seriesOf(300, normal)
        const plain = createSeriesDetector()
        const pestered = createSeriesDetector()
        values.forEach((value, i) => {
          const at = START + i * MINUTE
          const judgement = pestered.observe(at, value)
          expect(judgement).toEqual(plain.observe(at, value))
          if (!places.includes(i)) return
          for (const [when, bad] of [
            [at + 1, NaN],
            [at + 1, Infinity],
            [at - MINUTE, 1e9],
            [at, 1e9],
            [NaN, 1],
          ] as const) {
            expect(pestered.observe(when, bad)).toMatchObject({ isNoteworthy: false })
          }
        })
      }),
      { numRuns: 15 },
    )
  })

  test('after any numbers at all it still finds a step', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.double(), { maxLength: 150 }), (seed, strange) => {
        const normal = noise(seed)
        const calm = seriesOf(3000, (i) => normal() * 1e-3 + (i >= 2990 ? 1e35 : 0))
        const told = judge([...strange, ...calm])
        expect(told.every(({ score }) => score >= 0 && score <= 1)).toBe(true)
        const large = judge([...strange, ...seriesOf(1500, (i) => (i >= 1490 ? 1e30 : 0.5e-3 * (i % 7)))])
        expect(large.slice(strange.length + 1490).some(({ anomaly }) => anomaly !== null)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('scores are from 0 to 1, a told value has its anomaly, and nothing is said in the first hundred values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 100, maxLength: 400 }),
        (values) => {
          for (const { index, score, isNoteworthy, anomaly } of judge(values)) {
            expect(score).toBeGreaterThanOrEqual(0)
            expect(score).toBeLessThanOrEqual(1)
            expect(index < 99 && score > 0).toBe(false)
            expect(isNoteworthy).toBe(score >= NOTEWORTHY_SCORE)
            expect(isNoteworthy && !/\d/.test(anomaly?.summary ?? '')).toBe(false)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('normal running', () => {
  const walk = (normal: () => number) => {
    let at = 0
    return () => (at += normal())
  }
  const sawtooth = (normal: () => number) => {
    let level = 40
    return () => (level = level > 90 + normal() ? 40 : level + 0.5 + 0.1 * normal())
  }
  const normals: Record<string, (normal: () => number) => (index: number) => number> = {
    'normal noise': (normal) => () => 100 + 5 * normal(),
    'a random walk': walk,
    'heavy tails': (normal) => () => Math.exp(normal()),
    'small counts': (normal) => () => Math.max(0, Math.round(2 + 1.4 * normal())),
    'a sawtooth, as a heap makes': sawtooth,
    'rare events': (normal) => () => (normal() > 2 ? 3 : 0),
  }
  test.each(Object.entries(normals))('%s: no page in half an hour of forty series, few notes', (_, make) => {
    let notes = 0
    for (let seed = 1; seed <= 40; seed++) {
      const told = judge(seriesOf(1800, make(noise(seed))), { everyMs: 1000 })
      notes += noteworthy(told).length
      expect(told.some(({ isPageWorthy }) => isPageWorthy)).toBe(false)
    }
    expect(notes).toBeLessThanOrEqual(10)
  })

  test('a daily course with a spike at the same hour is learned in a few days', () => {
    const normal = noise(3)
    const told = judge(
      seriesOf(
        288 * 12,
        (i) => 100 + 50 * Math.sin((2 * Math.PI * i) / 288) + 2 * normal() + (i % 288 === 100 ? 300 : 0),
      ),
      { everyMs: 5 * MINUTE },
    )
    expect(noteworthy(told.slice(288 * 4)).length).toBeLessThanOrEqual(3)
  })
})

describe('what is found', () => {
  test('a spike is over when it is over', () => {
    const normal = noise(1)
    const told = judge(seriesOf(700, (i) => 100 + normal() + (i === 600 ? 40 : 0)))
    expect(told[600]).toMatchObject({
      isNoteworthy: true,
      isPageWorthy: false,
      anomaly: { kind: 'spike', since: START + 600 * MINUTE },
    })
    expect(told[606]?.anomaly).toBeNull()
  })

  test('what stays is a level shift, told once, a page after a minute and the new normal in the end', () => {
    const normal = noise(2)
    const told = judge(
      seriesOf(1200, (i) => (i >= 600 ? 334 : 167) + 13 * normal()),
      { everyMs: 10_000 },
    )
    expect(noteworthy(told.slice(600, 900)).map(({ index }) => index)).toEqual([600])
    expect(told[609]).toMatchObject({
      isPageWorthy: true,
      anomaly: { kind: 'level-shift', since: START + 6_000_000 },
    })
    expect(told[609]?.anomaly?.expected).toBeCloseTo(167, -1)
    expect(told.slice(900).every(({ anomaly }) => anomaly === null)).toBe(true)
  })

  test('a peak that does not come is missed at its hour', () => {
    const normal = noise(4)
    const isPeak = (i: number) => i % 288 >= 108 && i % 288 < 216
    const told = judge(
      seriesOf(288 * 10, (i) => (isPeak(i) && i < 288 * 9 ? 80 : 20) + 3 * normal()),
      { everyMs: 5 * MINUTE },
    )
    const day = noteworthy(told.slice(288 * 9))
    expect(day[0]?.index).toBeGreaterThanOrEqual(288 * 9 + 108)
    expect(day[0]?.index).toBeLessThan(288 * 9 + 120)
  })

  test('a series that hangs is a flatline, told once', () => {
    const normal = noise(5)
    const told = judge(seriesOf(900, (i) => (i > 800 ? 100 : 100 + normal())))
    expect(kindsFrom(told, 801)).toEqual(new Set(['flatline']))
    expect(noteworthy(told.slice(801))).toHaveLength(1)
    expect(told[820]?.anomaly?.summary).toContain('stopped moving: 100')
  })

  test('a series that never moved moves', () => {
    const told = judge(seriesOf(900, (i) => (i >= 800 ? 9 : 5)))
    expect(noteworthy(told).map(({ index }) => index)).toEqual([800])
  })

  test('swings ten times as wide are another variance, not another level', () => {
    const normal = noise(6)
    const told = judge(seriesOf(900, (i) => 100 + (i > 800 ? 10 : 1) * normal()))
    expect(kindsFrom(told, 815)).toContain('changed-variance')
  })

  test('connections rising to their limit are told while there is time, with when', () => {
    const normal = noise(7)
    const told = judge(
      seriesOf(690, (i) => 20 + Math.round(2 * normal()) + Math.max(0, i - 600)),
      {
        everyMs: 1000,
        limit: 100,
        name: 'connections',
      },
    )
    const first = noteworthy(told).find(({ anomaly }) => anomaly?.kind === 'trend')
    expect(first?.index).toBeLessThan(630)
    const page = told.find(({ isPageWorthy }) => isPageWorthy)
    expect(page?.index).toBeLessThan(650)
    expect(page?.anomaly?.summary).toMatch(
      /^connections will run out in \d+ s if it goes on so: \d+ of 100 now$/,
    )
    expect(Math.abs((page?.anomaly?.exhaustedAt ?? 0) - (START + 680_000))).toBeLessThan(20_000)
    expect(told.slice(page?.index).every(({ isPageWorthy }) => isPageWorthy)).toBe(true)
  })

  test('a sawtooth below its limit, and a rise that ends, page nobody', () => {
    const normal = noise(8)
    let level = 40
    const teeth = seriesOf(2000, () => (level = level > 88 + normal() ? 40 : level + 0.5))
    expect(judge(teeth, { everyMs: 1000, limit: 100 }).some(({ isPageWorthy }) => isPageWorthy)).toBe(false)
    const rise = seriesOf(1000, (i) => 20 + normal() + Math.min(10, Math.max(0, i - 600) / 5))
    expect(judge(rise, { everyMs: 1000, limit: 100 }).some(({ isPageWorthy }) => isPageWorthy)).toBe(false)
  })

  test('silence is noticed by the clock, once, and ends with the next value', () => {
    const detector = createSeriesDetector({ name: 'heartbeats' })
    const normal = noise(9)
    let at = START
    for (let i = 0; i < 100; i++) detector.observe((at += 10_000), normal())
    expect(detector.tick(at + 30_000).anomaly).toBeNull()
    expect(detector.tick(at + 60_000)).toMatchObject({
      isNoteworthy: true,
      isPageWorthy: false,
      anomaly: { kind: 'silence', since: at },
    })
    expect(detector.tick(at + 70_000)).toMatchObject({ isNoteworthy: false, anomaly: { kind: 'silence' } })
    expect(detector.tick(at + 300_000)).toMatchObject({ isPageWorthy: true })
    expect(detector.observe(at + 301_000, 0).anomaly).toBeNull()
    expect(detector.tick(at + 302_000).anomaly).toBeNull()
  })
})

test('a series of two thousand values takes no more than one of five hundred', () => {
  const normal = noise(10)
  const detectors = seriesOf(50, () => 0).map(() => createSeriesDetector({ limit: 1e6 }))
  const fill = (from: number, to: number) => {
    for (let i = from; i < to; i++)
      for (const detector of detectors) detector.observe(START + i * MINUTE, normal() * (1 + i))
  }
  fill(0, 500)
  const { arrayBuffers } = process.memoryUsage()
  fill(500, 2000)
  // What grows would be buffers or arrays of values: 50 series of 1,500 more doubles are 600 kB.
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(300_000)
})
