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

// Frame: `at [loader/][module@version/]pkg.Class.method(File.java:12) ~[some.jar:1.2]`.
const FRAME = /^\s*(?:\|- ?|!\s*)?at ([^\s(]+(?: [^\s(]+){0,8})\(([^()]*)\)(?: ~?\[[^\]]*\])?(?: .*)?$/
const SOURCE =
  /^(?:[^\s()/]+\.[A-Za-z]+(?::-?\d+)?|Native Method|Unknown Source|<generated>|[A-Z][\w$]*(?::\d+)?)$/
// Class loader and module; the slash of a lambda's class (`Job$$Lambda$14/0x0000`) is part of its name.
const MODULE = /^(?:[^/]*\/)+(?!0x|\d)/
const ELIDED = /^\s*\.\.\. \d+ (?:more|common frames omitted|frames? (?:truncated|excluded|trimmed|omitted))/
const CAUSED_BY = /^\s*(?:Caused by|Wrapped by): /
const SUPPRESSED = /^\s*Suppressed: /
const THREAD = /^Exception in thread "[^"]*" /
const PREFIX = /^\s*(?:(?:Caused by|Wrapped by|Suppressed): |Exception in thread "[^"]*" |(?:! ?)?)/

function parseFrame(line: string): StackFrame | null {
  const match = line.length < 4000 && line.includes('at ') ? FRAME.exec(line) : null
  if (match?.[1] === undefined || match[2] === undefined || !SOURCE.test(match[2])) return null
  const source = /^(.*\.[A-Za-z]+)(?::(\d+))?$/.exec(match[2])
  const name = match[1]
  if (!name.includes('.') && source === null) return null
  return stackFrame(source?.[1] ?? null, source?.[2], name.replace(MODULE, ''))
}

function isHead(line: string): boolean {
  return matchHead(line.replace(PREFIX, '').trimEnd()) !== null
}

type Section = { readonly head: string[]; readonly frames: StackFrame[] }

/** The printed exceptions without suppressed ones, which are neither causes nor effects. */
function sections(lines: readonly string[]): Section[] {
  let current: Section = { head: [], frames: [] }
  const found = [current]
  let suppressedIndent = -1
  for (const line of lines) {
    if (line.includes('[CIRCULAR REFERENCE')) continue
    const indent = indentOf(line)
    // Everything of a suppressed exception, its causes too, stands at least as deep as the line that announces it.
    if (suppressedIndent >= 0 && (indent >= suppressedIndent || isBlank(line))) continue
    suppressedIndent = SUPPRESSED.test(line) ? indent : -1
    if (suppressedIndent >= 0) continue
    if (CAUSED_BY.test(line)) {
      current = { head: [line], frames: [] }
      found.push(current)
      continue
    }
    const frame = parseFrame(line)
    if (frame) current.frames.push(frame)
    else if (current.frames.length === 0 && !ELIDED.test(line)) current.head.push(line)
  }
  return found
}

function toLink(section: Section): ExceptionLink {
  const lines = section.head.filter((line, index) => index > 0 || !isBlank(line))
  const named = lines.findIndex(isHead)
  const index =
    named >= 0
      ? named
      : Math.max(
          0,
          lines.findIndex((line) => matchEmbeddedHead(line) !== null),
        )
  const line = (lines[index] ?? '').replace(PREFIX, '').trimEnd()
  const head = matchHead(line) ?? matchEmbeddedHead(line) ?? { type: 'Exception', message: line }
  const message = joinMessage([head.message, ...lines.slice(index + 1)])
  return { type: head.type, message: message === 'null' ? '' : message, frames: section.frames }
}

/** `Throwable.printStackTrace` of the JVM (Java, Kotlin, Scala, Groovy, Clojure), and logback's and log4j's variants. */
export const java: TraceLanguage = {
  name: 'java',
  opens: (line) => (THREAD.test(line) ? 'message' : null),
  isFrame: (line) => parseFrame(line) !== null,
  isHead,
  follows(line, state) {
    if (parseFrame(line) !== null || ELIDED.test(line)) return 'frames'
    if (CAUSED_BY.test(line) || SUPPRESSED.test(line)) return 'message'
    if (/^\s+\[CIRCULAR REFERENCE/.test(line)) return 'frames'
    return state === 'message' ? 'maybe' : null
  },
  parse(lines): ExceptionChain | null {
    if (!lines.some((line) => parseFrame(line) !== null)) return null
    const chain = sections(lines).map(toLink)
    // logback's `%rEx` prints the root cause first and what wraps it below.
    return lines.some((line) => line.startsWith('Wrapped by: ')) ? chain.reverse() : chain
  },
}
