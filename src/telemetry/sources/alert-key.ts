import { createHash } from 'node:crypto'

/** The same for the same labels in any order: what names an alert where its sender gives it no id. */
export function keyOfLabels(labels: Iterable<readonly [string, string]>): string {
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
