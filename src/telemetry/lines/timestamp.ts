import type { EpochMs } from '../../time.ts'
import type { ParseContext } from './parsed-line.ts'
import {
  DAY_MS,
  civilDays,
  digitRun,
  digitsValue,
  isDigit,
  isLetter,
  isWordCode,
  readClock,
  readMonth,
  readSmall,
  readZone,
  skipWeekday,
} from './time-scan.ts'
import type { Scan } from './time-scan.ts'
import { createZone } from './zone-offset.ts'
import type { Zone } from './zone-offset.ts'

/** Reads times out of lines; one per file, so that zone offsets are looked up once. */
export type TimestampReader = {
  /** The moment that is written at `start`, NaN where none is. `end` is then the offset behind it. */
  read(text: string, start: number): EpochMs
  /** Behind the time read last. */
  readonly end: number
  /** The first moment written at the beginning of a word in [from, to); NaN. `start` and `end` tell where. */
  search(text: string, from: number, to: number): EpochMs
  /** The last time read that had its year with it; NaN before any. */
  readonly withYear: EpochMs
  /** Where the time found by `search` begins. */
  readonly start: number
  /** A field's value: a number of s, ms, µs or ns, a text, or `{ epochSecond, nanoOfSecond }`; NaN. */
  fromValue(value: unknown): EpochMs
}

type State = Scan & {
  start: number
  readonly zone: Zone
  readonly now: EpochMs
  readonly yearNear: EpochMs | undefined
  /** The last time that had its year with it. */
  withYear: EpochMs
}

/** No log is older than this, and a number below it is not a time. */
const OLDEST_MS = Date.UTC(1990, 0, 1)
const NEWEST_MS = Date.UTC(2100, 0, 1)
/** An unknown zone may lie 14 hours ahead of UTC: a line of this very minute must not be taken for last year's. */
const ZONE_SLACK_MS = 14 * 3_600_000

export function createTimestampReader(context: ParseContext): TimestampReader {
  const state: State = {
    text: '',
    pos: 0,
    start: 0,
    zone: createZone(context.timeZone),
    now: context.now,
    yearNear: context.yearNear,
    withYear: Number.NaN,
  }
  // One format after the other asks for the time at the same place of the same line.
  let lastStart = -1
  let lastEnd = -1
  let lastAt = Number.NaN
  const read = (text: string, start: number): EpochMs => {
    if (start === lastStart && text === state.text) {
      state.pos = lastEnd
      return lastAt
    }
    state.text = text
    state.pos = start
    lastAt = readAny(state)
    lastStart = start
    lastEnd = state.pos
    return lastAt
  }
  return {
    read,
    get end() {
      return state.pos
    },
    get withYear() {
      return state.withYear
    },
    get start() {
      return state.start
    },
    search: (text, from, to) => {
      lastStart = -1
      return searchTime(state, text, { from, to })
    },
    fromValue: (value) => timeOfValue(value, read),
  }
}

function searchTime(state: State, text: string, range: { from: number; to: number }): EpochMs {
  const to = Math.min(range.to, text.length)
  for (let pos = range.from; pos < to; pos++) {
    const code = text.charCodeAt(pos)
    if (!isDigit(code) && !isLetter(code)) continue
    if (pos > 0 && isGlued(text.charCodeAt(pos - 1))) continue
    state.text = text
    state.pos = pos
    const at = readAny(state)
    if (!Number.isNaN(at)) {
      state.start = pos
      return at
    }
  }
  return Number.NaN
}

/** A time does not begin in the middle of a word, a path, a version or an address. */
function isGlued(code: number): boolean {
  return isWordCode(code) || code === 46 || code === 45 || code === 47 || code === 58 || code === 43
}

function readAny(state: State): EpochMs {
  const code = state.text.charCodeAt(state.pos)
  if (isDigit(code)) return readDigits(state)
  return isLetter(code) ? readNamed(state) : Number.NaN
}

function readDigits(state: State): EpochMs {
  const { text, pos } = state
  const run = digitRun(text, pos)
  const mark = text.charCodeAt(pos + run)
  if (run === 4) return mark === 45 || mark === 47 || mark === 46 ? readYearFirst(state) : Number.NaN
  if (run <= 2) return readShort(state, mark)
  if (run === 8) return readPackedDate(state)
  if (run === 6) return readSixDigits(state)
  if (run === 14) return readPackedMoment(state)
  if (run === 10 || run === 13 || run === 16 || run === 19) return readEpoch(state, run)
  return Number.NaN
}

