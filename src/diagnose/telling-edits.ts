import { addedLines, removedLines } from './change-edits.ts'
import type { ChangedText, Edit } from './change-edits.ts'
import { similarity } from './line-alignment.ts'

/** What is known of the failure, to tell which of a commit's edits brought it. */
export type FailureWords = {
  readonly exceptionType: string | null
  readonly message: string | null
  /** The failing line as it reads now, trimmed. */
  readonly failingLine: string | null
  readonly releaseStopped: boolean
}

const releasing =
  /\b(with|finally|ensure|defer|using|closing)\b|\btry\s*\(|\b(close|release|dispose|free|unlock|shutdown|disconnect|putconn|put_conn|return_conn\w*|giveBack|checkin|cleanup|destroy|end|rollback|commit|abort|cancel|terminate|removeListener|off|unsubscribe|clearInterval|clearTimeout)\w*\s*\(|\.(Close|Release|Dispose|Unlock|Put|Done|Stop|Cancel)(Async)?\(|->close\(|\bclose\b|\.(open|start|transaction|synchronize|with_connection|checkout)\b.*\bdo\b/

const acquiringScope =
  /\b(open|start|transaction|synchronize|with_connection|checkout|connection)\b.*\b(do|\{)\s*\|/

/** Lines that give something back, without comments. */
function releases(lines: readonly string[]): number {
  return lines
    .map((line) => line.replace(/(^|\s)(#|\/\/).*$/, ''))
    .filter((line) => releasing.test(line) || acquiringScope.test(line)).length
}

/** Did the edit take away a release that it did not put elsewhere? */
export function stopsReleasing(changed: ChangedText, edit: Edit): boolean {
  return releases(removedLines(changed, edit)) > releases(addedLines(changed, edit))
}

const WORD = /[A-Za-z_]\w{2,}/g

/** Did the edit bring in a release of its own, in the place of the one that went? */
const releasesAnew = (changed: ChangedText, edit: Edit): boolean =>
  releases(addedLines(changed, edit)) > releases(removedLines(changed, edit))

/** Lines between a release that went and what came in its place: about a function. */
const NEAR = 25

/**
 * The edits by which a commit stopped releasing, and those beside them that release anew: restoring `finally` and
 * leaving the new `release()` in the body would release twice.
 */
function releaseEdits(changed: ChangedText): Edit[] {
  const stopping = changed.edits.filter((edit) => stopsReleasing(changed, edit))
  const isNear = (edit: Edit): boolean =>
    stopping.some((stop) => edit.from - stop.to < NEAR && stop.from - edit.to < NEAR)
  return changed.edits.filter(
    (edit) => stopping.includes(edit) || (isNear(edit) && releasesAnew(changed, edit)),
  )
}

const wordsIn = (text: string): Set<string> => new Set(text.match(WORD) ?? [])

const NEUTRAL = new Set([
  'the',
  'not',
  'and',
  'for',
  'with',
  'has',
  'was',
  'are',
  'but',
  'must',
  'object',
  'error',
  'Error',
  'Exception',
  'type',
  'str',
  'int',
  'None',
  'null',
  'undefined',
  'self',
  'this',
  'return',
  'true',
  'false',
  'from',
  'got',
])

/** Words that one side has more often than the other: what the edit is about. */
function changedWords(changed: ChangedText, edit: Edit): Set<string> {
  const count = new Map<string, number>()
  const tally = (lines: readonly string[], step: number): void => {
    for (const word of lines.join('\n').match(WORD) ?? []) count.set(word, (count.get(word) ?? 0) + step)
  }
  tally(addedLines(changed, edit), 1)
  tally(removedLines(changed, edit), -1)
  return new Set([...count].flatMap(([word, difference]) => (difference === 0 ? [] : [word])))
}

/** How much an edit has to do with the failure; 0 is nothing. */
export function tellingScore(changed: ChangedText, edit: Edit, failure: FailureWords): number {
  const words = changedWords(changed, edit)
  const spoken = wordsIn(`${failure.message ?? ''} ${failure.exceptionType ?? ''}`)
  const shared = [...words].filter((word) => spoken.has(word) && !NEUTRAL.has(word)).length
  const failingLine = failure.failingLine ?? ''
  // Later commits may have touched the line: alike, and with a word that the edit brought, is enough.
  const onLine =
    words.size > 0 &&
    addedLines(changed, edit).some(
      (line) =>
        (failingLine.length > 3 && line.trim() === failingLine) ||
        (similarity(line, failingLine) >= 0.6 &&
          [...wordsIn(line)].some((word) => words.has(word) && wordsIn(failingLine).has(word))),
    )
  // The failing line calls something that the edit changed.
  const called = [...words].filter((word) => wordsIn(failingLine).has(word) && !NEUTRAL.has(word)).length
  // `timeout: 30` → `timeout: 1`: the word that the message speaks of stands beside the change.
  const lines = wordsIn(
    [...addedLines(changed, edit), ...removedLines(changed, edit)].join('\n').toLowerCase(),
  )
  const beside = [...spoken].some((word) => lines.has(word.toLowerCase()) && !NEUTRAL.has(word))
  const release = failure.releaseStopped && stopsReleasing(changed, edit)
  return (
    (onLine ? 6 : 0) +
    Math.min(4, 2 * shared) +
    Math.min(4, 2 * called) +
    (beside ? 2 : 0) +
    (release ? RELEASE : 0)
  )
}

const FLOOR = 2
const RELEASE = 8
/** What it adds to be in the hunk that the ranking of commits found most telling. */
const FOREMOST = 1.5

/**
 * The edits to take back: those more than half as telling as the most telling one. A release that stopped in several
 * places is taken back in all of them. Empty when none tells anything.
 */
export function tellingEdits(
  texts: readonly ChangedText[],
  failure: FailureWords,
  isForemost: (changed: ChangedText, edit: Edit) => boolean,
): ReadonlyMap<ChangedText, readonly Edit[]> {
  const scored = texts.flatMap((changed) =>
    changed.edits.map((edit) => {
      const score = tellingScore(changed, edit, failure)
      return { changed, edit, score: score > 0 && isForemost(changed, edit) ? score + FOREMOST : score }
    }),
  )
  const top = Math.max(0, ...scored.map(({ score }) => score))
  const chosen = new Map<ChangedText, Edit[]>()
  if (failure.releaseStopped) {
    for (const changed of texts) {
      const edits = releaseEdits(changed)
      if (edits.length > 0) chosen.set(changed, edits)
    }
    return chosen
  }
  for (const { changed, edit, score } of scored) {
    if (score < FLOOR || score * 2 <= top) continue
    chosen.set(changed, [...(chosen.get(changed) ?? []), edit])
  }
  return chosen
}
