import { addedLines, removedLines } from './change-edits.ts'
import type { ChangedText, Edit } from './change-edits.ts'

/**
 * The chosen edits together with those that they cannot do without, so that no name is left hanging: `with closing(…)`
 * needs the import of `closing` back, `json.load(urls_file)` the line that called the file so.
 */
export function withNeeded(text: ChangedText, chosen: readonly Edit[]): readonly Edit[] {
  const edits = new Set(chosen)
  const known = freeNames(text.versions.after)
  let size = 0
  while (edits.size > size) {
    size = edits.size
    const rest = text.edits.filter((edit) => !edits.has(edit))
    const wanted = [...edits].flatMap((edit) => [...freeNames(removedLines(text, edit))])
    const missing = new Set(wanted.filter((name) => !known.has(name)))
    const lost = lostNames(text, edits)
    for (const edit of rest) {
      const brings = [...freeNames(removedLines(text, edit))].some((name) => missing.has(name))
      const relies = [...freeNames(addedLines(text, edit))].some((name) => lost.has(name))
      if (brings || relies) edits.add(edit)
    }
  }
  return text.edits.filter((edit) => edits.has(edit))
}

/** Names that the culprit's chosen lines bind and nothing that stays does: whoever uses them must go as well. */
function lostNames(text: ChangedText, chosen: ReadonlySet<Edit>): ReadonlySet<string> {
  const isChosen = (at: number): boolean => chosen.values().some((edit) => edit.from <= at && at < edit.to)
  const staying = text.versions.after.filter((_, at) => !isChosen(at))
  const restored = [...chosen].flatMap((edit) => removedLines(text, edit))
  const kept = new Set([...staying, ...restored].flatMap(boundIn))
  const gone = [...chosen].flatMap((edit) => addedLines(text, edit)).flatMap(boundIn)
  return new Set(gone.filter((name) => !kept.has(name)))
}

const binding =
  /\bas\s+(\w+)|(?<![.\w])\$?(\w+)(?:\s*:\s*[\w<>[\], ]+)?\s*:?=(?!=)|\b(?:def|function|func|fn|class|import|for|catch|except)\s+\(?(\w+)/g

function boundIn(line: string): string[] {
  return [...withoutText(line).matchAll(binding)].flatMap(([, ...names]) =>
    names.filter((name) => name !== undefined),
  )
}

/** Names that must be bound somewhere: not those behind a dot, not words in strings and comments. */
function freeNames(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => withoutText(line).match(/(?<![\w.:>])[A-Za-z_]\w+/g) ?? []))
}

function withoutText(line: string): string {
  return line.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''").replace(/(^|\s)(#|\/\/).*$/, '')
}
