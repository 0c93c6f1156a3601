import type { Maintenance, Silence } from '../contract/rules.ts'
import type { EpochMs } from '../time.ts'
import { globMatcher } from './glob.ts'
import type { LiveDetection } from './live-detection.ts'

type Told = Pick<LiveDetection, 'rule' | 'subject'>
/** Why nobody is told of it now: `silence <id>`, `maintenance <name>`; null where somebody is. */
export type Silencing = (detection: Told, now: EpochMs) => string | null

type Quiet = {
  readonly reason: string
  readonly matches: (told: Told) => boolean
  readonly isNow: (now: EpochMs) => boolean
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** 1970-01-04 was a Sunday. */
const FIRST_SUNDAY = 3 * DAY_MS

export function silencingBy(silences: readonly Silence[], maintenance: readonly Maintenance[]): Silencing {
  const quiets = [...silences.map(ofSilence), ...maintenance.map(ofMaintenance)]
  return (told, now) => quiets.find(({ isNow, matches }) => isNow(now) && matches(told))?.reason ?? null
}

function ofSilence({ id, match, from, until }: Silence): Quiet {
  const begins = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const ends = Date.parse(until)
  return {
    reason: `silence ${id}`,
    matches: matcherOf(match),
    isNow: (now) => now >= begins && now < ends,
  }
}

function ofMaintenance({ name, match, days, from, for: lastsMs }: Maintenance): Quiet {
  const [hours = 0, minutes = 0] = from.split(':').map(Number)
  const starts = days.map(
    (day) => FIRST_SUNDAY + DAYS.indexOf(day) * DAY_MS + (hours * 60 + minutes) * 60_000,
  )
  return {
    reason: `maintenance ${name}`,
    matches: matcherOf(match),
    // Modulo of what may be negative: a window may begin on Saturday and end on Sunday.
    isNow: (now) => starts.some((start) => (((now - start) % WEEK_MS) + WEEK_MS) % WEEK_MS < lastsMs),
  }
}

function matcherOf(match: Silence['match']): (told: Told) => boolean {
  const tests = Object.entries(match).map(([name, pattern = '*']) => {
    const matches = globMatcher(pattern)
    return ({ rule, subject }: Told): boolean => {
      const found = name === 'rule' ? rule : subject[name as keyof Told['subject']]
      return matches(found ?? '')
    }
  })
  return (told) => tests.every((test) => test(told))
}
