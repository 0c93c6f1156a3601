import { diffArrays } from 'diff'

/** Which line of `b` a line of `a` became: the same, the same but indented differently, or edited. */
export type Match = { readonly index: number; readonly kind: 'same' | 'indented' | 'edited' }

/** For every line of `a` its match in `b`, or null. Matches never cross. */
export type Alignment = readonly (Match | null)[]

/**
 * Aligns two versions of a text in three passes, each inside the gaps that the one before left: equal lines, lines
 * that differ in indentation only, and lines that are alike. So a block that moved a level in or out stays together,
 * which a plain line diff calls all removed and all added.
 */
export function alignLines(a: readonly string[], b: readonly string[]): Alignment {
  const matches: (Match | null)[] = a.map(() => null)
  matchIn({ a, b, matches }, { aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }, (line) => line.trimEnd())
  const same: readonly (Match | null)[] = matches.slice()
  for (const gap of gapsOf(same, b.length)) matchIn({ a, b, matches }, gap, (line) => line.trim())
  for (const gap of gapsOf(matches.slice(), b.length)) matchAlike({ a, b, matches }, gap)
  return matches
}

type Sides = {
  readonly a: readonly string[]
  readonly b: readonly string[]
  /** Filled in as matches are found. */
  readonly matches: (Match | null)[]
}
type Gap = { readonly aFrom: number; readonly aTo: number; readonly bFrom: number; readonly bTo: number }

function gapsOf(matches: Alignment, bLength: number): Gap[] {
  const gaps: Gap[] = []
  let [aFrom, bFrom] = [0, 0]
  for (const [index, match] of [...matches, { index: bLength, kind: 'same' as const }].entries()) {
    if (match === null) continue
    if (index > aFrom && match.index > bFrom) gaps.push({ aFrom, aTo: index, bFrom, bTo: match.index })
    aFrom = index + 1
    bFrom = match.index + 1
  }
  return gaps
}

function matchIn({ a, b, matches }: Sides, gap: Gap, key: (line: string) => string): void {
  let [i, j] = [gap.aFrom, gap.bFrom]
  const left = a.slice(gap.aFrom, gap.aTo).map(key)
  const right = b.slice(gap.bFrom, gap.bTo).map(key)
  // Two texts with less in common than this are not versions of each other: no matches, and no minutes of search.
  for (const { count, added, removed } of diffArrays(left, right, { maxEditLength: MAX_EDITS }) ?? []) {
    if (!added && !removed) {
      for (let step = 0; step < count; step += 1)
        matches[i + step] = match(a[i + step], b[j + step], j + step)
    }
    if (!added) i += count
    if (!removed) j += count
  }
}

const match = (a: string | undefined, b: string | undefined, index: number): Match => ({
  index,
  kind: a?.trimEnd() === b?.trimEnd() ? 'same' : 'indented',
})

const ALIKE = 0.5
const MAX_EDITS = 2000
/** Pairs of lines that are compared word by word in one gap; a larger gap is a rewrite, and not worth it. */
const MAX_PAIRS = 40_000

/** In order, each line with the first later one that shares at least half of its words. */
function matchAlike({ a, b, matches }: Sides, gap: Gap): void {
  if ((gap.aTo - gap.aFrom) * (gap.bTo - gap.bFrom) > MAX_PAIRS) return
  let next = gap.bFrom
  for (let i = gap.aFrom; i < gap.aTo; i += 1) {
    const scored = Array.from({ length: gap.bTo - next }, (_, step) => ({
      index: next + step,
      score: similarity(a[i] ?? '', b[next + step] ?? ''),
    }))
    const best = scored.reduce((top, each) => (each.score > top.score ? each : top), { index: -1, score: 0 })
    if (best.score < ALIKE) continue
    matches[i] = { index: best.index, kind: 'edited' }
    next = best.index + 1
  }
}

/** Share of common words (Dice); 0 for lines without any. */
export function similarity(a: string, b: string): number {
  const [left, right] = [a.match(/\w+/g) ?? [], b.match(/\w+/g) ?? []]
  if (left.length === 0 || right.length === 0) return 0
  const rest = [...right]
  let common = 0
  for (const word of left) {
    const at = rest.indexOf(word)
    if (at < 0) continue
    rest.splice(at, 1)
    common += 1
  }
  return (2 * common) / (left.length + right.length)
}

export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? ''

/** `line` moved as far in or out as it is from `from` to `to`; unchanged where its own indent does not allow it. */
export function reindented(line: string, from: string, to: string): string {
  if (line.trim() === '' || from === to) return line
  if (line.startsWith(from)) return to + line.slice(from.length)
  // Deeper elsewhere: `from` is longer than the line's own indent.
  const own = indentOf(line)
  if (from.length >= to.length && from.startsWith(to)) {
    return own.slice(0, Math.max(0, own.length - (from.length - to.length))) + line.slice(own.length)
  }
  return to.startsWith(from) ? to.slice(from.length) + line : line
}
