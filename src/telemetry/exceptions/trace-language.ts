import type { ExceptionChain, StackFrame } from '../exception.ts'

/**
 * Where a trace stands after a line:
 *
 *   message ──► frames ──► ended
 *      ▲          │          │
 *      └─ linked ◄┴──────────┘      (`Caused by`, `The above exception was …`)
 *
 * `unfinished` is `frames` in a language whose trace is not over before a closing line (Python prints the exception
 * last), so that a reader may wait longer for it when other writers get in between.
 */
export type TraceState = 'message' | 'frames' | 'unfinished' | 'linked' | 'ended'

/** What one language's runtimes print. All functions take one line without its line break and are linear in it. */
export type TraceLanguage = {
  readonly name: string
  /** The state after a line that announces a trace by itself (`Traceback (most recent call last):`), else null. */
  opens(line: string): TraceState | null
  /** A line that nothing but a stack trace of this language has. */
  isFrame(line: string): boolean
  /** A line that may name the exception above frames: `TypeError: x is not a function`. */
  isHead(line: string): boolean
  /**
   * The state after a line within a trace. `maybe`: it belongs if something surer follows, such as the second line of
   * a message or a blank line. Null: it does not belong.
   */
  follows(line: string, state: TraceState): TraceState | 'maybe' | null
  /** Outermost first, `inApp` not decided yet (false). Null when the lines hold no exception of this language. */
  parse(lines: readonly string[]): ExceptionChain | null
}

/** A frame as printed; whether it is the application's own is decided by `classifyFrames`. */
export function stackFrame(
  file: string | null,
  line: string | number | null | undefined,
  name: string | null | undefined,
): StackFrame {
  const number = line === null || line === undefined || line === '' ? null : Number(line)
  return { file, line: Number.isSafeInteger(number) ? number : null, function: name || null, inApp: false }
}

/** Spaces and tabs before the first other character; a tab counts as one. */
export function indentOf(line: string): number {
  let index = 0
  while (index < line.length && (line[index] === ' ' || line[index] === '\t')) index += 1
  return index
}

export function isBlank(line: string): boolean {
  return line.trim() === ''
}

/** Message lines without blank ones at either end. */
export function joinMessage(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
}

/** The text before the last balanced `(…)` at the end of a call as runtimes print it: `f(1, g(2))` → `f`. */
export function withoutArguments(call: string): string {
  const text = call.trimEnd()
  if (!text.endsWith(')')) return text
  let depth = 0
  for (let index = text.length - 1; index >= 0; index -= 1) {
    if (text[index] === ')') depth += 1
    if (text[index] === '(') depth -= 1
    if (depth === 0) return text.slice(0, index).trimEnd()
  }
  return text
}

const TYPE = String.raw`[\p{L}_$][\p{L}\p{N}_$.\\+` + '`' + String.raw`]*(?:::[\p{L}\p{N}_$]+)*`
const HEAD = new RegExp(`^(${TYPE}(?:(?<=\`\\d+)\\[[^\\]]*\\])?)(?: \\[(\\w+)\\])?(?:: ?(.*))?$`, 'u')
const EMBEDDED =
  /(?:^|[\s([{"'=:])((?:[\w$]+[.\\])*(?:[A-Z][\w$]*)?(?:Error|Exception|Throwable|Fault))(?: \[\w+\])?(?:: (.*))?$/

/** Does the last part of a dotted name look like a class: `java.lang.Foo`, `TypeError`, not `com.acme` or `note`? */
export function isClassName(name: string): boolean {
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('\\'), name.lastIndexOf(':')) + 1)
  return /^[\p{Lu}_$]/u.test(last) && !/^[A-Z]{3,}$/.test(last)
}

/** `Type: message` or a bare `Type` at the start of a line. */
export function matchHead(line: string): { type: string; message: string } | null {
  const match = line.length < 100_000 ? HEAD.exec(line) : null
  const type = match?.[1]
  if (type === undefined || !isClassName(type)) return null
  // Node: `TypeError [ERR_INVALID_ARG]` is a TypeError with a code, `Error [DatabaseError]` an error of that name.
  const name = match?.[2] !== undefined && /[a-z]/.test(match[2]) ? match[2] : type
  return { type: name, message: match?.[3] ?? '' }
}

/** The exception that a log line carries at its end: `checkout failed TypeError: x` → TypeError. */
export function matchEmbeddedHead(line: string): { type: string; message: string } | null {
  // Only the last 2,000 characters: a log line that carries more before its exception is not one that people wrote.
  const match = EMBEDDED.exec(line.slice(-2000))
  return match?.[1] === undefined ? null : { type: match[1], message: match[2] ?? '' }
}
