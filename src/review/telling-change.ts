import type { ChangedHunk } from '../diagnose/index.ts'

/** What a commit did at the place that matters: a line before, a line after, or only one of them. */
export type TellingChange = { readonly before: string | null; readonly after: string | null }

/** What is known of the place: the line that failed, and whether the change stopped giving something back. */
export type Clues = { readonly failingLine: string | null; readonly stoppedReleasing: boolean }

/**
 * The pair of lines that tells most: the failing line with the one that it replaced, else the two that are most alike,
 * since what a small change did is seen best. Of a leak it is the removed line that gave the resource back. Where lines were only added or only removed, the longest of them.
 */
export function tellingChange(hunks: readonly ChangedHunk[], clues: Clues): TellingChange | null {
  const pairs = hunks.flatMap((hunk) => pairsOf(hunk, clues))
  const [best] = pairs.toSorted((a, b) => b.score - a.score)
  return best ? { before: best.before, after: best.after } : null
}

type ScoredPair = TellingChange & { readonly score: number }

/** No pair of lines scores more than 1 by likeness: the failing line itself always wins. */
const IS_FAILING = 2
const IS_RELEASE = 1.5
const ALIKE_ENOUGH = 0.3
/** Words by which languages give a resource back, or bind its life to a block. */
const RELEASES =
  /\b(with|using|finally|defer|ensure|try|\w*close\w*|\w*release\w*|dispose\w*|free|end|disconnect|put_?conn\w*)\b/i

function pairsOf({ lines }: ChangedHunk, { failingLine, stoppedReleasing }: Clues): readonly ScoredPair[] {
  const removed = lines.filter((line) => /^-\s*\S/.test(line)).map((line) => line.slice(1).trim())
  const added = lines.filter((line) => /^\+\s*\S/.test(line)).map((line) => line.slice(1).trim())
  const isFailing = (line: string): number =>
    failingLine !== null && line === failingLine.trim() ? IS_FAILING : 0
  const releases = (line: string): number => (stoppedReleasing && RELEASES.test(line) ? IS_RELEASE : 0)
  const pairs = added.flatMap((after) =>
    removed.map((before) => ({
      before,
      after,
      score: likeness(before, after) + isFailing(after) + releases(before),
    })),
  )
  const alike = pairs.filter(({ before, after }) => likeness(before, after) >= ALIKE_ENOUGH)
  const alone = [
    ...added.map((after) => ({ before: null, after, score: isFailing(after) + length(after) })),
    ...removed.map((before) => ({ before, after: null, score: length(before) + releases(before) })),
  ]
  return [...alike, ...alone]
}

/** Small, and only to choose among lines that have no partner. */
function length(line: string): number {
  return Math.min(line.length, 100) / 1000
}

/** Share of words in common, 0–1 (Dice); equal lines have nothing to tell. */
function likeness(a: string, b: string): number {
  if (a === b) return 0
  const left = a.match(/\w+|[^\w\s]/g) ?? []
  const right = b.match(/\w+|[^\w\s]/g) ?? []
  const rest = [...right]
  let common = 0
  for (const word of left) {
    const found = rest.indexOf(word)
    if (found < 0) continue
    rest.splice(found, 1)
    common += 1
  }
  return (2 * common) / Math.max(1, left.length + right.length)
}
