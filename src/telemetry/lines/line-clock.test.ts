import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findClock, readClockTime, type LineBytes } from './line-clock.ts'

const pad = (value: number, width = 2) => String(value).padStart(width, '0')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

type Writer = { readonly name: string; readonly step: number; readonly write: (date: Date) => string }

const WRITERS: readonly Writer[] = [
  { name: 'ISO', step: 1, write: (date) => `${date.toISOString()} INFO x` },
  {
    name: 'ISO in another zone',
    step: 1,
    write: (date) => `${new Date(date.getTime() + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30')} x`,
  },
  {
    name: 'logging',
    step: 1,
    write: (date) => `${date.toISOString().replace('T', ' ').replace('.', ',').slice(0, 23)} INFO x`,
  },
  {
    name: 'access log',
    step: 1000,
    write: (date) =>
      `10.0.0.${date.getUTCSeconds()} - - [${pad(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000] "GET /" 200`,
  },
  {
    name: 'year at the end',
    step: 1000,
    write: (date) =>
      `[Sun ${MONTHS[date.getUTCMonth()]} ${pad(date.getUTCDate())} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}] [error] x`,
  },
  { name: 'milliseconds', step: 1, write: (date) => `{"level":30,"time":${date.getTime()},"msg":"x"}` },
  {
    name: 'seconds with a fraction',
    step: 1,
    write: (date) => `ts=${(date.getTime() / 1000).toFixed(3)} msg=x`,
  },
  { name: 'nanoseconds', step: 1, write: (date) => `${date.getTime()}000000 x` },
]

/** Reads `dates` with the clock that was learned from the first; `asked` counts how often the full parser was needed. */
function readAll({ write }: Writer, dates: readonly Date[]): { times: number[]; asked: number } {
  let asked = 0
  let current = dates[0] ?? new Date(0)
  const bases = { known: new Map<number, number>(), parse: () => (asked++, current.getTime()) }
  const lineOf = (date: Date): LineBytes => {
    const bytes = Buffer.from(`${write(date)}\n`)
    const timeAt = bytes.indexOf('"time":')
    return { bytes, start: 0, end: bytes.length - 1, timeAt: timeAt < 0 ? -1 : timeAt + 7 }
  }
  const clock = findClock(lineOf(current), current.getTime())
  const times = dates.map((date) => {
    current = date
    return readClockTime(lineOf(date), clock, bases)
  })
  return { times, asked }
}

describe('a learned clock', () => {
  test.each(WRITERS)('reads $name as the full parser does', (writer) => {
    const moment = fc.integer({ min: Date.UTC(2001, 8, 10), max: Date.UTC(2033, 0, 1) })
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 20 }), (moments) => {
        const dates = moments.map((at) => new Date(at - (at % writer.step)))
        expect(readAll(writer, dates).times).toEqual(dates.map((date) => date.getTime()))
      }),
      { numRuns: 50 },
    )
  })

  test('asks the full parser once an hour, not once a line', () => {
    const dates = Array.from(
      { length: 7200 },
      (_, second) => new Date(Date.UTC(2026, 2, 3, 9) + second * 1000),
    )
    expect(readAll(WRITERS[0] as Writer, dates).asked).toBe(2)
  })

  test('says nothing where a line has no time', () => {
    const bytes = Buffer.from('2026-03-03T09:00:00Z x\n')
    const clock = findClock({ bytes, start: 0, end: bytes.length - 1, timeAt: -1 }, Date.UTC(2026, 2, 3, 9))
    const other = Buffer.from('no time here at all\n')
    const bases = { known: new Map<number, number>(), parse: () => null }
    expect(
      readClockTime({ bytes: other, start: 0, end: other.length - 1, timeAt: -1 }, clock, bases),
    ).toBeNaN()
    expect(findClock({ bytes, start: 0, end: 5, timeAt: -1 }, null)).toEqual({ kind: 'none' })
  })
})
