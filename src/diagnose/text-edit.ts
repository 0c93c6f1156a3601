import { indentOf, reindented } from './line-alignment.ts'
import type { Node } from './syntax.ts'

/** Replace characters [start, end) of a text; everything else stays byte for byte. */
export type TextEdit = { readonly start: number; readonly end: number; readonly text: string }

/** Applies edits that do not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  let result = text
  for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end)
  }
  return result
}

export const lineStart = (text: string, index: number): number => text.lastIndexOf('\n', index - 1) + 1

/** Index behind the line's end, line break included. */
export function lineEnd(text: string, index: number): number {
  const at = text.indexOf('\n', index)
  return at < 0 ? text.length : at + 1
}

export const indentAt = (text: string, index: number): string => indentOf(text.slice(lineStart(text, index)))

export const lineBreakOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

/** Behind the comment that follows on the same line, for it speaks of the code before it. */
export function endWithComment(text: string, end: number): number {
  return end + (/^[ \t]*(?:#|\/\/)[^\r\n]*/.exec(text.slice(end))?.[0].length ?? 0)
}

/**
 * Removes a stretch of code: whole lines where it has its lines to itself, with one of two empty lines that would meet,
 * and with the empty line that would open or close its block.
 */
export function removal(text: string, start: number, end: number): TextEdit {
  const from = lineStart(text, start)
  const to = lineEnd(text, end)
  const before = text.slice(from, start)
  const after = text.slice(end, to)
  if (before.trim() !== '') return { start: start - (/[ \t]+$/.exec(before)?.[0].length ?? 0), end, text: '' }
  // A comment behind the code speaks of the code.
  const code = after.replace(/^[ \t]*;/, '').replace(/^[ \t]*(#|\/\/).*$/m, '')
  if (code.trim() !== '') {
    return { start, end: end + (/^[ \t;]+/.exec(after)?.[0].length ?? 0), text: '' }
  }
  const emptyBehind = /^[ \t]*\r?\n/.exec(text.slice(to))?.[0].length ?? 0
  const lineBefore = text.slice(lineStart(text, from - 1), from)
  const opensBlock = /[{:]\s*$|\b(do|then)\s*$|\|\s*$/.test(lineBefore)
  const joins = emptyBehind > 0 && (lineBefore.trim() === '' || opensBlock)
  return { start: from, end: joins ? to + emptyBehind : to, text: '' }
}

const strings = [
  'string',
  'template_string',
  'raw_string_literal',
  'heredoc_body',
  'text_block',
  'string_literal',
  'verbatim_string_literal',
  'heredoc',
  'encapsed_string',
]

/** The source of nodes that lie side by side, moved to another indentation; the insides of strings are left alone. */
export function movedTo(text: string, nodes: readonly Node[], indent: string): string {
  const [first, last] = [nodes[0], nodes.at(-1)]
  if (first === undefined || last === undefined) return ''
  const from = indentAt(text, first.startIndex)
  const frozen = rowsInsideStrings(nodes)
  const lines = text.slice(first.startIndex, last.endIndex).split('\n')
  const row = first.startPosition.row
  return lines
    .map((line, index) => (index === 0 || frozen.has(row + index) ? line : reindented(line, from, indent)))
    .join('\n')
}

function rowsInsideStrings(nodes: readonly Node[]): ReadonlySet<number> {
  const rows = new Set<number>()
  for (const node of nodes.flatMap((each) => each.descendantsOfType(strings))) {
    for (let row = node.startPosition.row + 1; row <= node.endPosition.row; row += 1) rows.add(row)
  }
  return rows
}
