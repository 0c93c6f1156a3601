import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import { indentOf, isBlank, joinMessage, stackFrame } from './trace-language.ts'
import type { TraceLanguage, TraceState } from './trace-language.ts'

const HEADER = /Traceback \((?:most recent call last|innermost last)\):\s*$/
const GROUP_HEADER = /^ *\+ Exception Group Traceback \(/
const GROUP_END = /^ *\+-{20,}\s*$/
const FRAME = /^[\s|>]*File "(.+?)", line (\d+)(?:, in (.+?))?\s*$/
const LINK =
  /^[\s|]*(?:The above exception was the direct cause of the following exception:|During handling of the above exception, another exception occurred:)\s*$/
const TYPE = /^([\p{L}_][\p{L}\p{N}_.]*(?:<locals>[.\p{L}\p{N}_]+)*)(?::(?: (.*))?)?$/u
// What database drivers put below the first line of a message, unindented.
const DETAIL =
  /^(?:\[SQL: |\[parameters: |\(Background on this error at: |DETAIL: |HINT: |CONTEXT: |LINE \d+: |""")/

/** `KeyError: 'sku'`, `shop.cart.CartError: …`, a bare `StopIteration`. */
function isTypeLine(line: string): boolean {
  return TYPE.test(line.trimEnd())
}

function afterFrames(line: string): TraceState | 'maybe' | null {
  if (isBlank(line)) return 'maybe'
  if (GROUP_END.test(line)) return 'ended'
  if (LINK.test(line)) return 'linked'
  if (HEADER.test(line) || indentOf(line) > 0 || line.startsWith('"""')) return 'unfinished'
  return isTypeLine(line) ? 'ended' : null
}

function afterEnd(line: string): TraceState | 'maybe' | null {
  if (LINK.test(line)) return 'linked'
  if (HEADER.test(line)) return line.trimStart().startsWith('|') ? 'ended' : null
  if (isBlank(line)) return 'maybe'
  return indentOf(line) > 0 || DETAIL.test(line) ? 'ended' : null
}

type Section = { readonly frames: StackFrame[]; head: string | null; readonly message: string[] }

function link(section: Section): ExceptionLink {
  const match = TYPE.exec(section.head ?? '')
  const first = match === null ? (section.head ?? '') : (match[2] ?? '')
  const quoted = section.message.findIndex((line) => line.startsWith('"""'))
  const rest = quoted < 0 ? section.message : section.message.slice(0, quoted)
  return {
    type: match?.[1] ?? 'Exception',
    message: joinMessage([first, ...rest]),
    frames: section.frames.toReversed(),
  }
}

/** Sections in printed order, the cause first. */
function sections(lines: readonly string[]): Section[] {
  const found: Section[] = []
  let current: Section | null = null
  for (const line of lines) {
    if (HEADER.test(line)) {
      current = { frames: [], head: null, message: [] }
      found.push(current)
    } else if (LINK.test(line)) current = null
    else if (current !== null) addLine(current, line)
    else if (found.length > 0 && isTypeLine(line) && !isBlank(line)) {
      // An exception that was never raised has no traceback of its own.
      current = { frames: [], head: line, message: [] }
      found.push(current)
    }
  }
  return found.filter((section) => section.head !== null || section.frames.length > 0)
}

function addLine(section: Section, line: string): void {
  const frame = section.head === null ? FRAME.exec(line) : null
  if (frame) section.frames.push(stackFrame(frame[1] ?? null, frame[2], frame[3]))
  else if (section.head !== null) section.message.push(line)
  else if (indentOf(line) === 0 && !isBlank(line) && !line.startsWith('"""')) section.head = line
}

/** A margin of an exception group: `  | …` at depth 1, `    | …` at depth 2. */
const MARGIN = /^( *)([|+]) ?(.*)$/

/**
 * The lines of a group and of its first member, and so on inwards, without margins; `end` is the line after it all.
 *
 *     + Exception Group Traceback …        layer 0
 *     | ExceptionGroup: two (2 sub-exceptions)
 *     +-+---------------- 1 ----------------
 *       | ValueError: x                    layer 1
 *       +---------------- 2 ----------------   the others are not followed
 */
function groupLayers(lines: readonly string[], start: number): { layers: string[][]; end: number } {
  const layers: string[][] = [[]]
  let following = true
  let index = start
  for (; index < lines.length; index += 1) {
    const margin = MARGIN.exec(lines[index] ?? '')
    if (margin === null) break
    const content = margin[3] ?? ''
    if (margin[2] === '+' && content.startsWith('---')) following = false
    else if (margin[2] === '+' && content.startsWith('-+--') && following) layers.push([])
    else if (following) layers.at(-1)?.push(content)
  }
  return { layers, end: index }
}

/** Outermost first. An exception that was never raised has its type line only. */
function chainOf(lines: readonly string[]): ExceptionLink[] {
  const head = lines.findIndex((line) => !isBlank(line))
  if (lines.some((line) => HEADER.test(line))) return sections(lines).map(link).toReversed()
  if (head < 0 || !isTypeLine(lines[head] ?? '')) return []
  return [link({ frames: [], head: lines[head] ?? null, message: lines.slice(head + 1) })]
}

/** A group, then its first member: the member is why the group was raised. Causes are printed before, effects after. */
function parseWithGroups(lines: readonly string[]): ExceptionChain {
  const printed: ExceptionLink[][] = []
  let rest = lines
  for (;;) {
    const start = rest.findIndex((line) => GROUP_HEADER.test(line))
    const before = start < 0 ? rest : rest.slice(0, start)
    printed.push(before.some((line) => HEADER.test(line)) ? chainOf(before) : [])
    if (start < 0) return printed.reverse().flat()
    const { layers, end } = groupLayers(rest, start)
    printed.push(layers.flatMap(chainOf))
    rest = rest.slice(end)
  }
}

/** CPython's traceback module, 2.7 to 3.14, with groups, notes, carets and loguru's and celery's variants. */
export const python: TraceLanguage = {
  name: 'python',
  opens: (line) => (HEADER.test(line) && !line.trimStart().startsWith('|') ? 'unfinished' : null),
  isFrame: (line) => FRAME.test(line),
  isHead: () => false,
  follows(line, state) {
    if (state === 'ended') return afterEnd(line)
    if (state === 'linked') {
      if (isBlank(line)) return 'maybe'
      return HEADER.test(line) ? 'unfinished' : isTypeLine(line) ? 'ended' : null
    }
    return afterFrames(line)
  },
  parse(lines) {
    if (!lines.some((line) => HEADER.test(line) || FRAME.test(line))) return null
    const complete = lines.some((line) => HEADER.test(line))
      ? lines
      : ['Traceback (most recent call last):', ...lines.slice(lines.findIndex((line) => FRAME.test(line)))]
    const chain = parseWithGroups(complete)
    return chain.length > 0 ? chain : null
  },
}
