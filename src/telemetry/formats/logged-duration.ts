const UNIT_MS: Readonly<Record<string, number>> = {
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
}

const PARTS = /(\d+(?:\.\d+)?)([a-zµμ]+)/g

/** Milliseconds of a duration with its unit: `31ms`, `0.031s`, `812µs`, `1m2.5s`; NaN for anything else. */
export function loggedDuration(word: string): number {
  if (word.length === 0 || word.length > 24) return Number.NaN
  let sum = 0
  let matched = 0
  for (const [part, amount, unit] of word.matchAll(PARTS)) {
    const unitMs = UNIT_MS[unit ?? '']
    if (unitMs === undefined) return Number.NaN
    sum += Number(amount) * unitMs
    matched += part.length
  }
  return matched === word.length ? round(sum) : Number.NaN
}

/** Milliseconds of a number in a unit (`s`, `ms`, `us`, `ns`), without the noise of binary fractions. */
export function durationOf(amount: number, unit: string): number {
  return round(amount * (UNIT_MS[unit] ?? 1))
}

function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6
}
