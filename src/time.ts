/** Milliseconds since 1970-01-01T00:00:00Z. Inside, all times are this; ISO 8601 UTC only at the doors. */
export type EpochMs = number

/** ISO 8601 in UTC, whole seconds where the fraction is zero: `2026-03-03T09:00:00Z`. */
export function toIso(at: EpochMs): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

export function toIsoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : toIso(at)
}

/** The width of the windows in which requests are counted and downtime is judged (docs/glossary.md: downtime). */
export const WINDOW_MS = 10_000

export function windowStart(at: EpochMs): EpochMs {
  return Math.floor(at / WINDOW_MS) * WINDOW_MS
}
