import { AppError } from '../errors.ts'
import { parseDuration, parseObjective, type DowntimeObjective } from '../duration.ts'
import { toIso, type EpochMs } from '../time.ts'

/** Options as the command line gave them, read by name and type; each refusal names the option. */
export function textOption(options: Record<string, unknown>, name: string): string | null {
  const value = options[name]
  return typeof value === 'string' ? value : null
}

export function listOption(options: Record<string, unknown>, name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function objectiveOption(options: Record<string, unknown>): DowntimeObjective | null {
  const text = textOption(options, 'sla')
  return text === null ? null : parseObjective(text)
}

export function rateOption(options: Record<string, unknown>): number | null {
  const text = textOption(options, 'rate')
  return text === null ? null : rateFrom(text, '--rate')
}

/** Requests a second of `10/s`, `600/min`, or a bare number of requests a second. */
export function rateFrom(text: string, what: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(\/s|\/min|\/m)?$/.exec(text.trim()) ?? []
  const perSecond = Number(amount) / (unit === '/min' || unit === '/m' ? 60 : 1)
  if (!(perSecond > 0 && perSecond <= 20_000)) {
    throw new AppError(
      'USAGE',
      `${what}: expected requests a second from 0.01/s to 20000/s, such as 20/s, found "${text}"`,
    )
  }
  return perSecond
}

/** A whole number within both ends, or null where the option was not given. */
export function wholeOption(
  options: Record<string, unknown>,
  name: string,
  [least, most]: readonly [number, number],
): number | null {
  const text = textOption(options, name)
  if (text === null) return null
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new AppError('USAGE', `--${name}: expected a whole number from ${least} to ${most}, found "${text}"`)
}

export function durationOption(options: Record<string, unknown>, name: string): number | null {
  const text = textOption(options, name)
  if (text === null) return null
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}` // as it was typed
  const ms = parseDuration(text, `${flag} with a duration`)
  if (ms <= 0) throw new AppError('USAGE', `${flag}: expected more than nothing, found "${text}"`)
  return ms
}

/** ISO 8601, epoch seconds, or an age such as `2h` before `now`. */
export function timeOption(options: Record<string, unknown>, name: string, now: EpochMs): EpochMs | null {
  const text = textOption(options, name)
  if (text === null) return null
  if (/^(\d+(\.\d+)?(ms|s|m|min|h|d))+$/.test(text)) return now - parseDuration(text)
  const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)
    ? `${text.replace(' ', 'T')}Z`
    : text
  const at = /^\d{9,11}$/.test(text) ? Number(text) * 1000 : Date.parse(zoned)
  if (Number.isNaN(at)) {
    throw new AppError(
      'USAGE',
      `--${name}: expected a time such as 2026-03-03T09:00:00Z or an age such as 2h, found "${text}"`,
    )
  }
  return at
}

export function timeZoneOption(options: Record<string, unknown>): string {
  const zone = textOption(options, 'tz') ?? 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch (cause) {
    throw new AppError('USAGE', `--tz: expected a zone such as Europe/Berlin or +02:00, found "${zone}"`, {
      cause,
    })
  }
}

export function urlOptions(options: Record<string, unknown>, name = 'url'): readonly string[] {
  const given = options[name]
  const texts = typeof given === 'string' ? [given] : listOption(options, name)
  return texts.map((text) => {
    const url = URL.parse(text)
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new AppError('USAGE', `--${name}: expected an http:// or https:// address, found "${text}"`)
    }
    return url.href
  })
}

/** `./firebreak-out/<UTC time>`, without characters that a file system or a shell minds. */
export function outDirectory(options: Record<string, unknown>, now: EpochMs): string {
  const stamp = toIso(Math.floor(now / 1000) * 1000)
    .replaceAll(':', '')
    .replace('T', '-')
  return textOption(options, 'out') ?? `firebreak-out/${stamp}`
}
