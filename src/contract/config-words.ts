import { z } from 'zod'
import { parseDuration } from '../duration.ts'

/**
 * The words of firebreak.yaml: text in, number out. A default is given in the same words
 * (`durationMs.prefault('30s')` is parsed like what a person writes).
 */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

/** `500ms`, `30s`, `15m`, `1h30m`, `7d` → milliseconds. Refuses bare numbers: nobody knows their unit. */
export const durationMs = z.codec(
  words('a duration such as 500ms, 30s, 15m or 7d'),
  z.number().nonnegative(),
  {
    decode: (text, context) => {
      try {
        return parseDuration(text)
      } catch {
        return refuse(context, text, 'expected a duration such as 500ms, 30s, 15m or 7d')
      }
    },
    encode: durationInWords,
  },
)

/** How often something is done, and how long it may take; none would be done without a pause. */
export const intervalMs = durationMs.refine((ms) => ms >= 100, 'expected a duration of 100ms or more')

/** What a regular expression can be made of. */
export const pattern = z.string().refine(isPattern, 'expected a regular expression')

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

/** A zone of the IANA database: `Europe/Berlin`. */
export const timeZone = z.string().refine(isTimeZone, 'expected a time zone such as UTC or Europe/Berlin')

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

/** `512MB`, `2GiB` → bytes. */
export const sizeBytes = z.codec(words('a size such as 512MB or 2GiB'), z.number().nonnegative(), {
  decode: (text, context) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? []
    const factor = Object.hasOwn(SIZE_UNITS, unit) ? SIZE_UNITS[unit] : undefined
    if (factor === undefined) return refuse(context, text, 'expected a size such as 512MB or 2GiB')
    return Math.round(Number(amount) * factor)
  },
  encode: sizeInWords,
})

/** `1%`, `0.5%` → 0.01, 0.005. */
export const share = z.codec(words('a share such as 1% or 0.5%'), z.number().min(0).max(1), {
  decode: (text, context) => {
    const [, amount] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? []
    if (amount === undefined) return refuse(context, text, 'expected a share such as 1% or 0.5%')
    // Rounded, for 0.1 / 100 is not 0.001.
    return Number((Number(amount) / 100).toPrecision(12))
  },
  encode: (value) => `${Number((value * 100).toPrecision(12))}%`,
})

function words(expected: string) {
  return z.string({
    error: ({ input }) => `expected ${expected}, found ${JSON.stringify(input) ?? 'nothing'}`,
  })
}

type Refusing = { readonly issues: unknown[] }

function refuse(context: Refusing, found: string, expected: string): never {
  context.issues.push({ code: 'custom', input: found, message: `${expected}, found "${found}"` })
  return z.NEVER
}

/** The longest unit that says it exactly: 5400000 is `90m`. */
function durationInWords(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ]
  const [name, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${name}`
}

function sizeInWords(bytes: number): string {
  const exact = Object.entries(SIZE_UNITS)
    .filter(([, size]) => bytes >= size && bytes % size === 0)
    .toSorted(([, one], [, other]) => other - one)
  const [name, size] = exact[0] ?? ['B', 1]
  return `${bytes / size}${name}`
}
