import { callsIn, namesIn, withoutComment } from './code-words.ts'
import { messagesOf } from './error-words.ts'
import type { SourceText } from './function-edits.ts'
import type { LocatedFrame } from './locate-frames.ts'
import type { Symptoms } from './symptoms.ts'

/** Names that the failing statement hangs on, and how much: 1 for the value that was not what it should be. */
export type SuspectNames = ReadonlyMap<string, number>

type Today = (path: string) => SourceText | null
/** Today's sources that are at hand: those of the trace, and those that the range changed. */
type Sources = { readonly sourceToday: Today; readonly paths: readonly string[] }

/**
 * Where the wrong value came from, read backwards: the receiver of what failed, the lines of the function that made
 * it, the condition above a raise, and what the caller passed where it is a parameter.
 */
export function suspectNames(
  symptoms: Symptoms,
  frames: readonly LocatedFrame[],
  { sourceToday, paths }: Sources,
): SuspectNames {
  const sources = paths.map((path) => sourceToday(path)).filter((source) => source !== null)
  const suspects = new Map<string, number>()
  const suspect = (name: string, weight: number): void => {
    if (name.length > 1 && (suspects.get(name) ?? 0) < weight) suspects.set(name, weight)
  }
  const texts = messagesOf(symptoms).map(({ text }) => text)
  for (const trace of Map.groupBy(frames, (frame) => frame.trace).values()) {
    const [inner, caller] = trace.toSorted((a, b) => a.depth - b.depth)
    if (inner === undefined || inner.statement === '') continue
    const precise = wrongValues(inner.statement, texts)
    // A raise says nothing of the value; its condition does. Else all of the statement may be wrong.
    const wrong = precise ?? (isRaise(inner.statement) ? [] : namesIn(inner.statement))
    for (const name of wrong) suspect(name, inner.worth * (precise === null ? 0.6 : 1))
    const above = [...linesAbove(inner, sourceToday), inner.statement.split('\n')[0] ?? '']
    for (const name of feeding(above, new Set(wrong), inner.statement)) suspect(name, inner.worth * 0.7)
    for (const name of inCallees(suspects, sources)) suspect(name, inner.worth * 0.45)
    if (caller === undefined || inner.functionRange === null) continue
    const head = sourceToday(inner.file)?.lines[inner.functionRange[0] - 1] ?? ''
    const isParameter = wrong.some((name) => namesIn(head.slice(head.indexOf('('))).includes(name))
    for (const name of isParameter ? namesIn(callOf(inner.function, caller.statement)) : [])
      suspect(name, inner.worth * 0.6)
  }
  return suspects
}

/** Does the error tell which value was wrong, so that the rest of the statement is innocent? */
export function knowsWrongValue({ suspects }: { readonly suspects: SuspectNames }): boolean {
  return suspects.values().some((weight) => weight >= 0.9)
}

const LONG_FUNCTION = 80

/** What the functions that made the wrong value speak of; a name that many functions have says nothing. */
function inCallees(suspects: SuspectNames, sources: readonly SourceText[]): string[] {
  return [...suspects.keys()].slice(0, 40).flatMap((name) => {
    const places = sources.flatMap((source) =>
      source.outline.filter((one) => one.name === name).map((one) => ({ source, one })),
    )
    if (places.length === 0 || places.length > 2) return []
    return places.flatMap(({ source, one }) =>
      source.lines
        .slice(one.from, Math.min(one.to, one.from + LONG_FUNCTION))
        .flatMap((line) => namesIn(withoutComment(line))),
    )
  })
}

const ESCAPED = /[.*+?^${}()|[\]\\]/g

/** `(reading 'x')`, `no attribute 'x'`, `f is not a function`: what stands before `.x`, or `f`; null where the message does not tell. */
function wrongValues(statement: string, texts: readonly string[]): string[] | null {
  for (const text of texts) {
    const called = /([\w$.]+) is not (?:a function|a constructor|iterable|defined|callable)/.exec(text)?.[1]
    const own = called?.split('.').filter((part) => statement.includes(part)) ?? []
    if (own.length > 0) return own
    const unpacked = /unpack|not iterable|cannot be iterated/.test(text)
      ? statement.split(/[^=!<>]=(?![=>])|\b(?:in|of)\b/)[1]
      : undefined
    if (unpacked !== undefined) return namesIn(unpacked)
    const taken = /of '([^']+)' as it is/.exec(text)?.[1]
    if (taken !== undefined && statement.includes(taken)) return namesIn(taken)
    const member = /\(reading '([^']+)'\)|has no attribute '([^']+)'|undefined method [`']([^'`]+)'/.exec(
      text,
    )
    const name = member?.[1] ?? member?.[2] ?? member?.[3]
    if (name === undefined) continue
    const before = statement.split(new RegExp(`\\??[.]${name.replace(ESCAPED, '\\$&')}(?![\\w$])`))
    if (before.length > 1) return namesIn(receiverAtEnd(before[0] ?? ''))
    if (statement.includes(name)) return namesIn(statement)
  }
  return null
}

const isRaise = (statement: string): boolean => /^\s*(?:raise|throw|panic|return\s+Err)\b/.test(statement)

/** The last operand: `a + tariff` → `tariff`, `this.store.find(id)` → itself. */
function receiverAtEnd(text: string): string {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text[at] ?? ''
    if (')]'.includes(character)) depth++
    else if ('(['.includes(character)) depth--
    if (depth < 0 || (depth === 0 && !/[\w$.?)\](['"]/.test(character))) return text.slice(at + 1)
  }
  return text
}

function linesAbove(frame: LocatedFrame, sourceToday: Today): string[] {
  if (frame.functionRange === null || frame.line === null) return []
  const [from] = frame.functionRange
  const lines = sourceToday(frame.file)?.lines.slice(Math.max(from, frame.line - 60), frame.line - 1) ?? []
  return lines.map(withoutComment)
}

/** Names that the lines above make the wrong value of; above a raise, those of its condition. */
function feeding(above: readonly string[], wrong: Set<string>, statement: string): string[] {
  const found: string[] = []
  if (isRaise(statement)) {
    const condition = above.findLast((line) =>
      /^\s*(?:if|elif|else if|unless|except|catch|case|when)\b/.test(line),
    )
    found.push(...namesIn(condition ?? ''))
    for (const name of found) wrong.add(name)
  }
  for (const line of above.toReversed()) {
    const made =
      /^\s*(?:for\s*\(?|with\s.*\sas\s)?\s*(?:(?:const|let|var|val|final|auto)\s+)?([\w$, {}[\]()*.]+?)\s*(?::=|=(?![=>])|\bof\b|\bin\b)\s*(.+)$/.exec(
        line,
      )
    if (made === null || !namesIn(made[1] ?? '').some((name) => wrong.has(name))) continue
    for (const name of [...namesIn(made[2] ?? ''), ...callsIn(made[2] ?? '')]) {
      found.push(name)
      wrong.add(name)
    }
  }
  return found
}

/** The call of a function within a statement, arguments included. */
export function callOf(name: string | null, statement: string): string {
  if (name === null) return ''
  const start = new RegExp(`(?<![\\w$])${name.replace(ESCAPED, '\\$&')}\\s*\\(`).exec(statement)
  if (start === null) return ''
  let depth = 0
  for (let at = start.index; at < statement.length; at++) {
    if ('([{'.includes(statement[at] ?? '')) depth++
    else if (')]}'.includes(statement[at] ?? '') && --depth === 0) return statement.slice(start.index, at + 1)
  }
  return statement.slice(start.index)
}
