import type { ChangedText, Edit } from './change-edits.ts'
import { isMoved, removedLines } from './change-edits.ts'
import { alignLines, indentOf, reindented } from './line-alignment.ts'
import type { Alignment } from './line-alignment.ts'
import { locateLines } from './locate-lines.ts'
import { mergeWords } from './merge-words.ts'

/**
 * Takes edits of an old commit back on the current lines, which later commits shifted, edited and added to.
 *
 *     before the culprit          after it                   now                         taken back
 *     with pool.get() as conn:    conn = pool.get()          conn = pool.get()           with pool.get() as conn:
 *         rows = conn.all()       rows = conn.all()          rows = conn.all(limit)          rows = conn.all(limit)
 *                                                            log(rows, conn)                 log(rows, conn)
 *
 * A three-way merge that sees through indentation: a line that only moved a level moves back, whatever became of its
 * words since; where a later commit changed the very words that are taken back, the culprit's parent wins. Null when
 * the culprit's lines are not there any more.
 */
export function takeBack(
  current: readonly string[],
  changed: ChangedText,
  edits: readonly Edit[],
): readonly string[] | null {
  const { versions } = changed
  const now = versions.whole
    ? alignLines(versions.after, current)
    : locateLines(versions.after, current, versions.startsAt)
  const plan: Plan = { replaced: new Map(), inserted: new Map() }
  const merge: Merge = { current, changed, now, plan }
  const found = edits.filter((edit) => isStillThere(merge, edit))
  for (const edit of found) takeBackOne(merge, edit)
  return found.length === 0 ? null : carriedOut(current, plan)
}

type Plan = {
  /** Current line → what takes its place; null removes it. */
  readonly replaced: Map<number, string | null>
  /** Lines to put before a current line. */
  readonly inserted: Map<number, string[]>
}

type Merge = {
  readonly current: readonly string[]
  readonly changed: ChangedText
  /** From the lines after the culprit to the current ones. */
  readonly now: Alignment
  readonly plan: Plan
}

/** A line that the culprit wrote is still there; for a pure removal, a line beside it is. */
function isStillThere({ changed, now }: Merge, edit: Edit): boolean {
  for (let at = edit.from; at < edit.to; at += 1) {
    if (now[at] !== null && (changed.versions.after[at] ?? '').trim() !== '') return true
  }
  if (edit.to > edit.from) return false
  return neighbour(now, edit.from - 1, -1) !== null || neighbour(now, edit.from, 1) !== null
}

/** The nearest line from `at` on in one direction that still exists. */
function neighbour(now: Alignment, at: number, step: 1 | -1): { after: number; current: number } | null {
  for (let index = at; index >= 0 && index < now.length; index += step) {
    const match = now[index]
    if (match !== null && match !== undefined) return { after: index, current: match.index }
  }
  return null
}

function takeBackOne(merge: Merge, edit: Edit): void {
  let beforeAt = edit.beforeFrom
  for (let at = edit.from; at < edit.to; at += 1) {
    const match = merge.changed.alignment[at] ?? null
    if (match === null) {
      removeLine(merge, at)
      continue
    }
    restore(merge, edit, { from: beforeAt, to: match.index, at })
    mendLine(merge, at, match.index)
    beforeAt = match.index + 1
  }
  moveAddedSince(merge, edit)
  restore(merge, edit, { from: beforeAt, to: edit.beforeTo, at: edit.to })
}

function removeLine({ now, plan }: Merge, at: number): void {
  const match = now[at]
  if (match !== null && match !== undefined) plan.replaced.set(match.index, null)
}

/** One line that the culprit edited or moved: as it was before, with what was done to it since. */
function mendLine({ changed, current, now, plan }: Merge, at: number, beforeIndex: number): void {
  const match = now[at]
  if (match === null || match === undefined) return
  const after = changed.versions.after[at] ?? ''
  const before = changed.versions.before[beforeIndex] ?? ''
  const ours = current[match.index] ?? ''
  if (before.trim() === after.trim()) {
    plan.replaced.set(match.index, reindented(ours, indentOf(after), indentOf(before)))
    return
  }
  const merged =
    ours.trim() === after.trim() ? before.trim() : mergeWords(after.trim(), ours.trim(), before.trim())
  const indent = indentOf(reindented(before, indentOf(after), indentOf(ours)))
  plan.replaced.set(match.index, indent + (merged ?? before.trim()))
}

/** Names that the restored lines bind: a later line that uses one belongs inside their block. */
function boundNames(lines: readonly string[]): readonly string[] {
  const binding = /\bas\s+(\w+)|\b(\w+)\s*:?=(?!=)|\|(\w+)\|/g
  return lines.flatMap((line) =>
    [...line.matchAll(binding)].flatMap(([, ...names]) => names.filter((name) => name !== undefined)),
  )
}

