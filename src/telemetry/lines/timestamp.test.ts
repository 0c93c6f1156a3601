import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTimestampReader, timeOfNumber } from './timestamp.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const reader = (timeZone = 'UTC', now = NOW) => createTimestampReader({ timeZone, now })

/** Text, the moment that it tells, and what is left of the text. */
const TIMES: readonly (readonly [text: string, iso: string, rest: string])[] = [
  ['2026-03-03T09:00:00Z', '2026-03-03T09:00:00.000Z', ''],
  ['2026-03-03T09:00:00.123456789Z x', '2026-03-03T09:00:00.123Z', ' x'],
  ['2026-03-03T09:00:00.5+0530]', '2026-03-03T03:30:00.500Z', ']'],
  ['2026-03-03T09:00:00-05 x', '2026-03-03T14:00:00.000Z', ' x'],
  ['2026-03-03T09:00:00+01:00[Europe/Berlin] x', '2026-03-03T08:00:00.000Z', ' x'],
  ['2026-03-03T09:00 x', '2026-03-03T09:00:00.000Z', ' x'],
  ['20260303T090000Z', '2026-03-03T09:00:00.000Z', ''],
  ['20260303 09:00:00 x', '2026-03-03T09:00:00.000Z', ' x'],
  ['20260303090000 x', '2026-03-03T09:00:00.000Z', ' x'],
  ['2026-03-03 09:00:00,123 INFO', '2026-03-03T09:00:00.123Z', ' INFO'],
  ['2026-03-03 09:00:00 +0000] [7]', '2026-03-03T09:00:00.000Z', '] [7]'],
  ['2026-03-03 09:00:00.000 UTC [27]', '2026-03-03T09:00:00.000Z', ' [27]'],
  ['2026-03-03 09:00:00 CEST x', '2026-03-03T07:00:00.000Z', ' x'],
  ['2026-03-03 09:00:00, Info', '2026-03-03T09:00:00.000Z', ', Info'],
  ['2026-03-03 09:00:00 - INFO', '2026-03-03T09:00:00.000Z', ' - INFO'],
  ['2026-03-03 09:00:00 -17 items', '2026-03-03T09:00:00.000Z', ' -17 items'],
  ['2026/03/03 09:00:00 [error]', '2026-03-03T09:00:00.000Z', ' [error]'],
  ['2026/03/03 - 09:00:00 | 200', '2026-03-03T09:00:00.000Z', ' | 200'],
  ['2005-06-03-15.42.50.675872 R02', '2005-06-03T15:42:50.675Z', ' R02'],
  ['20/Nov/2026:10:00:00 +0000]', '2026-11-20T10:00:00.000Z', ']'],
  ['20/Nov/2026 10:00:00]', '2026-11-20T10:00:00.000Z', ']'],
  ['10/Oct/2000:13:55:36 -0700]', '2000-10-10T20:55:36.000Z', ']'],
  ['03-Mar-2026 09:00:00.123 x', '2026-03-03T09:00:00.123Z', ' x'],
  ['3 Mar 2026 09:00:00.123 * x', '2026-03-03T09:00:00.123Z', ' * x'],
  ['Tue, 03 Mar 2026 09:00:00 GMT', '2026-03-03T09:00:00.000Z', ''],
  ['Sun Dec 04 04:47:44 2005]', '2005-12-04T04:47:44.000Z', ']'],
  ['Fri Sep 09 10:42:29.902022 2011]', '2011-09-09T10:42:29.902Z', ']'],
  ['Tue Mar  3 09:00:00 UTC 2026 x', '2026-03-03T09:00:00.000Z', ' x'],
  ['Mar 03, 2026 9:00:00 PM com.acme', '2026-03-03T21:00:00.000Z', ' com.acme'],
  ['Mar 03, 2026 12:00:00 AM x', '2026-03-03T00:00:00.000Z', ' x'],
  ['Mar  3 09:00:00 web01', '2026-03-03T09:00:00.000Z', ' web01'],
  ['Mar  3 09:00:00 2026 requests', '2026-03-03T09:00:00.000Z', ' 2026 requests'],
  ['Nov 9 12:01:01 x', '2026-11-09T12:01:01.000Z', ' x'],
  ['Dec 25 10:00:00 x', '2025-12-25T10:00:00.000Z', ' x'],
  ['Feb 29 10:00:00 x', '2024-02-29T10:00:00.000Z', ' x'],
  ['17/06/09 20:10:40 INFO', '2017-06-09T20:10:40.000Z', ' INFO'],
  ['31/12/26 20:10:40 x', '2031-12-26T20:10:40.000Z', ' x'],
  ['081109 203615 148', '2008-11-09T20:36:15.000Z', ' 148'],
  ['260303  9:00:00 [Note]', '2026-03-03T09:00:00.000Z', ' [Note]'],
  ['10.30 16:49:06]', '2026-10-30T16:49:06.000Z', ']'],
  ['03-17 16:13:38.811  1702', '2026-03-17T16:13:38.811Z', '  1702'],
  ['03.04.2026 09:00:00', '2026-04-03T09:00:00.000Z', ''],
  ['3/4/2026 9:05:07 PM', '2026-03-04T21:05:07.000Z', ''],
  ['13/4/2026 09:05:07', '2026-04-13T09:05:07.000Z', ''],
  ['20171223-22:15:29:606|Step', '2017-12-23T22:15:29.606Z', '|Step'],
  ['09:00:00.682 [http', '2026-11-20T09:00:00.682Z', ' [http'],
  ['13:00:00 x', '2026-11-19T13:00:00.000Z', ' x'],
  ['1131566461 2005', '2005-11-09T20:01:01.000Z', ' 2005'],
  ['1772528400.806 x', '2026-03-03T09:00:00.806Z', ' x'],
  ['1772528400481', '2026-03-03T09:00:00.481Z', ''],
  ['1772528400481123', '2026-03-03T09:00:00.481Z', ''],
  ['1772528400481123456', '2026-03-03T09:00:00.481Z', ''],
]

