/** The small words that times are made of, read at a position without regular expressions or allocation. */

export type Scan = { text: string; pos: number }

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

export function isWordCode(code: number): boolean {
  return isDigit(code) || isLetter(code) || code === 95
}

/** How many digits stand at `pos`, at most 20. */
export function digitRun(text: string, pos: number): number {
  let count = 0
  while (count < 20 && isDigit(text.charCodeAt(pos + count))) count++
  return count
}

/** The value of `count` digits at `pos`; the caller knows that they are digits. */
export function digitsValue(text: string, pos: number, count: number): number {
  let value = 0
  for (let i = pos; i < pos + count; i++) value = value * 10 + text.charCodeAt(i) - 48
  return value
}

/** Reads one or two digits, or -1. */
export function readSmall(scan: Scan): number {
  const count = digitRun(scan.text, scan.pos)
  if (count === 0 || count > 2) return -1
  const value = digitsValue(scan.text, scan.pos, count)
  scan.pos += count
  return value
}

/** Days since 1970-01-01 of a date; NaN when there is no such date. */
export function civilDays(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that leap days come last.
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const LONG_MONTHS =
  'january february march april may june july august september october november december'.split(' ')
/** Three letters as one number: comparing those makes no strings. */
function packed(a: number, b: number, c: number): number {
  return (a << 16) | (b << 8) | c
}

function packedName(name: string): number {
  return packed(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2))
}

const MONTH_CODES = MONTHS.map(packedName)
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_CODES = DAYS.map(packedName)
const LONG_DAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ')

/** Reads an English month, short or long, any case; 1–12 or -1. */
export function readMonth(scan: Scan): number {
  return readName(scan, MONTH_CODES, LONG_MONTHS) + 1 || -1
}

/** Steps over an English weekday; false when there is none. */
export function skipWeekday(scan: Scan): boolean {
  return readName(scan, DAY_CODES, LONG_DAYS) >= 0
}

/** Names are known by their first three letters; a longer word must be the whole name. */
function readName(scan: Scan, codes: readonly number[], long: readonly string[]): number {
  const { text, pos } = scan
  const third = text.charCodeAt(pos + 2)
  const at = codes.indexOf(packed(text.charCodeAt(pos) | 32, text.charCodeAt(pos + 1) | 32, third | 32))
  if (at < 0) return -1
  let end = pos + 3
  while (end < pos + 10 && isLetter(text.charCodeAt(end))) end++
  if (end > pos + 3) {
    const word = text.slice(pos, end).toLowerCase()
    if (word !== long[at] && word !== 'sept') return -1
  }
  scan.pos = end
  return at
}

/**
 * Reads `9:05`, `09:05:07`, `09:05:07.123456`, `09.05.07,1`, `09:05:07:606`, `090507`, `9:05:07 PM` into milliseconds
 * of the day, or -1. Fractions finer than a millisecond are cut.
 */
export function readClock(scan: Scan): number {
  const { text } = scan
  const start = scan.pos
  if (digitRun(text, start) === 6) return readPackedClock(scan)
  const hour = readSmall(scan)
  const separator = text.charCodeAt(scan.pos)
  if (hour < 0 || (separator !== 58 && separator !== 46)) return fail(scan, start)
  const minute = twoDigits(text, scan.pos + 1)
  if (minute < 0) return fail(scan, start)
  scan.pos += 3
  let second = 0
  if (text.charCodeAt(scan.pos) === separator && twoDigits(text, scan.pos + 1) >= 0) {
    second = twoDigits(text, scan.pos + 1)
    scan.pos += 3
  } else if (separator === 46) return fail(scan, start)
  const ms = (hour * 60 + minute) * MINUTE_MS + second * 1000 + readFraction(scan)
  if (hour > 23 || minute > 59 || second > 60) return fail(scan, start)
  return twelveHours(scan, hour, ms)
}