/** `2026-03-03T09:00:00.123Z`, `2026/03/03 09:00:00`, `2005-06-03-15.42.50.675872`, `2026-03-03 - 09:00:00`. */
function readYearFirst(state: State): EpochMs {
  const { text, pos } = state
  const mark = text.charCodeAt(pos + 4)
  state.pos = pos + 5
  const month = readSmall(state)
  if (month < 0 || text.charCodeAt(state.pos) !== mark) return Number.NaN
  state.pos++
  const day = readSmall(state)
  if (day < 0) return Number.NaN
  return withClock(state, civilDays(digitsValue(text, pos, 4), month, day))
}

/** A date was read: steps over what stands before the clock, reads clock and zone. */
function withClock(state: State, days: number): EpochMs {
  if (Number.isNaN(days) || !skipToClock(state)) return Number.NaN
  const ms = readClock(state)
  if (ms < 0) return Number.NaN
  const offset = readZone(state)
  const local = days * DAY_MS + ms
  if (!Number.isNaN(offset)) skipZoneName(state)
  state.withYear = Number.isNaN(offset) ? state.zone.toUtc(local) : local - offset
  return state.withYear
}

function skipToClock(state: State): boolean {
  const { text } = state
  let { pos } = state
  const code = text.charCodeAt(pos)
  if (code === 84 || code === 116 || code === 95 || code === 58 || code === 45) pos++
  else {
    if (code === 44) pos++
    while (text.charCodeAt(pos) === 32 || text.charCodeAt(pos) === 9) pos++
    if (text.charCodeAt(pos) === 45 && text.charCodeAt(pos + 1) === 32) pos += 2
    if (text.startsWith('at ', pos)) pos += 3
  }
  if (pos === state.pos || !isDigit(text.charCodeAt(pos))) return false
  state.pos = pos
  return true
}

/** `+01:00[Europe/Berlin]`, as java.time writes it. */
function skipZoneName(state: State): void {
  const { text, pos } = state
  if (text.charCodeAt(pos) !== 91 || !isLetter(text.charCodeAt(pos + 1))) return
  const close = text.indexOf(']', pos)
  if (close > 0 && close - pos < 40 && text.slice(pos, close).includes('/')) state.pos = close + 1
}

/** One or two digits first: `03/Mar/2026:…`, `3 Mar 2026 …`, `17/06/09 …`, `03.03.2026 …`, `10.30 …`, `03-17 …`, `09:00:00`. */
function readShort(state: State, mark: number): EpochMs {
  const { text } = state
  if (mark === 58) return readTimeOnly(state)
  if (mark !== 47 && mark !== 45 && mark !== 46 && mark !== 32) return Number.NaN
  const first = readSmall(state)
  state.pos++
  if (isLetter(text.charCodeAt(state.pos))) return readDayMonthName(state, first, mark)
  if (mark === 32) return Number.NaN
  const second = readSmall(state)
  if (second < 0) return Number.NaN
  if (text.charCodeAt(state.pos) !== mark) {
    // `10.30 16:49:06` and `03-17 16:13:38.811`: month, then day, and no year.
    return text.charCodeAt(state.pos) === 32 ? withClockNoYear(state, first, second) : Number.NaN
  }
  const run = digitRun(text, state.pos + 1)
  if (run !== 2 && run !== 4) return Number.NaN
  const third = digitsValue(text, state.pos + 1, run)
  state.pos += 1 + run
  return withClock(
    state,
    run === 4 ? yearLast([first, second, third], mark) : yearShort(first, second, third),
  )
}

/** `a/b/yyyy`: the American order unless `a` cannot be a month; with dots or dashes the day comes first. */
function yearLast([a, b, year]: readonly [number, number, number], mark: number): number {
  if (mark === 47) return a > 12 ? civilDays(year, b, a) : civilDays(year, a, b)
  return b > 12 ? civilDays(year, a, b) : civilDays(year, b, a)
}

