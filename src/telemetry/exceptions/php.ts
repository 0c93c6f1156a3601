import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import { isBlank, joinMessage, stackFrame, type TraceLanguage } from './trace-language.ts'

const UNCAUGHT =
  /(?:^|[\s"])(?:PHP )?(?:Fatal error|Warning|Notice|Exception|message):\s+(?:PHP Fatal error:\s+)?Uncaught |^Uncaught (?:PHP Exception )?[\w\\]+/
const PREFIX =
  /^.*?(?:Fatal error|Warning|message):\s+(?:PHP Fatal error:\s+)?(?:Uncaught )?|^Uncaught |^Next |^\(?\[previous exception\] |^PHP Exception /
const SITE = /^([\s\S]*) in (\S[^\n]*):(\d+)$/
const EVALUATED = /^(.*)\((\d+)\) : (?:eval\(\)'d code|runtime-created function|assert code)/
const OLD = /^exception '([\w\\]+)'(?: with message '([\s\S]*)')?$/
const HEAD = /^([A-Za-z_\\][\w\\@:$.-]*?)(?:: ([\s\S]*))?$/
// `#0 /var/www/a.php(12): f()`, `#1 [internal function]: g()`, `#2 {main}`.
const FRAME = /^\s*#(\d+) (?:(\{main\})|(?:\[internal function\]|(\S.*?)\((\d+)\)): (.*)|(\S.*?):(\d+))\s*$/
const STACK = /^\s*(?:\[?[Ss]tack ?trace\]?:?|Trace:)\s*$/
const THROWN = /^\s+thrown in (.+) on line (\d+)/
const NEXT = /^(?:Next [\w\\]+|\(?\[previous exception\] )/
const MONOLOG = /\[object\] \(([\w\\]+)\(code: [^)]*\): ([\s\S]*) at (\S[^\n]*?):(\d+)\)/
const ERROR_LINE =
  /^(?:PHP )?((?:Fatal|Parse|Compile|Recoverable fatal) error):\s+(.*) in (.+) on line (\d+)$/

/** `App\Cart->first()`: the arguments may hold brackets of their own, and a closure's name may too. */
function functionOf(call: string): string {
  const braces = call.indexOf('}')
  const end = call.indexOf(
    '(',
    call.startsWith('{closure') || call.slice(0, braces).includes('{closure') ? braces : 0,
  )
  return end < 0 ? call : call.slice(0, end)
}

/** Code from a string has no file; the place that evaluated it has: `index.php(18) : eval()'d code`. */
function placeOf(file: string | null, line: string | undefined): StackFrame {
  const evaluated = EVALUATED.exec(file ?? '')
  return evaluated ? stackFrame(evaluated[1] ?? null, evaluated[2], null) : stackFrame(file, line, null)
}

type Section = { head: string[]; readonly calls: (RegExpExecArray | null)[]; thrown: StackFrame | null }

/** PHP says for each call where it was made from; a frame is a function and where it stood, so they shift by one. */
function framesOf(section: Section, site: StackFrame | null): StackFrame[] {
  const frames: StackFrame[] = []
  // A stack that was printed without its exception does not say where it was thrown.
  let place = site ?? section.thrown ?? stackFrame(null, null, null)
  for (const call of section.calls) {
    const main = call?.[2] !== undefined
    const name = main ? '{main}' : functionOf(call?.[5] ?? '')
    frames.push({ ...place, function: name || null })
    place = placeOf(call?.[3] ?? call?.[6] ?? null, call?.[4] ?? call?.[7])
  }
  if (section.calls.length === 0 && place.file !== null) frames.push(place)
  return frames
}

function toLink(section: Section): ExceptionLink {
  const text = joinMessage(section.head)
  const monolog = MONOLOG.exec(text)
  if (monolog) {
    const [, type = '', message = '', file = null, line] = monolog
    return { type, message, frames: framesOf(section, stackFrame(file, line, null)) }
  }
  const stripped = text.replace(PREFIX, '')
  const site = SITE.exec(stripped)
  const body = site?.[1] ?? stripped
  const old = OLD.exec(body)
  const head = HEAD.exec(body)
  // "… called in a.php on line 21 and defined" is what __toString appends before the place.
  const message = (old ? old[2] : head?.[2])?.replace(/ and defined$/, '')
  const place = site ? placeOf(site[2] ?? null, site[3]) : null
  const type = old?.[1] ?? head?.[1]
  return {
    type: type ?? 'Exception',
    message: message ?? (type === undefined ? body : ''),
    frames: framesOf(section, place),
  }
}

function sections(lines: readonly string[]): Section[] {
  let current: Section = { head: [], calls: [], thrown: null }
  const found = [current]
  for (const line of lines) {
    const thrown = THROWN.exec(line)
    const frame = FRAME.exec(line)
    if (thrown) current.thrown = stackFrame(thrown[1] ?? null, thrown[2], null)
    else if (frame) current.calls.push(frame)
    else if (STACK.test(line)) continue
    else if (NEXT.test(line) || UNCAUGHT.test(line)) {
      current = { head: [line], calls: [], thrown: null }
      found.push(current)
    } else if (current.calls.length === 0) current.head.push(line)
  }
  return found.filter((section) => section.calls.length > 0 || section.thrown !== null || isUncaught(section))
}

function isUncaught(section: Section): boolean {
  return section.head.some((line) => UNCAUGHT.test(line))
}

/** The log line above the exception's own (`ERROR checkout failed`) is not part of its message. */
function dropCarrier(section: Section): Section {
  const own = section.head.findIndex((line) => UNCAUGHT.test(line) || NEXT.test(line) || MONOLOG.test(line))
  if (own >= 0) return { ...section, head: section.head.slice(own) }
  const named = section.head.findIndex((line) => /^(?:exception '|[A-Z_\\][\w\\]*(?:: | in ))/.test(line))
  return { ...section, head: section.head.slice(Math.max(0, named)) }
}

/** Uncaught exceptions of PHP 5 to 8 (the cause is printed first), `__toString`, Laravel, fatal errors. */
export const php: TraceLanguage = {
  name: 'php',
  opens(line) {
    if (UNCAUGHT.test(line)) return 'message'
    return ERROR_LINE.test(line) ? 'ended' : null
  },
  isFrame: (line) => FRAME.test(line) && !/^\s*#\d+ 0x/.test(line),
  isHead: (line) => / in \S.*:\d+$/.test(line) || STACK.test(line) || MONOLOG.test(line),
  follows(line, state) {
    if (FRAME.test(line) || STACK.test(line)) return 'frames'
    if (THROWN.test(line)) return 'ended'
    if (NEXT.test(line)) return 'message'
    if (isBlank(line) || state === 'message') return 'maybe'
    return state === 'frames' && /^["}]/.test(line) ? 'ended' : null
  },
  parse(lines): ExceptionChain | null {
    const fatal = lines.map((line) => ERROR_LINE.exec(line)).find((match) => match !== null)
    if (fatal && !lines.some((line) => FRAME.test(line) || UNCAUGHT.test(line))) {
      return [
        {
          type: fatal[1] ?? '',
          message: fatal[2] ?? '',
          frames: [stackFrame(fatal[3] ?? null, fatal[4], null)],
        },
      ]
    }
    const chain = sections(lines).map(dropCarrier).map(toLink)
    if (chain.length === 0) return null
    // Laravel prints causes below ("[previous exception]"), PHP itself above ("Next").
    return lines.some((line) => line.includes('[previous exception]')) ? chain : chain.reverse()
  },
}
