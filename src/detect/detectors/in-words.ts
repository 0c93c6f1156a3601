import type { EpochMs } from '../../time.ts'
import type { Anomaly } from './series-detector.ts'

type Circumstances = {
  readonly name: string
  readonly at: EpochMs
  /** The usual distance between value and expectation. */
  readonly spread: number
  readonly limit: number | null
}

/** One sentence with the numbers. */
export function inWords(facts: Omit<Anomaly, 'summary'>, { name, at, spread, limit }: Circumstances): string {
  const observed = figure(facts.observed)
  const expected = figure(facts.expected)
  const usually = `usually within ${figure(spread)} of what is expected`
  const since = forHowLong(at - facts.since)
  switch (facts.kind) {
    case 'spike':
      return `${name} jumped to ${observed}, expected about ${expected} (${usually})`
    case 'level-shift':
      return `${name} has been at about ${observed} for ${since}, expected about ${expected} (${usually})`
    case 'trend':
      return trendInWords(facts.exhaustedAt, { name, at, observed, limit })
    case 'silence':
      return `${name} has not reported for ${since}; the last value was ${observed}`
    case 'changed-variance':
      return `${name} swings from value to value as it has not before, for ${since}; now at ${observed}, expected about ${expected}`
    case 'flatline':
      return `${name} has stopped moving: ${observed} again and again, for ${since}`
    default:
      return `${name} is at ${observed} where its past has nothing like it, expected about ${expected} (${usually})`
  }
}

function trendInWords(
  exhaustedAt: EpochMs | null,
  { name, at, observed, limit }: { name: string; at: EpochMs; observed: string; limit: number | null },
): string {
  const left = (exhaustedAt ?? at) - at
  const now = `${observed} of ${limit === null ? 'its limit' : figure(limit)}`
  return left <= 0
    ? `${name} has run out: ${now}`
    : `${name} will run out in ${forHowLong(left)} if it goes on so: ${now} now`
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function forHowLong(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
