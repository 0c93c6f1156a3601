import type { Fingerprint } from '../telemetry/index.ts'
import { toIso, type EpochMs } from '../time.ts'

/** `49.8 %`; whole numbers where nothing is lost, and never a rounded 100 or 0 that is not one. */
export function percent(share: number): string {
  const value = share * 100
  const rounded = Number(value.toFixed(1))
  if (rounded === 100 && share < 1) return 'over 99.9 %'
  if (rounded === 0 && share > 0) return 'under 0.1 %'
  return `${rounded} %`
}

/** `1,290 requests`, `1 request`. */
export function count(value: number, noun: string): string {
  return `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`
}

/** `once`, `12 times`. */
export function times(value: number): string {
  return value === 1 ? 'once' : count(value, 'time')
}

/** `2026-03-03 09:00:03 UTC`: seconds are what people compare. */
export function dateTime(at: EpochMs): string {
  return `${toIso(at).slice(0, 10)} ${clock(at)} UTC`
}

/** `09:00:03`, for tables whose heading says the day and the zone. */
export function clock(at: EpochMs): string {
  return toIso(at).slice(11, 19)
}

/** How sure a diagnosis is, in words that keep to one scale. */
export function confidenceInWords(confidence: number): string {
  if (confidence >= 0.95) return 'almost certain'
  if (confidence >= 0.8) return 'very likely'
  if (confidence >= 0.6) return 'likely'
  if (confidence >= 0.4) return 'as likely as not'
  return 'one possibility'
}

/** Text from a log or a source, fit to stand between backticks in a sentence. */
export function quoted(text: string, limit = 160): string {
  return `\`${shorten(text.replaceAll('`', "'").replaceAll(/\s+/g, ' ').trim(), limit) || ' '}\``
}

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text
}

/** Ends with a full stop and begins with a capital, unless it begins with code. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const [first = ''] = trimmed
  // `iPhone` and `app.py` keep their case: only a plain lower-case word is a sentence's beginning.
  const begin = /^[a-z]+(?=[\s,;:—-]|$)/.test(trimmed) ? first.toUpperCase() + trimmed.slice(1) : trimmed
  return begin === '' ? '' : ended(begin)
}

/** Ends with a full stop; the beginning stays, for what follows a colon. */
export function ended(text: string): string {
  return /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}

/** What a kind of log line is called: an exception's type and message, else its template. */
export function fingerprintName(fingerprint: Fingerprint): string {
  const link = fingerprint.exception?.[0]
  if (!link) return fingerprint.template
  return link.message === '' ? link.type : `${link.type}: ${link.message}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}
