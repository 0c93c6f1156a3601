import { likeness, namesIn, squashed } from './code-words.ts'
import type { ChangedHunk } from './commit-candidate.ts'

export type NumberedLine = { readonly line: number; readonly text: string }

/** Lines that were taken out and put in at one place. */
export type ChangeRun = {
  readonly file: string
  readonly removed: readonly NumberedLine[]
  readonly added: readonly NumberedLine[]
  /** Where it stands, on either side: the next line if nothing is there. */
  readonly oldStart: number
  readonly newStart: number
}

/** The runs of changed lines of a hunk; only blank lines may lie inside a run. */
export function changeRuns(hunk: ChangedHunk): ChangeRun[] {
  const runs: ChangeRun[] = []
  let oldLine = hunk.oldStart
  let newLine = hunk.newStart
  let open: { removed: NumberedLine[]; added: NumberedLine[]; oldStart: number; newStart: number } | null =
    null
  const close = (): void => {
    if (open !== null) runs.push({ file: hunk.file, ...open })
    open = null
  }
  for (const line of hunk.lines) {
    const text = line.slice(1)
    if (line.startsWith('-') || line.startsWith('+')) {
      open ??= { removed: [], added: [], oldStart: oldLine, newStart: newLine }
      if (line.startsWith('-')) open.removed.push({ line: oldLine++, text })
      else open.added.push({ line: newLine++, text })
      continue
    }
    if (text.trim() !== '') close()
    oldLine++
    newLine++
  }
  close()
  return runs
}

export type LinePair = { readonly removed: NumberedLine; readonly added: NumberedLine }

/** Old and new version of the same line, as far as they are alike; in order. */
export function linePairs(run: ChangeRun): LinePair[] {
  const pairs: LinePair[] = []
  let from = 0
  for (const removed of run.removed.slice(0, 120)) {
    let best = -1
    let bestScore = 0.5
    for (let at = from; at < Math.min(run.added.length, from + 25); at++) {
      const score = likeness(removed.text, run.added[at]?.text ?? '')
      if (score > bestScore) {
        best = at
        bestScore = score
      }
    }
    const added = run.added[best]
    if (added === undefined || removed.text.trim() === '') continue
    pairs.push({ removed, added })
    from = best + 1
  }
  return pairs
}

/** Of a new file that is longer than this, only the lines that a reason speaks of are shown. */
const LONG_FILE = 40
const LINES_AROUND = 3

/** The run alone, as a hunk without context; of a long new file the part around the telling lines. */
export function runAsHunk(run: ChangeRun, isTelling?: (line: NumberedLine) => boolean): ChangedHunk {
  if (run.oldStart === 0 && run.removed.length === 0 && run.added.length > LONG_FILE)
    return partOfFile(run, isTelling ?? (() => false))
  const lines = [...run.removed.map(({ text }) => `-${text}`), ...run.added.map(({ text }) => `+${text}`)]
  return { file: run.file, oldStart: run.oldStart, newStart: run.newStart, lines }
}

function partOfFile(run: ChangeRun, isTelling: (line: NumberedLine) => boolean): ChangedHunk {
  const first = Math.max(0, run.added.findIndex(isTelling))
  const last = Math.max(first, run.added.findLastIndex(isTelling))
  // Telling lines that are far apart are not one place: the first of them is shown.
  const until = last - first > LONG_FILE ? first : last
  const shown = run.added.slice(Math.max(0, first - LINES_AROUND), until + LINES_AROUND + 1)
  const lines = shown.map(({ text }) => `+${text}`)
  return { file: run.file, oldStart: run.oldStart, newStart: shown[0]?.line ?? run.newStart, lines }
}

/**
 * The smallest change that holds a line: its pair where the line was only modified, else the run. Taking it back alone
 * leaves the other edits of the commit in place.
 */
export function smallestChange(run: ChangeRun, isTelling: (text: string) => boolean): ChangedHunk {
  const pair = linePairs(run).find(({ removed, added }) => isTelling(removed.text) || isTelling(added.text))
  return pair === undefined || !isModification(run, pair)
    ? runAsHunk(run, ({ text }) => isTelling(text))
    : pairAsHunk(run, pair)
}

/** Old and new line alone, as a hunk without context. */
export function pairAsHunk(run: ChangeRun, pair: LinePair): ChangedHunk {
  const lines = [`-${pair.removed.text}`, `+${pair.added.text}`]
  return { file: run.file, oldStart: pair.removed.line, newStart: pair.added.line, lines }
}

/** Only where the line stays in its block, and reads much the same, can it go back without its neighbours. */
function isModification(run: ChangeRun, { removed, added }: LinePair): boolean {
  const indent = (text: string): string => /^\s*/.exec(text)?.[0] ?? ''
  if (indent(removed.text) !== indent(added.text)) return false
  return run.removed.length === run.added.length || likeness(removed.text, added.text) >= 0.7
}

/**
 * The names that a run brings in or takes away. Of a modified line only the difference counts: what stands on both
 * sides was not touched. A line that only moved sideways runs under another condition, so all of it counts.
 */
export function changedNames(run: ChangeRun): Set<string> {
  const names = new Set<string>()
  const paired = new Set<NumberedLine>()
  for (const { removed, added } of linePairs(run)) {
    paired.add(removed).add(added)
    const old = namesIn(withoutProse(removed.text))
    const now = namesIn(withoutProse(added.text))
    if (
      squashed([withoutProse(removed.text)]) === squashed([withoutProse(added.text)]) &&
      removed.text.trim() !== added.text.trim()
    )
      continue
    const moved = removed.text.trim() === added.text.trim()
    const differing = moved ? now : difference(old, now)
    // Only an operator, a number or the order differs: then it is about all that the line names.
    const isWhole = differing.length === 0 || awaits(removed.text) !== awaits(added.text)
    for (const name of isWhole ? now : differing) names.add(name)
  }
  for (const line of [...run.removed, ...run.added]) {
    if (!paired.has(line)) for (const name of namesIn(line.text)) names.add(name)
  }
  return names
}

/** A line without its texts of several words: other words for people do not make code fail. */
const withoutProse = (text: string): string => text.replace(/(["'`])(?:(?!\1).)*\s(?:(?!\1).)*\1/g, '""')

const awaits = (text: string): boolean => /\bawait\b/.test(text)

/** Names that one side has more often than the other. */
function difference(left: readonly string[], right: readonly string[]): string[] {
  const balance = new Map<string, number>()
  for (const name of left) balance.set(name, (balance.get(name) ?? 0) - 1)
  for (const name of right) balance.set(name, (balance.get(name) ?? 0) + 1)
  return [...balance].filter(([, count]) => count !== 0).map(([name]) => name)
}
