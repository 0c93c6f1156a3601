import type { ExceptionChain } from '../exception.ts'
import { classifyFrames } from './in-app.ts'
import { csharp } from './csharp.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import { javascript } from './javascript.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { ruby } from './ruby.ts'
import { rust } from './rust.ts'
import type { TraceLanguage } from './trace-language.ts'

/** In the order in which a tie is decided. */
export const traceLanguages: readonly TraceLanguage[] = [
  python,
  java,
  javascript,
  go,
  ruby,
  php,
  rust,
  csharp,
]

const MAX_LINES = 1000
const MAX_CHARACTERS = 256 * 1024

/**
 * Undoes what keeps a trace on one line: rsyslog's `#012` and `#011`, and escapes of a JSON string that nobody decoded.
 * Text that has line breaks of its own is left alone.
 */
export function unfoldTrace(text: string): string {
  if (text.includes('\n')) return text
  if (text.includes('#012')) return text.replaceAll('#012', '\n').replaceAll('#011', '\t')
  if (!text.includes('\\n')) return text
  return text.replaceAll(/\\(n|t|r|"|\/|\\)/g, (_, kind: string) => ESCAPES[kind] ?? kind)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '' }

function splitLines(text: string): string[] {
  const bounded = text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text
  return bounded.split(/\r?\n/, MAX_LINES)
}

/** A language speaks through its frames; a line that announces a trace counts as one more. */
function score(language: TraceLanguage, lines: readonly string[]): number {
  let frames = 0
  for (const line of lines) {
    if (language.isFrame(line)) frames += 2
    else if (language.opens(line) !== null) frames += 1
  }
  return frames
}

/** As `parseTrace`, before it is decided which frames are the application's own. */
export function parseTraceLines(lines: readonly string[]): ExceptionChain | null {
  const ranked = traceLanguages
    .map((language) => ({ language, score: score(language, lines) }))
    .filter((entry) => entry.score > 0)
    .toSorted((left, right) => right.score - left.score)
  for (const { language } of ranked) {
    const chain = language.parse(lines)
    if (chain !== null) return chain
  }
  return null
}

/**
 * The exception in one block of text, whatever its language: outermost first, each next link its cause, frames
 * innermost first. A log header before the first line, and a log line above the trace, do no harm. Null where there
 * is no stack trace. Linear in the text, of which 1,000 lines and 256 kB are read.
 */
export function parseTrace(text: string): ExceptionChain | null {
  const chain = parseTraceLines(splitLines(unfoldTrace(text)))
  return chain === null ? null : classifyFrames(chain)
}
