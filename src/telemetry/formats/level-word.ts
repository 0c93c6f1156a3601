import type { SeverityText } from '../fingerprint.ts'
import { severityOfWord } from '../lines/severity-text.ts'
import { isLetter, isWordCode } from '../lines/time-scan.ts'

/** A level where it stands in a text line, told from a word of the message by how it is written. */
export type LevelWord = { readonly severityText: SeverityText; readonly end: number }

/** Words that begin sentences as readily as they name a level: a level only behind a time. */
const DOUBTFUL = new Set('LOG NOTE AUDIT SUCCESS FAIL FAILURE CONFIG FINE ALERT PANIC ERR'.split(' '))
/** Lower-case words that no sentence begins with. */
const PLAIN_LOWER = new Set('info warn debug verbose silly trace warning'.split(' '))

/**
 * The level at `at`, or null. `timed` tells that a time stands before it: without one only capitals count. `Error
 * budget` and `TRACE /x` are none.
 */
export function levelAt(line: string, at: number, timed: boolean): LevelWord | null {
  let end = at
  while (end < at + 14 && isLetter(line.charCodeAt(end))) end++
  const length = end - at
  if (length === 1 && timed) return letterAt(line, at)
  if (length < 3 || length > 13) return null
  const next = line.charCodeAt(end)
  if (next === 46) return channelLevel(line, end)
  if (isWordCode(next) || next === 61 || next === 40) return null
  const word = line.slice(at, end)
  const severityText = severityOfWord(word)
  if (severityText === null) return null
  return isLevelHere(line, { word, end, timed }) ? { severityText, end: next === 58 ? end + 1 : end } : null
}

/** MongoDB before 4.4: `I NETWORK  [conn1] …`: a letter, and a word in capitals behind it. */
function letterAt(line: string, at: number): LevelWord | null {
  if (!'IWEFD'.includes(line.charAt(at)) || line.charCodeAt(at + 1) !== 32) return null
  if (!/^[A-Z]{3}|^-/.test(line.slice(at + 2, at + 5))) return null
  const severityText = severityOfWord(line.charAt(at))
  return severityText === null ? null : { severityText, end: at + 1 }
}

/** Monolog, Laravel: `production.ERROR: …`; the name before it ends at `dot`. */
function channelLevel(line: string, dot: number): LevelWord | null {
  let end = dot + 1
  while (end < dot + 11 && line.charCodeAt(end) >= 65 && line.charCodeAt(end) <= 90) end++
  if (line.charCodeAt(end) !== 58 || line.charCodeAt(end + 1) !== 32 || end - dot < 5) return null
  const severityText = severityOfWord(line.slice(dot + 1, end))
  return severityText === null ? null : { severityText, end: end + 1 }
}

function isLevelHere(line: string, found: { word: string; end: number; timed: boolean }): boolean {
  const { word, end, timed } = found
  const next = line.charCodeAt(end)
  if (word === word.toUpperCase()) {
    // `TRACE /x` is a request, `ERROR-42` a name; Celery writes `ERROR/ForkPoolWorker-1`.
    if (word === 'TRACE' && line.startsWith(' /', end)) return false
    if ((next === 45 || (next === 47 && !timed)) && isWordCode(line.charCodeAt(end + 1))) return false
    return timed || !DOUBTFUL.has(word)
  }
  if (!timed) return false
  const apart = next === 9 || next === 58 || next === 93 || next === 124 || next === 44
  const padding = next === 32 && line.charCodeAt(end + 1) === 32
  return apart || padding || line.startsWith(' -', end) || line.startsWith(' |', end) || PLAIN_LOWER.has(word)
}

/** The level that is all there is in a bracket: `error`, `WARN `, Apache's `core:error`; null for anything else. */
export function levelInBracket(content: string): SeverityText | null {
  if (content.length > 40 || content.length === 0) return null
  const whole = severityOfWord(content)
  if (whole !== null && (content.length > 1 || content === content.toUpperCase())) return whole
  // Apache names the module: `core:error`.
  const colon = content.lastIndexOf(':')
  return colon > 0 && /^[a-z_0-9]+:[a-z]+\d?$/.test(content) ? severityOfWord(content.slice(colon + 1)) : null
}
