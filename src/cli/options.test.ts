import { describe, expect, test } from 'vitest'
import {
  durationOption,
  outDirectory,
  rateOption,
  timeOption,
  timeZoneOption,
  urlOptions,
} from './options.ts'

const NOW = Date.UTC(2026, 2, 3, 9, 30)

describe('a rate', () => {
  test.each([
    ['10/s', 10],
    ['600/min', 10],
    ['0.5/s', 0.5],
    ['20', 20],
  ])('%s is %d a second', (rate, perSecond) => {
    expect(rateOption({ rate })).toBe(perSecond)
  })

  test.each(['0/s', '-1/s', 'fast', '10/h', '1e9/s', ''])('"%s" is refused by name', (rate) => {
    expect(() => rateOption({ rate })).toThrow(/--rate: expected/)
  })
})

describe('a time', () => {
  test.each([
    ['2026-03-03T09:00:00Z', NOW - 1_800_000],
    ['2026-03-03 09:00', NOW - 1_800_000],
    ['2026-03-03T10:00:00+01:00', NOW - 1_800_000],
    ['30m', NOW - 1_800_000],
    ['1772528400', NOW - 1_800_000],
  ])('%s is half an hour ago', (since, at) => {
    expect(timeOption({ since }, 'since', NOW)).toBe(at)
  })

  test('what is none is refused by name', () => {
    expect(() => timeOption({ until: 'yesterday' }, 'until', NOW)).toThrow(/--until: expected.*"yesterday"/)
  })
})

test.each([['Europe/Berlin'], ['UTC'], ['+02:00']])('zone %s is one', (tz) => {
  expect(timeZoneOption({ tz })).toBe(tz)
})

test('an address must be http or https', () => {
  expect(urlOptions({ url: ['http://127.0.0.1:1/a b'] })).toEqual(['http://127.0.0.1:1/a%20b'])
  expect(() => urlOptions({ url: ['ftp://example.com'] })).toThrow(/--url: expected an http/)
})

test('a duration of nothing is refused', () => {
  expect(durationOption({ for: '1h30m' }, 'for')).toBe(5_400_000)
  expect(() => durationOption({ for: '0s' }, 'for')).toThrow(/--for: expected more/)
})

test('the output folder is named after the second, in UTC', () => {
  expect(outDirectory({}, NOW + 123)).toBe('firebreak-out/2026-03-03-093000Z')
  expect(outDirectory({ out: 'here' }, NOW)).toBe('here')
})
