import { enclosingFunction, functionName, declarationStart } from './functions.ts'
import { guardOf, riskyPart } from './guards.ts'
import { handlingOf } from './handling.ts'
import { languageOf } from './languages/all.ts'
import type { Language } from './languages/language.ts'
import type { SourceExplanation } from './source-explanation.ts'
import { wholeText, withTree } from './syntax.ts'
import type { Node } from './syntax.ts'

/** What explaining needs of the world: a file of the work tree, null where there is none. */
export type SourceReader = {
  readonly readFile: (path: string) => Promise<string | null>
}

type Place = { readonly file: string; readonly line: number; readonly exceptionType: string | null }

const SNIPPET_RADIUS = 6

/**
 * What the source around a failing line says: its function, the condition that lets the line run and whether chance
 * decides it, and what becomes of the error. Null where the file or the line is not there; a file in a language without
 * a grammar, or over 1 MB, gets its snippet alone.
 */
export async function explainSource(deps: SourceReader, input: Place): Promise<SourceExplanation | null> {
  const text = await deps.readFile(input.file)
  if (text === null || input.line < 1 || input.line > text.split('\n').length) return null
  const plain = withoutTree(text, input)
  const language = languageOf(input.file)
  if (language === null) return plain
  const read = await withTree(language.grammar, text, (root) => explain(root, language, input))
  return { ...plain, language: language.name, ...read }
}

function withoutTree(text: string, { file, line }: Place): SourceExplanation {
  return {
    file,
    line,
    language: 'unknown',
    function: null,
    functionRange: null,
    raises: false,
    guard: null,
    handling: null,
    handlerLine: null,
    snippet: sourceAround(text, line, SNIPPET_RADIUS),
  }
}

function explain(root: Node, language: Language, input: Place): Partial<SourceExplanation> {
  const node = nodeAt(root, input.line, language)
  if (node === null) return {}
  const written = wholeText(root).split('\n')[input.line - 1] ?? ''
  const raises = language.isRaise(node) || language.errorAnswer.test(written)
  const outer = enclosingFunction(node, language)
  return {
    function: outer === null ? null : functionName(outer, language),
    functionRange:
      outer === null ? null : [declarationStart(outer).startPosition.row + 1, outer.endPosition.row + 1],
    raises,
    guard: guardOf(riskyPart(node, language), language, raises),
    ...handlingOf(node, language, input.exceptionType),
  }
}

/**
 * The node that a stack frame's line means: a raise on it (also one that began above, for a frame may point into a
 * statement of several lines), else the largest expression or statement that starts there.
 */
export function nodeAt(root: Node, line: number, language: Language): Node | null {
  const row = line - 1
  const text = wholeText(root).split('\n')[row] ?? ''
  const column = text.search(/\S/)
  if (column < 0) return null
  const onLine = descendantsOn(root, row)
  const raise = onLine.find((node) => language.isRaise(node))
  if (raise !== undefined) return raise
  const first = root.namedDescendantForPosition({ row, column }, { row, column: column + 1 })
  if (first === null) return null
  const largest = largestOn(first, row, language)
  return enclosingFunction(largest, language) === null
    ? (bodyOnRow(onLine, row, language) ?? largest)
    : largest
}

/** `app.get('/', (req, res) => fail())`: a frame on this line is in the function, not in the registration. */
function bodyOnRow(onLine: readonly Node[], row: number, language: Language): Node | null {
  const inline = onLine.findLast((node) => language.functions.has(node.type) && node.endPosition.row === row)
  return inline?.childForFieldName('body') ?? null
}

/** Nodes that start on the row, outermost first, below those that only reach over it. */
function descendantsOn(root: Node, row: number): Node[] {
  const found: Node[] = []
  const waiting: Node[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.startPosition.row > row || node.endPosition.row < row) continue
    if (node.startPosition.row === row) found.push(node)
    waiting.push(...node.namedChildren.toReversed())
  }
  return found
}

/** The whole statement, but not a conditional, loop or function of which the row is only the head. */
function largestOn(first: Node, row: number, language: Language): Node {
  let node = first
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (language.blocks.has(parent.type) || language.functions.has(parent.type)) break
    if (parent.startPosition.row !== row && !language.isRaise(parent)) break
    node = parent
  }
  return node
}

/** The lines within `radius` of `line`, numbered; long ones cut, for minified code has no end. */
export function sourceAround(
  text: string,
  line: number,
  radius: number,
): readonly { readonly line: number; readonly text: string }[] {
  const lines = text.split(/\r?\n/)
  const last = lines.at(-1) === '' ? lines.length - 1 : lines.length
  const from = Math.max(1, line - radius)
  return lines
    .slice(from - 1, Math.min(last, line + radius))
    .map((each, index) => ({ line: from + index, text: each.length > 300 ? `${each.slice(0, 299)}…` : each }))
}