function readPackedClock(scan: Scan): number {
  const { text, pos } = scan
  const hour = digitsValue(text, pos, 2)
  const minute = digitsValue(text, pos + 2, 2)
  const second = digitsValue(text, pos + 4, 2)
  if (hour > 23 || minute > 59 || second > 60) return -1
  scan.pos += 6
  return (hour * 60 + minute) * MINUTE_MS + second * 1000 + readFraction(scan)
}

function fail(scan: Scan, start: number): number {
  scan.pos = start
  return -1
}

/** Two digits that are not followed by a third, or -1. */
function twoDigits(text: string, pos: number): number {
  if (!isDigit(text.charCodeAt(pos)) || !isDigit(text.charCodeAt(pos + 1))) return -1
  return isDigit(text.charCodeAt(pos + 2)) ? -1 : digitsValue(text, pos, 2)
}

function readFraction(scan: Scan): number {
  const { text, pos } = scan
  const mark = text.charCodeAt(pos)
  if (mark !== 46 && mark !== 44 && mark !== 58) return 0
  const count = digitRun(text, pos + 1)
  // `09:00:00:606` is a fraction, `09:00:00:8080` and `09:00:00:12` are something else.
  if (count === 0 || count > 9 || (mark === 58 && count !== 3)) return 0
  scan.pos = pos + 1 + count
  let ms = 0
  for (let i = 0; i < 3; i++) ms = ms * 10 + (i < count ? text.charCodeAt(pos + 1 + i) - 48 : 0)
  return ms
}

function twelveHours(scan: Scan, hour: number, ms: number): number {
  const { text } = scan
  let at = scan.pos
  // U+202F stands before AM and PM in the times of newer runtimes.
  const gap = text.charCodeAt(at)
  if (gap === 32 || gap === 0x20_2f || gap === 0xa0) at++
  const half = text.charCodeAt(at) | 32
  if ((half !== 97 && half !== 112) || (text.charCodeAt(at + 1) | 32) !== 109) return ms
  if (isWordCode(text.charCodeAt(at + 2)) || hour > 12 || hour === 0) return ms
  scan.pos = at + 2
  if (half === 112) return hour === 12 ? ms : ms + 12 * HOUR_MS
  return hour === 12 ? ms - 12 * HOUR_MS : ms
}

/** Hours east of Greenwich. Names that mean different zones in different countries (IST, CST) take the US meaning or none. */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
}

/** Reads `Z`, `+02:00`, ` +0200`, `-05`, ` UTC`, ` CEST` into milliseconds east of Greenwich; NaN when there is none. */
export function readZone(scan: Scan): number {
  const { text } = scan
  const spaced = text.charCodeAt(scan.pos) === 32
  const at = scan.pos + (spaced ? 1 : 0)
  const code = text.charCodeAt(at)
  if (code === 43 || code === 45 || code === 0x22_12) return readOffset(scan, at, spaced)
  if (!isLetter(code)) return Number.NaN
  let end = at
  while (end < at + 5 && isLetter(text.charCodeAt(end))) end++
  if (isWordCode(text.charCodeAt(end))) return Number.NaN
  const hours = ZONE_HOURS[code === 122 && end === at + 1 ? 'Z' : text.slice(at, end)]
  if (hours === undefined || (spaced && end === at + 1)) return Number.NaN
  scan.pos = end
  return hours * HOUR_MS
}

function readOffset(scan: Scan, at: number, spaced: boolean): number {
  const { text } = scan
  const sign = text.charCodeAt(at) === 43 ? 1 : -1
  const run = digitRun(text, at + 1)
  let end = at + 1 + run
  let minutes = 0
  if (run === 4) minutes = digitsValue(text, at + 3, 2)
  else if (run === 2 && text.charCodeAt(end) === 58 && digitRun(text, end + 1) === 2) {
    minutes = digitsValue(text, end + 1, 2)
    end += 3
  } else if (run !== 2 || spaced) return Number.NaN
  const hours = digitsValue(text, at + 1, 2)
  if (hours > 15 || minutes > 59) return Number.NaN
  scan.pos = end
  return sign * (hours * HOUR_MS + minutes * MINUTE_MS)
}
