import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import {
  isBlank,
  joinMessage,
  matchEmbeddedHead,
  matchHead,
  stackFrame,
  type TraceLanguage,
} from './trace-language.ts'

// .NET: `at A.B.C(String s) in /x.cs:line 12`; Mono: `at A.B.C (System.String s) [0x00002] in /x.cs:12 `.
const FRAME =
  /^\s*at (?:\(wrapper [\w-]+\) )?([^\s(/@][^\s(/@]*(?:\[[^\](]*\])?) ?\(([^():/@"']*)\)(?: ?\[0x[0-9a-f]+\])?(?: in (.+?):(?:\p{L}+ )?(\d+))?\s*(?:<---)?\s*$/u
const BOUNDARY = /^\s*--- .*\b(?:stack trace|location|Stapel|pile)\b.* ---\s*$/i
const INNER_END = /^\s*--- End of inner exception stack trace ---\s*$/
const FURTHER = /^\s*---> \(Inner Exception #(\d+)\)/
const PREFIX =
  /^\s*(?:---> )?(?:\(Inner Exception #\d+\) )?(?:\[ERROR\] FATAL UNHANDLED EXCEPTION: )?(?:Unhandled [Ee]xception(?:\.|:) ?)?/
const TYPE_CODE = /^([\w.+`]+) \((?:0x)?[0-9A-Fa-f]+\)(?=: |$)/
const ARROW = /\s*---> (?=[\p{L}_][\p{L}\p{N}_.+`]*(?:\[.*?\])?(?: \(\w+\))?(?:: |$))/u

function parseFrame(line: string): StackFrame | null {
  const match = line.length < 4000 && line.includes('at ') ? FRAME.exec(line) : null
  const [, name, inside, file, number] = match ?? []
  if (name === undefined || inside === undefined) return null
  // What Java and JavaScript have in these parentheses.
  if (
    /^(?:Native Method|Unknown Source|<\w+>|native|index \d+)$/.test(inside) ||
    /\.(?:java|kt|scala)$/.test(inside)
  ) {
    return null
  }
  // Code without debug information: `in <12b418a7818c4ca0893feeaaf67f1e7f>:0`.
  const known = file !== undefined && !/^<.*>$/.test(file)
  // `Sum[TSource]` is the method `Sum`; type arguments inside the name belong to a type and stay.
  return stackFrame(known ? file : null, known ? number : null, name.replace(/(?<=[^.])\[[^\]]*\]$/, ''))
}

type Open = { readonly head: string[]; readonly frames: StackFrame[] }

/** Heads nest left to right (`A ---> B ---> C`), frames come innermost first, each `End of inner` closes one. */
function nest(lines: readonly string[]): Open[] {
  const all: Open[] = []
  const open: Open[] = []
  const begin = (text: string) => {
    const next = { head: [text], frames: [] }
    all.push(next)
    open.push(next)
  }
  let skipping = false
  for (const line of lines) {
    // Mono prints an unhandled exception twice.
    if (all.some((one) => one.frames.length > 0) && line.startsWith('[ERROR] FATAL UNHANDLED')) break
    if (skipping || Number(FURTHER.exec(line)?.[1] ?? 0) > 0 || (FURTHER.test(line) && all.length > 1)) {
      skipping = !line.trimEnd().endsWith('<---')
      continue
    }
    const frame = parseFrame(line)
    const top = open.at(-1)
    if (frame && top) top.frames.push(frame)
    else if (INNER_END.test(line)) open.splice(Math.max(1, open.length - 1))
    else if (frame || BOUNDARY.test(line)) continue
    else if (top && top.frames.length === 0 && !/^\s*---> /.test(line)) addHeads(line, top, begin)
    else if (/^\s*---> /.test(line) || all.length === 0) {
      const [first = '', ...rest] = line.replace(/^\s*---> /, '').split(ARROW)
      for (const text of [first, ...rest]) begin(text)
    }
  }
  return all
}

/** A line below a head: more of the message, which may itself lead on to inner exceptions. */
function addHeads(line: string, top: Open, begin: (text: string) => void): void {
  const [first = '', ...rest] = line.split(ARROW)
  top.head.push(first)
  for (const text of rest) begin(text)
}

function stripHead(line: string): string {
  return line.replace(PREFIX, '').replace(TYPE_CODE, '$1').trimEnd()
}

function toLink(open: Open): ExceptionLink {
  const lines = open.head.filter((line) => !isBlank(line))
  const named = lines.findIndex(isHead)
  const index =
    named >= 0
      ? named
      : Math.max(
          0,
          lines.findIndex((line) => matchEmbeddedHead(line) !== null),
        )
  const line = stripHead(lines[index] ?? '')
  const head = matchHead(line) ?? matchEmbeddedHead(line) ?? { type: 'Exception', message: line }
  return {
    type: head.type,
    message: joinMessage([head.message, ...lines.slice(index + 1)]),
    frames: open.frames,
  }
}

function isHead(line: string): boolean {
  return matchHead(stripHead(line)) !== null
}

/** .NET Framework, .NET 5 and later, and Mono. */
export const csharp: TraceLanguage = {
  name: 'csharp',
  opens: (line) => (/^Unhandled [Ee]xception[.:]/.test(line) ? 'message' : null),
  isFrame: (line) => parseFrame(line) !== null,
  isHead,
  follows(line, state) {
    if (parseFrame(line) !== null || BOUNDARY.test(line)) return 'frames'
    if (/^\s*---> /.test(line)) return 'message'
    if (/^\s*<---/.test(line)) return 'frames'
    if (line.startsWith('[ERROR] FATAL UNHANDLED')) return 'message'
    if (isBlank(line) || state === 'message') return 'maybe'
    return null
  },
  parse(lines): ExceptionChain | null {
    if (!lines.some((line) => parseFrame(line) !== null)) return null
    const start = lines.findIndex(
      (line) => isHead(line) || matchEmbeddedHead(line) !== null || parseFrame(line) !== null,
    )
    const chain = nest(lines.slice(start)).map(toLink)
    return chain.length > 0 ? chain : null
  },
}
