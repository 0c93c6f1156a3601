import { isDigit } from '../lines/time-scan.ts'

const UNIT_MS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    usec: 1e-3,
    ms: 1,
    msec: 1,
    millis: 1,
    milliseconds: 1,
    s: 1000,
    sec: 1000,
    secs: 1000,
    seconds: 1000,
    m: 60_000,
    h: 3_600_000,
  }),
)

/** Milliseconds of a duration with its unit: `31ms`, `0.031s`, `812µs`, `1m2.5s`; NaN for anything else. */
export function loggedDuration(word: string): number {
  const { length } = word
  if (length < 2 || length > 24 || !isDigit(word.charCodeAt(0))) return Number.NaN
  let sum = 0
  let at = 0
  while (at < length) {
    const unitAt = skipNumber(word, at)
    let end = unitAt
    while (end < length && isUnitCode(word.charCodeAt(end))) end++
    const unitMs = unitAt > at && end > unitAt ? UNIT_MS.get(word.slice(unitAt, end)) : undefined
    if (unitMs === undefined) return Number.NaN
    sum += Number(word.slice(at, unitAt)) * unitMs
    at = end
  }
  return round(sum)
}

/** Behind the digits at `at`, a fraction included. */
function skipNumber(word: string, at: number): number {
  let end = at
  while (isDigit(word.charCodeAt(end))) end++
  if (word.charCodeAt(end) !== 46 || !isDigit(word.charCodeAt(end + 1))) return end
  end++
  while (isDigit(word.charCodeAt(end))) end++
  return end
}

function isUnitCode(code: number): boolean {
  return (code >= 97 && code <= 122) || code === 0xb5 || code === 0x3_bc
}

/** Milliseconds of a number in a unit (`s`, `ms`, `us`, `ns`), without the noise of binary fractions. */
export function durationOf(amount: number, unit: string): number {
  return round(amount * (UNIT_MS.get(unit) ?? 1))
}

function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6
}
