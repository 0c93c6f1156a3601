const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration for people, two units at most: `0.4 s`, `95 s`, `13 min`, `13 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 10 * SECOND) return `${Number((durationMs / SECOND).toFixed(1))} s`
  if (durationMs < 2 * MINUTE) return `${Math.round(durationMs / SECOND)} s`
  if (durationMs < 2 * HOUR) return twoUnits(durationMs, [MINUTE, 'min'], [SECOND, 's'])
  if (durationMs < 2 * DAY) return twoUnits(durationMs, [HOUR, 'h'], [MINUTE, 'min'])
  return twoUnits(durationMs, [DAY, 'd'], [HOUR, 'h'])
}

type Unit = readonly [ms: number, name: string]

function twoUnits(durationMs: number, [bigMs, big]: Unit, [smallMs, small]: Unit): string {
  const rounded = Math.round(durationMs / smallMs) * smallMs
  const rest = (rounded % bigMs) / smallMs
  const whole = `${Math.floor(rounded / bigMs)} ${big}`
  return rest === 0 ? whole : `${whole} ${rest} ${small}`
}