/** `yy/MM/dd` (log4j's default) unless there is no such date; then `MM/dd/yy`, then `dd/MM/yy`. */
function yearShort(a: number, b: number, c: number): number {
  const century = (year: number) => (year >= 70 ? 1900 + year : 2000 + year)
  for (const [year, month, day] of [
    [a, b, c],
    [c, a, b],
    [c, b, a],
  ] as const) {
    const days = civilDays(century(year), month, day)
    if (!Number.isNaN(days)) return days
  }
  return Number.NaN
}

/** `20/Nov/2026 10:00:00`, `20/Nov/2026:10:00:00 +0000`, `03-Mar-2026 09:00:00.123`, `3 Mar 2026 09:00:00`, `3 Mar 09:00:00`. */
function readDayMonthName(state: State, day: number, mark: number): EpochMs {
  const { text } = state
  const month = readMonth(state)
  if (month < 0) return Number.NaN
  const next = text.charCodeAt(state.pos)
  const year = digitRun(text, state.pos + 1) === 4 ? digitsValue(text, state.pos + 1, 4) : -1
  if (next !== mark || year < 0) return next === 32 ? withClockNoYear(state, month, day) : Number.NaN
  state.pos += 5
  return withClock(state, civilDays(year, month, day))
}

function readTimeOnly(state: State): EpochMs {
  const { text, pos } = state
  const ms = readClock(state)
  // `10:02` alone is as likely a duration, a port or a ratio.
  if (ms < 0 || state.pos - pos < 7) return Number.NaN
  const today = Math.floor((state.now + state.zone.offsetAt(state.now)) / DAY_MS) * DAY_MS
  const offset = readZone(state)
  if (isWordCode(text.charCodeAt(state.pos))) return Number.NaN
  const at = Number.isNaN(offset) ? state.zone.toUtc(today + ms) : today + ms - offset
  return at <= state.now ? at : at - DAY_MS
}

/** `20171223-22:15:29:606`, `20260303 09:00:00`, `20260303T090000Z`. */
function readPackedDate(state: State): EpochMs {
  const { text, pos } = state
  state.pos = pos + 8
  const year = digitsValue(text, pos, 4)
  if (year < 1990 || year > 2099) return Number.NaN
  return withClock(state, civilDays(year, digitsValue(text, pos + 4, 2), digitsValue(text, pos + 6, 2)))
}

/** `20260303090000` */
function readPackedMoment(state: State): EpochMs {
  const { text, pos } = state
  const year = digitsValue(text, pos, 4)
  const days = civilDays(year, digitsValue(text, pos + 4, 2), digitsValue(text, pos + 6, 2))
  if (year < 1990 || year > 2099 || Number.isNaN(days)) return Number.NaN
  state.pos = pos + 8
  const ms = readClock(state)
  return ms < 0 ? Number.NaN : state.zone.toUtc(days * DAY_MS + ms)
}

/** `081109 203615`, `081109 20:36:15`, `260303  9:00:00` */
function readSixDigits(state: State): EpochMs {
  const { text, pos } = state
  state.pos = pos + 6
  if (text.charCodeAt(state.pos) !== 32) return Number.NaN
  const year = 2000 + digitsValue(text, pos, 2)
  return withClock(state, civilDays(year, digitsValue(text, pos + 2, 2), digitsValue(text, pos + 4, 2)))
}

function readEpoch(state: State, run: number): EpochMs {
  const { text, pos } = state
  let end = pos + run
  let ms = digitsValue(text, pos, run) * 10 ** (13 - run)
  if (run === 10 && text.charCodeAt(end) === 46) {
    const fraction = digitRun(text, end + 1)
    if (fraction > 0) ms += Math.floor((digitsValue(text, end + 1, fraction) * 1000) / 10 ** fraction)
    if (fraction > 0) end += 1 + fraction
  }
  if (ms < OLDEST_MS || ms > NEWEST_MS || isWordCode(text.charCodeAt(end))) return Number.NaN
  state.pos = end
  return Math.floor(ms)
}

