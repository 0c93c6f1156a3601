import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import {
  indentOf,
  isBlank,
  joinMessage,
  matchEmbeddedHead,
  matchHead,
  stackFrame,
  type TraceLanguage,
} from './trace-language.ts'

const POSITION = /^(.+?):(\d+)(?::(\d+))?$/
const ELIDED = /^\s*\.\.\. \d+ (?:lines matching cause stack trace|more items?)/
const GECKO = /^\s*([^@\s]*)@((?:[a-z][\w+.-]*:\/\/|\/|[A-Za-z]:\\).*?):(\d+)(?::(\d+))?$/
const NESTED = /^(\s*)\[?(?:cause|errors)\]?: (.*)$/
// What Node and browsers put before the exception.
const PREFIX =
  /^(?:Uncaught \(in promise\) |Uncaught |Unhandled rejection |\(node:\d+\) UnhandledPromiseRejectionWarning: )/
// `/app/server.js:31` alone: Node shows the line that threw below it.
const THROW_SITE = /^(?:file:\/\/|node:|\/|[A-Za-z]:\\)[^\s:][^:]*:\d+$/
const NODE_FOOTER = /^(?:Node\.js v\d|\(Use `node --trace|Thrown at:|\s+at loadESM)/

/** The text between the outermost parentheses at the end, and the text before them. */
function splitLocation(call: string): { name: string | null; location: string } | null {
  if (!call.endsWith(')')) return { name: null, location: call }
  let depth = 0
  for (let index = call.length - 1; index > 0; index -= 1) {
    if (call[index] === ')') depth += 1
    if (call[index] === '(') depth -= 1
    if (depth > 0) continue
    // Java and C# print `name(`; a function of JavaScript stands apart from its place.
    return call[index - 1] === ' '
      ? { name: call.slice(0, index - 1).trim(), location: call.slice(index + 1, -1) }
      : null
  }
  return null
}

type Place = { readonly file: string | null; readonly line: number | null }

function parsePlace(location: string, bare: boolean): Place | null {
  if (location === '<anonymous>' || location === 'native') return bare ? null : { file: location, line: null }
  if (location === 'unknown location' || /^index \d+$/.test(location)) return { file: null, line: null }
  if (location.startsWith('eval at ')) {
    // The code has no file; the place that evaluated it has: `eval at f (/app/x.js:3:5), <anonymous>:1:1`.
    const origin = /\(((?!eval at )[^()]*:\d+:\d+)\)/.exec(location)?.[1]
    return origin === undefined ? { file: '<anonymous>', line: null } : parsePlace(origin, false)
  }
  const match = POSITION.exec(location)
  const file = match?.[1]
  if (match === null || file === undefined) return null
  if (bare && !isPath(file)) return null
  if (!bare && match[3] === undefined && !isPath(file)) return null
  return { file, line: Number(match[2]) }
}

function isPath(file: string): boolean {
  if (/^(?:\/|\.{0,2}\/|[A-Za-z]:[\\/]|[a-z][a-z+.-]*:\/\/)/.test(file)) return true
  return (
    !/\s/.test(file) && (/[/\\]/.test(file) || /^(?:node:|<anonymous>|\[eval|.*\.[cm]?[jt]sx?$)/.test(file))
  )
}

/** `at f (file:1:2)`, `at file:1:2`, `at async f (…)`, with Node's ` {` behind it or not. */
function parseFrame(line: string): StackFrame | null {
  const start = indentOf(line)
  if (!line.startsWith('at ', start)) return gecko(line)
  const call = line
    .slice(start + 3)
    .trimEnd()
    .replace(/(?: \{|,)$/, '')
    .replace(/^async (?!\()/, '')
  const split = splitLocation(call)
  if (split === null) return null
  const place = parsePlace(split.location, split.name === null)
  if (place === null) return null
  return stackFrame(place.file, place.line, split.name)
}

/** `at name` with no place at all; only among frames that have one is it a frame. */
function placeless(line: string): StackFrame | null {
  const name = /^\s+at (?:async )?([\w$.<>#]+(?: \[as [^\]]+\])?)\s*$/.exec(line)?.[1]
  return name === undefined ? null : stackFrame(null, null, name)
}

function gecko(line: string): StackFrame | null {
  const match = line.includes('@') ? GECKO.exec(line) : null
  return match === null ? null : stackFrame(match[2] ?? null, match[3], match[1])
}

/** Where the exception is named: below Node's excerpt of the source if there is one. */
function headIndex(lines: readonly string[]): number {
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line))
  const from = caret < 0 ? 0 : caret + 1
  const named = lines.findIndex((line, index) => index >= from && isHead(line))
  if (named >= 0) return named
  const embedded = lines.findIndex((line, index) => index >= from && matchEmbeddedHead(line) !== null)
  if (embedded >= 0) return embedded
  return lines.findIndex((line, index) => index >= from && !isBlank(line))
}

/** The line without what stands before the exception, and without the brackets of one that has no stack. */
function headText(line: string): string {
  const text = line.trim().replace(PREFIX, '')
  return /^\[[A-Z].*\](?: \{)?$/.test(text) ? text.slice(1, text.lastIndexOf(']')) : text
}

function isHead(line: string): boolean {
  return matchHead(headText(line)) !== null
}

function parseHead(lines: readonly string[]): { type: string; message: string } {
  const index = headIndex(lines)
  const line = headText(lines[index] ?? '')
  const head = matchHead(line) ?? matchEmbeddedHead(line) ?? { type: 'Error', message: line }
  return { type: head.type, message: joinMessage([head.message, ...lines.slice(index + 1)]) }
}

/** The lines that belong to a nested error: all that are indented deeper than the line that introduces it. */
function nestedLines(lines: readonly string[], start: number): string[] {
  const match = NESTED.exec(lines[start] ?? '')
  const indent = match?.[1]?.length ?? 0
  const first = match?.[2] ?? ''
  const inner: string[] = first === '[' || first === '{' ? [] : [first]
  for (const line of lines.slice(start + 1)) {
    if (indentOf(line) <= indent && !isBlank(line)) break
    // The second error of `[errors]: [` begins at the indentation of the first.
    if (inner.length > 1 && first === '[' && indentOf(line) === indentOf(inner[0] ?? '') && isHead(line))
      break
    inner.push(line)
  }
  return inner
}

function parseLink(lines: readonly string[], depth: number): ExceptionLink[] {
  const anyFrame = lines.findIndex((line) => parseFrame(line) !== null)
  const nested = lines.flatMap((line, index) =>
    index > 0 && isNested(line, index > anyFrame) ? [index] : [],
  )
  const own = lines.slice(0, nested[0] ?? lines.length)
  const firstFrame = own.findIndex((line) => parseFrame(line) !== null)
  const head = parseHead(firstFrame < 0 ? own : own.slice(0, firstFrame))
  const frames =
    firstFrame < 0 ? [] : own.slice(firstFrame).flatMap((line) => parseFrame(line) ?? placeless(line) ?? [])
  const link = { ...head, frames }
  const cause = nested.find((index) => /cause\]?: /.test(lines[index] ?? '')) ?? nested[0]
  if (cause === undefined || depth > 20) return [link]
  const inner = nestedLines(lines, cause)
  const isError = inner.some((line) => parseFrame(line) !== null) || isHead(inner[0] ?? '')
  return isError ? [link, ...parseLink(inner, depth + 1)] : [link]
}

/** `[cause]: …` is Node's own; a `cause: …` below the frames is a property or another printer's way. */
function isNested(line: string, belowFrames: boolean): boolean {
  return NESTED.test(line) && (belowFrames || /^\s*\[/.test(line))
}

/** V8 (Node, Deno, Bun, Chrome) and Gecko (Firefox, Safari) stacks, with `cause` and `AggregateError`. */
export const javascript: TraceLanguage = {
  name: 'javascript',
  opens(line) {
    if (THROW_SITE.test(line)) return 'message'
    return /^\[[A-Z].*\] \{$/.test(line) ? 'linked' : null
  },
  isFrame: (line) => parseFrame(line) !== null,
  isHead,
  follows(line, state) {
    if (parseFrame(line) !== null)
      return line.trimEnd().endsWith('{') ? 'linked' : state === 'linked' ? state : 'frames'
    if (state === 'message') return /^\[[A-Z].*\] \{$/.test(line) ? 'linked' : 'maybe'
    // `linked`: inside the braces that Node prints around an error's own properties.
    if (state === 'linked') {
      if (line.startsWith('}')) return 'ended'
      return indentOf(line) > 0 || isBlank(line) ? 'linked' : null
    }
    if (NODE_FOOTER.test(line)) return 'ended'
    if (isBlank(line)) return 'maybe'
    if (state === 'ended') return null
    return ELIDED.test(line) || placeless(line) !== null || /^\s+(?:\[cause\]|Caused by): /.test(line)
      ? 'frames'
      : null
  },
  parse(lines): ExceptionChain | null {
    const chain = parseLink(lines, 0)
    return chain.some((link) => link.frames.length > 0) ? chain : null
  },
}
