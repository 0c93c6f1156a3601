import { alignLines, indentOf } from './line-alignment.ts'
import type { Alignment } from './line-alignment.ts'

/** A text before and after the culprit: whole files, or the two sides of one hunk. */
export type Versions = {
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Where `after` begins in its file, from 0; a hint where only a hunk is known. */
  readonly startsAt: number
  readonly whole: boolean
}

/**
 * One thing that the culprit changed, as small as it can be taken back alone. `after` lines [from, to) came in the
 * place of `before` lines [beforeFrom, beforeTo); lines that only changed indentation count as both.
 */
export type Edit = {
  readonly from: number
  readonly to: number
  readonly beforeFrom: number
  readonly beforeTo: number
}

export type ChangedText = {
  readonly versions: Versions
  /** From `after` to `before`. */
  readonly alignment: Alignment
  readonly edits: readonly Edit[]
}

/**
 * Splits a change into edits. A run of removed or added lines is one edit, and so is a single line that was edited;
 * lines that moved a level in or out belong to the edit beside them, for `with x:` without its body is no code.
 */
export function readEdits(versions: Versions): ChangedText {
  const alignment = alignLines(versions.after, versions.before)
  const edits: Edit[] = []
  let open: Edit | null = null
  const close = (): void => {
    if (open !== null) edits.push(open)
    open = null
  }
  let beforeAt = 0
  for (const [at, match] of alignment.entries()) {
    if (match === null) {
      open = { ...(open ?? { from: at, beforeFrom: beforeAt, beforeTo: beforeAt }), to: at + 1 }
      continue
    }
    if (match.index > beforeAt)
      open = { ...(open ?? { from: at, beforeFrom: beforeAt }), to: at, beforeTo: match.index }
    if (match.kind === 'same' && !bridges(versions, alignment, at)) close()
    else if (match.kind !== 'same') {
      if (match.kind === 'edited' && !besideMoved(versions, alignment, at)) close()
      open = { ...(open ?? { from: at, beforeFrom: match.index }), to: at + 1, beforeTo: match.index + 1 }
      if (match.kind === 'edited' && !besideMoved(versions, alignment, at)) close()
    }
    beforeAt = match.index + 1
  }
  if (versions.before.length > beforeAt) {
    const to = versions.after.length
    open = { ...(open ?? { from: to, beforeFrom: beforeAt }), to, beforeTo: versions.before.length }
  }
  close()
  return { versions, alignment, edits }
}

/** Did a line move a level in or out, with or without another edit of it? */
export function isMoved({ before, after }: Versions, alignment: Alignment, at: number): boolean {
  const match = alignment[at]
  if (match === null || match === undefined || match.kind === 'same') return false
  return match.kind === 'indented' || indentOf(before[match.index] ?? '') !== indentOf(after[at] ?? '')
}

/** Is an edited line part of a run of changed lines in which a block moved in or out? Then it is its head or tail. */
function besideMoved(versions: Versions, alignment: Alignment, at: number): boolean {
  const reaches = (step: 1 | -1): boolean => {
    for (let index = at + step; index >= 0 && index < alignment.length; index += step) {
      if (alignment[index]?.kind === 'same') return false
      if (isMoved(versions, alignment, index)) return true
    }
    return false
  }
  return isMoved(versions, alignment, at) || reaches(1) || reaches(-1)
}

/** An empty line inside a block that moved does not end it. */
function bridges(versions: Versions, alignment: Alignment, at: number): boolean {
  if (versions.after[at]?.trim() !== '') return false
  return isMoved(versions, alignment, at - 1) && isMoved(versions, alignment, at + 1)
}

export const addedLines = ({ versions }: ChangedText, edit: Edit): readonly string[] =>
  versions.after.slice(edit.from, edit.to)

export const removedLines = ({ versions }: ChangedText, edit: Edit): readonly string[] =>
  versions.before.slice(edit.beforeFrom, edit.beforeTo)
