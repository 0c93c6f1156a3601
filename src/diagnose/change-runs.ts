import { likeness } from './code-words.ts'
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
  for (const removed of run.removed.slice(0, 200)) {
    let best = -1
    let bestScore = 0.5
    for (let at = from; at < Math.min(run.added.length, from + 40); at++) {
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

/** The run alone, as a hunk without context. */
export function runAsHunk(run: ChangeRun): ChangedHunk {
  const lines = [...run.removed.map(({ text }) => `-${text}`), ...run.added.map(({ text }) => `+${text}`)]
  return { file: run.file, oldStart: run.oldStart, newStart: run.newStart, lines }
}

/**
 * The smallest change that holds a line: its pair where the run is a list of changed lines, else the run. Taking it
 * back alone leaves the other edits of the commit in place.
 */
export function smallestChange(run: ChangeRun, isTelling: (text: string) => boolean): ChangedHunk {
  const pairs = run.removed.length === run.added.length ? linePairs(run) : []
  const pair =
    pairs.length === run.removed.length
      ? pairs.find((p) => isTelling(p.removed.text) || isTelling(p.added.text))
      : undefined
  if (pair === undefined) return runAsHunk(run)
  const lines = [`-${pair.removed.text}`, `+${pair.added.text}`]
  return { file: run.file, oldStart: pair.removed.line, newStart: pair.added.line, lines }
}