/** A weekday or a month first: syslog, ctime, RFC 1123, java.util.logging. */
function readNamed(state: State): EpochMs {
  const { text } = state
  const weekday = skipWeekday(state)
  if (weekday) {
    if (text.charCodeAt(state.pos) === 44) state.pos++
    if (text.charCodeAt(state.pos) !== 32) return Number.NaN
    skipSpaces(state)
    if (isDigit(text.charCodeAt(state.pos))) return readDigits(state)
  }
  const month = readMonth(state)
  if (month < 0 || !skipSpaces(state)) return Number.NaN
  const day = readSmall(state)
  if (day < 0) return Number.NaN
  const comma = text.charCodeAt(state.pos) === 44 ? 1 : 0
  const yearAt = state.pos + comma + 1
  if (text.charCodeAt(yearAt - 1) === 32 && digitRun(text, yearAt) === 4) {
    state.pos = yearAt + 4
    return withClock(state, civilDays(digitsValue(text, yearAt, 4), month, day))
  }
  return withClockNoYear(state, month, day, weekday)
}

function skipSpaces(state: State): boolean {
  const { pos } = state
  while (state.text.charCodeAt(state.pos) === 32) state.pos++
  return state.pos > pos
}

// oxlint-disable-next-line max-params -- a month and a day are one thing, and the fourth is a rare hint
function withClockNoYear(state: State, month: number, day: number, yearMayFollow = false): EpochMs {
  if (!skipToClock(state)) return Number.NaN
  const ms = readClock(state)
  if (ms < 0) return Number.NaN
  const offset = readZone(state)
  const year = trailingYear(state, yearMayFollow)
  const moment = (inYear: number) => {
    const local = civilDays(inYear, month, day) * DAY_MS + ms
    return Number.isNaN(offset) ? state.zone.toUtc(local) : local - offset
  }
  return year === null ? latestYear(state, moment) : moment(year)
}

/** `Sun Dec 04 04:47:44 2005` and `Tue Mar  3 09:00:00 UTC 2026`. */
function trailingYear(state: State, mayFollow: boolean): number | null {
  const { text, pos } = state
  if (text.charCodeAt(pos) !== 32 || digitRun(text, pos + 1) !== 4) return null
  const next = text.charCodeAt(pos + 5)
  const year = digitsValue(text, pos + 1, 4)
  if (year < 1990 || year > 2099 || isWordCode(next) || (!mayFollow && next !== 93)) return null
  state.pos = pos + 5
  return year
}

function latestYear(state: State, moment: (year: number) => EpochMs): EpochMs {
  const latest = state.now + (state.zone.name === 'UTC' ? ZONE_SLACK_MS : 0)
  const year = new Date(latest).getUTCFullYear() + 1
  // A 29 February may lie eight years back (1896–1904, 2096–2104).
  for (let back = 0; back <= 9; back++) {
    const at = moment(year - back)
    if (Number.isNaN(at) || at > latest) continue
    const before = moment(year - back - 1)
    const { yearNear = at } = state
    const isEarlierNearer = Math.abs(before - yearNear) < Math.abs(at - yearNear)
    if (!isEarlierNearer) return at
  }
  return Number.NaN
}

function timeOfValue(value: unknown, read: (text: string, start: number) => EpochMs): EpochMs {
  if (typeof value === 'number') return timeOfNumber(value)
  if (typeof value === 'string') {
    const text = isDigit(value.charCodeAt(0)) ? value : value.trim()
    // An ISO time is by far the commonest.
    if (text.charCodeAt(4) === 45) return read(text, 0)
    if (/^\d{9,19}(?:\.\d+)?$/.test(text)) return timeOfNumber(Number(text))
    return read(text, text.startsWith('[') ? 1 : 0)
  }
  if (typeof value !== 'object' || value === null) return Number.NaN
  const fields = value as Record<string, unknown>
  if (typeof fields['$date'] !== 'undefined') return timeOfValue(fields['$date'], read)
  const seconds = fields['epochSecond'] ?? fields['seconds'] ?? fields['timestamp']
  const nanos = Number(fields['nanoOfSecond'] ?? fields['nanos'] ?? 0)
  const at = timeOfNumber(Number(seconds))
  return at + Math.floor(nanos / 1e6)
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size; NaN when none fits. */
export function timeOfNumber(value: number): EpochMs {
  for (const scale of [1000, 1, 1e-3, 1e-6]) {
    const ms = value * scale
    // Half a microsecond is what a double keeps of today's time: 1772528400.806 s must not become …805 ms.
    if (ms >= OLDEST_MS && ms < NEWEST_MS) return Math.floor(ms + 0.0005)
  }
  return Number.NaN
}