/** Lines that later commits put into a block that moved: they move with it. */
function moveAddedSince(merge: Merge, edit: Edit): void {
  const { changed, current, now, plan } = merge
  const bound = boundNames(removedLines(changed, edit))
  for (let at = edit.from; at < edit.to; at += 1) {
    const moved = changed.alignment[at]
    const here = now[at]
    if (!moved || !here || !isMoved(changed.versions, changed.alignment, at)) continue
    const previous = neighbour(now, at - 1, -1)
    const [from, to] = [
      indentOf(changed.versions.after[at] ?? ''),
      indentOf(changed.versions.before[moved.index] ?? ''),
    ]
    // Behind the line that opens the block, before the first one that moved: inside.
    const opensHere = previous !== null && !isMoved(changed.versions, changed.alignment, previous.after)
    for (let index = opensHere ? previous.current + 1 : here.index; index < here.index; index += 1) {
      plan.replaced.set(index, reindented(current[index] ?? '', from, to))
    }
    const next = neighbour(now, at + 1, 1)
    const isBetween =
      next !== null && next.after < edit.to && isMoved(changed.versions, changed.alignment, next.after)
    const until = next?.current ?? current.length
    for (let index = here.index + 1; index < until; index += 1) {
      const line = current[index] ?? ''
      const isDeeper = indentOf(line).length > indentOf(current[here.index] ?? '').length
      const isInside = isBetween || isDeeper || bound.some((name) => new RegExp(`\\b${name}\\b`).test(line))
      if (!isInside && line.trim() !== '') break
      if (isInside) plan.replaced.set(index, reindented(line, from, to))
    }
  }
}

const closing =
  /\b(finally|ensure|close|release|dispose|free|unlock|end|shutdown|disconnect|putconn)\b|Close\(|Release\(|Dispose\(|^\s*[})]/

type Run = { readonly from: number; readonly to: number; readonly at: number }

/** Puts lines back that the culprit removed, where they were: between the lines that were around them. */
function restore(merge: Merge, edit: Edit, run: Run): void {
  const { changed, current, now, plan } = merge
  const lines = changed.versions.before.slice(run.from, run.to)
  if (lines.length === 0) return
  const above = neighbour(now, run.at - 1, -1)
  const below = neighbour(now, run.at, 1)
  const position = placeFor(merge, { edit, run, lines, above, below })
  const beside = above ?? below
  const shifted = lines.map((line) =>
    beside === null
      ? line
      : reindented(
          line,
          indentOf(changed.versions.after[beside.after] ?? ''),
          indentOf(current[beside.current] ?? ''),
        ),
  )
  if (isAlreadyThere(merge, lines, { above, below })) return
  plan.inserted.set(position, [...(plan.inserted.get(position) ?? []), ...shifted])
}

/** A later commit has put the same lines back itself, somewhere between the lines that were around them. */
function isAlreadyThere(
  { current }: Merge,
  lines: readonly string[],
  { above, below }: { above: Neighbour; below: Neighbour },
): boolean {
  const added = current
    .slice((above?.current ?? -1) + 1, below?.current ?? current.length)
    .map((line) => line.trim())
  const wanted = lines.map((line) => line.trim())
  return added.some((_, from) => wanted.every((line, index) => added[from + index] === line))
}

type Neighbour = { readonly after: number; readonly current: number } | null
type Place = {
  readonly edit: Edit
  readonly run: Run
  readonly lines: readonly string[]
  readonly above: Neighbour
  readonly below: Neighbour
}

/** Lines that came in between since: what opens goes before them, what closes goes after them. */
function placeFor({ changed, current, plan }: Merge, { edit, run, lines, above, below }: Place): number {
  // In the place of lines that the culprit wrote.
  const first = above?.current ?? -1
  const isReplacement =
    above !== null && above.after >= edit.from && plan.replaced.get(above.current) === null
  if (isReplacement) return above.current + 1
  const limit = below?.current ?? current.length
  const followsMoved =
    above !== null && above.after >= edit.from && isMoved(changed.versions, changed.alignment, above.after)
  if (followsMoved) {
    let at = first + 1
    while (at < limit && plan.replaced.has(at)) at += 1
    return at
  }
  const text = lines.join('\n')
  const isLate =
    closing.test(text) && !/\b(defer|with|using|try)\b/.test(text) && run.at < changed.versions.after.length
  return isLate ? limit : first + 1
}

function carriedOut(current: readonly string[], plan: Plan): readonly string[] {
  const result: string[] = []
  for (let index = 0; index <= current.length; index += 1) {
    result.push(...(plan.inserted.get(index) ?? []))
    const line = current[index]
    if (line === undefined) continue
    const replacement = plan.replaced.get(index)
    if (replacement !== null) result.push(replacement ?? line)
  }
  return result
}
