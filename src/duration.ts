import { AppError } from './errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 30 * 86_400_000,
  quarter: 91 * 86_400_000,
  year: 365 * 86_400_000,
}

/** Milliseconds of `500ms`, `60s`, `15m`, `1h30m`, `2d`. Refuses anything else, with what was expected. */
export function parseDuration(text: string, what = 'a duration'): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d)/g)]
  const matched = parts.map((part) => part[0]).join('')
  if (parts.length === 0 || matched !== text.trim()) {
    throw new AppError('USAGE', `expected ${what} such as 60s, 15m or 1h30m, found "${text}"`)
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0)
}

/** An objective for downtime: so many milliseconds in a window, as `15m/year` says. */
export type DowntimeObjective = {
  readonly text: string
  readonly allowedMs: number
  readonly windowMs: number
}

/** `15m/year`, `43m/month`, `1h/30d`, and availability shares such as `99.9%/month`. */
export function parseObjective(text: string): DowntimeObjective {
  const [amount = '', per = '', ...rest] = text.trim().split('/')
  const windowMs = UNIT_MS[per] ?? (/^\d/.test(per) ? parseDuration(per, 'a window') : undefined)
  if (windowMs === undefined || rest.length > 0) {
    throw new AppError('USAGE', `expected an objective such as 15m/year or 99.9%/month, found "${text}"`)
  }
  const share = /^(\d+(?:\.\d+)?)%$/.exec(amount)
  const allowedMs = share ? (1 - Number(share[1]) / 100) * windowMs : parseDuration(amount, 'an objective')
  if (!(allowedMs >= 0 && allowedMs <= windowMs)) {
    throw new AppError('USAGE', `expected an objective within its own window, found "${text}"`)
  }
  return { text: text.trim(), allowedMs, windowMs }
}