describe('createTimestampReader', () => {
  test.each(TIMES)('reads %j as %s', (text, iso, rest) => {
    const time = reader()
    expect(new Date(time.read(text, 0)).toISOString()).toBe(iso)
    expect(text.slice(time.end)).toBe(rest)
  })

  test.each(TIMES)('finds %j behind other words', (text, iso) => {
    // A number alone is a time only where a line begins with it or a field says so.
    const line = `job done at ${text}`
    const time = reader()
    expect(new Date(time.search(line, 0, line.length)).toISOString()).toBe(iso)
    expect(time.start).toBe(12)
  })

  test.each([
    'v1.2.3 10:20',
    '2026-13-03 09:00:00',
    '2026-02-30 09:00:00',
    '25:00:00',
    '12:34',
    '10.251.42.207:57669',
    '1234567',
    '99999999999',
    'Marvellous 3 09:00:00',
    'May I ask',
    'Mon petit',
    '',
  ])('%j is no time', (text) => {
    expect(reader().read(text, 0)).toBeNaN()
  })

  test.each([
    ['2026-03-03 09:00:00', '2026-03-03T08:00:00.000Z'],
    ['2026-07-03 09:00:00', '2026-07-03T07:00:00.000Z'],
    ['2026-07-03T09:00:00Z', '2026-07-03T09:00:00.000Z'],
    ['Jul  3 09:00:00', '2026-07-03T07:00:00.000Z'],
    ['09:00:00', '2026-11-20T08:00:00.000Z'],
  ])('%s is %s in Berlin', (text, iso) => {
    expect(new Date(reader('Europe/Berlin').read(text, 0)).toISOString()).toBe(iso)
  })

  test('a line of this minute from a zone ahead of UTC is not a year old', () => {
    const now = Date.UTC(2026, 10, 20, 12)
    expect(new Date(reader('UTC', now).read('Nov 20 21:00:00', 0)).toISOString()).toBe(
      '2026-11-20T21:00:00.000Z',
    )
    expect(new Date(reader('UTC', now).read('Nov 22 12:00:00', 0)).toISOString()).toBe(
      '2025-11-22T12:00:00.000Z',
    )
    expect(new Date(reader('Asia/Tokyo', now).read('Nov 20 22:00:00', 0)).toISOString()).toBe(
      '2025-11-20T13:00:00.000Z',
    )
  })

  test.each([
    [1_772_528_400.806, 1_772_528_400_806],
    ['1772528400806000', 1_772_528_400_806],
    [' 2026-03-03T09:00:00Z ', 1_772_528_400_000],
    ['[20/Nov/2026:10:00:00 +0000]', Date.UTC(2026, 10, 20, 10)],
    [{ epochSecond: 1_772_528_400, nanoOfSecond: 806_000_000 }, 1_772_528_400_806],
    [{ seconds: 1_772_528_400, nanos: 5 }, 1_772_528_400_000],
    [{ $date: '2026-03-03T09:00:00.000+00:00' }, 1_772_528_400_000],
    [17, Number.NaN],
    ['yesterday', Number.NaN],
    [null, Number.NaN],
    [{}, Number.NaN],
  ])('the field value %j is %d', (value, at) => {
    expect(reader().fromValue(value)).toBe(at)
  })

  test('every moment comes back from every way of writing it', () => {
    const moment = fc.integer({ min: Date.UTC(1991, 0, 1), max: NOW })
    const offset = fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15)
    fc.assert(
      fc.property(moment, offset, (at, minutes) => {
        const time = reader()
        const iso = new Date(at).toISOString()
        const local = new Date(at + minutes * 60_000).toISOString().slice(0, -1)
        const sign = minutes < 0 ? '-' : '+'
        const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')
        const rest = String(Math.abs(minutes) % 60).padStart(2, '0')
        const spellings = [
          iso,
          iso.replace('T', ' ').replace('.', ',').replace('Z', ''),
          iso.replaceAll('-', '/').replace('T', ' '),
          `${local}${sign}${hours}:${rest}`,
          `${local} ${sign}${hours}${rest}`,
          String(at),
          `${at}000`,
          (at / 1000).toFixed(3),
        ]
        for (const text of at >= 1e12 ? spellings : spellings.slice(0, 5)) {
          expect([text, time.read(`${text} rest`, 0)]).toEqual([text, at])
          expect(time.end).toBe(text.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a time without a year lies within the year before now, and at its day and hour', () => {
    const day = fc.integer({ min: Date.UTC(2025, 10, 22), max: Date.UTC(2026, 10, 20, 11) })
    fc.assert(
      fc.property(day, (at) => {
        const whole = Math.floor(at / 1000) * 1000
        const [, date = '', month = ''] = new Date(whole).toUTCString().split(' ')
        const clock = new Date(whole).toISOString().slice(11, 19)
        expect(reader().read(`${month} ${date} ${clock} host`, 0)).toBe(whole)
        expect(reader().read(`${month} ${date.replace(/^0/, ' ')} ${clock} host`, 0)).toBe(whole)
      }),
      { numRuns: 200 },
    )
  })

  test('no text makes it throw or read past the end', () => {
    const junk = fc.string({
      unit: fc.constantFrom(...'0123456789:.,-/TZ +MarNovSun[]PM|\n'.split('')),
      maxLength: 40,
    })
    fc.assert(
      fc.property(fc.oneof(junk, fc.string()), fc.nat(45), (text, start) => {
        const time = reader('America/New_York')
        const at = time.read(text, start)
        if (Number.isNaN(at)) return
        expect(Number.isSafeInteger(at)).toBe(true)
        expect(time.end).toBeGreaterThan(start)
        expect(time.end).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('timeOfNumber', () => {
  test('keeps the millisecond of a fraction of seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1991, 0, 1), max: NOW }), (at) => {
        expect(timeOfNumber(at / 1000)).toBe(at)
        expect(timeOfNumber(at * 1000)).toBe(at)
      }),
    )
  })
})
