import { ANY } from './message-tokens.ts'

/** A place where templates differ that are equal otherwise. */
export type Place = {
  /** One of the templates. */
  readonly tokens: readonly string[]
  readonly position: number
  /** What stands there, in each of the templates. */
  readonly values: readonly string[]
}

export const PUNCTUATION = /^[=:,;()[\]{}"'|<>.]$/
export const WORD = /[A-Za-z]{2,}/

/**
 * Do the values at this place look like data, not like words of the program? The less is the same around them, and the
 * more they look like words of a sentence, the more of them it takes.
 */
export function isVariable(place: Place, names: ReadonlySet<string>): boolean {
  const { tokens, position, values } = place
  const constantWords = tokens.filter((token, at) => at !== position && WORD.test(token)).length
  if (constantWords < 1) return false
  if (values.includes(ANY)) {
    const words = values.filter((value) => !value.includes(ANY) && !isData(value)).length
    if (isQuoted(place)) return true
    return constantWords >= 2 && (words === 0 || values.length >= 3 || isNamed(place))
  }
  if (values.every((value) => /^\w$/.test(value) || SWITCH.test(value))) return true
  if (values.length >= 3 && new Set(values.map((value) => value.replace(/\d/g, ''))).size === 1) return true
  const dataLike = values.filter((value) => isData(value) || names.has(value)).length
  if (isAtTimesMissing(values)) return constantWords >= 2
  if (dataLike === values.length)
    return values.length >= 3 || constantWords >= 4 || values.some((value) => names.has(value))
  if (isNamed(place)) return true
  if (isQuoted(place)) {
    const states = values.filter((value) => isState(value)).length
    return states * 2 <= values.length ? constantWords >= 2 || values.length >= 3 : values.length >= 5
  }
  if (tokens[position - 1] === '=' && constantWords >= 2) return true
  if (isEnclosed(place)) return values.length >= 3
  return values.length >= neededValues(place, constantWords)
}

/** `owner is null`, `owner is ann`: what has a word for being missing is a value. */
function isAtTimesMissing(values: readonly string[]): boolean {
  return (
    values.some((value) => MISSING.test(value)) &&
    values.every((value) => MISSING.test(value) || !isStateOrSentence(value))
  )
}

/** How many different values it takes where nothing marks them as such. */
function neededValues(place: Place, constantWords: number): number {
  const { tokens, position, values } = place
  const many = constantWords >= 4 ? 6 : 8
  // Before `=`, `:` and `(` stand keys and functions, which the program has written.
  if (isLabel(place)) return many
  const ofSentences = values.filter(isStateOrSentence).length
  if (ofSentences * 3 > values.length) return many
  const identifiers = values.filter((value) => IDENTIFIER.test(value)).length
  if (identifiers * 3 >= values.length && constantWords >= 3) return 3
  if (isLast(place) && constantWords >= 2) return 3
  const fewer = PREPOSITION.has(tokens[position - 1] ?? '') ? 1 : 0
  return Math.max(3, (FEW_VALUES[constantWords] ?? 3) - fewer)
}

/** By the number of words around that are the same. */
const FEW_VALUES = [8, 7, 5, 4, 4]
/** `loaded group: blue`: a single word after a colon, where the message ends. */
function isLast({ tokens, position }: Place): boolean {
  return tokens[position - 1] === ':' && /^\.?$/.test(tokens.slice(position + 1).join(' '))
}

function isLabel({ tokens, position }: Place): boolean {
  const after = tokens[position + 1] ?? ''
  if (after !== ':') return after === '=' || after === '('
  return position === 0 || !WORD.test(tokens[position - 1] ?? '') || !WORD.test(tokens[position + 2] ?? '')
}

/** `STARTED`, `active`: programs say in words what state something is in, and each is a message of its own. */
export function isState(value: string): boolean {
  return CONSTANT.test(value) || STATE.test(value)
}

/** A state, or a word that goes on with the sentence. */
export function isStateOrSentence(value: string): boolean {
  return SENTENCE.test(value) || isState(value)
}

const STATE = new RegExp(
  `^(?:in|un|dis|re)?(?:active|enabled?|abled?|on|off|up|down|yes|no|open|closed?|idle|busy|ready|running|waiting|online|offline|` +
    `new|old|full|empty|start|stop|begin|end|connect|add|remove|create|delete|read|write|send|receive|success|failure|ok|[a-z]+(?:ed|ing))$`,
  'i',
)
const CONSTANT = /^[A-Z][A-Z_]+$/
const IDENTIFIER = /[a-z][-_][a-z]|[a-z][A-Z]|<\*>/
const PREPOSITION = new Set('for of from to with on in by at as into under named called'.split(' '))
const MISSING = /^(?:null|nil|undefined|none)$/i
const SWITCH = /^(?:true|false|null|none|nil|undefined)$/i

/** `user bob`, `host web`: after such a word stands a name, unless the sentence goes on (`user unknown`). */
function isNamed({ tokens, position, values }: Place): boolean {
  return (
    NAMING.has((tokens[position - 1] ?? '').toLowerCase()) && values.every((value) => !SENTENCE.test(value))
  )
}

const NAMING = new Set(
  'user username login account host hostname database schema table topic queue bucket interface package customer tenant domain'.split(
    ' ',
  ),
)
const SENTENCE =
  /^(?:is|was|has|had|not|no|and|or|to|for|from|in|on|at|of|by|with|as|the|a|an|will|can|could|cannot|does|did|name|id|names|ids|unknown|invalid|missing|already|does.?n.t|is.?n.t|[a-z]+(?:ed|ing|es))$|^[^\w<]/i

/** `key=value`, `(value)`: a place where programs print values. */
function isEnclosed({ tokens, position }: Place): boolean {
  const before = tokens[position - 1] ?? ''
  const after = tokens[position + 1] ?? ''
  return before === '=' || CLOSED.has(before + after)
}

function isQuoted({ tokens, position }: Place): boolean {
  return QUOTED.has((tokens[position - 1] ?? '') + (tokens[position + 1] ?? ''))
}

const CLOSED = new Set(['()', '<>', '{}'])
const QUOTED = new Set(['""', "''", '[]'])

function isData(value: string): boolean {
  return value.includes(ANY) ? value === ANY || DATA.test(value) : DATA.test(value) || SWITCH.test(value)
}

/** A name with dots or digits, a path, an option: what programs print as values. */
const DATA = /[\w-]+\.[\w-]+|\/|\\|[_-]<\*>|^[A-Za-z]{1,3}<\*>$|@|#/

/**
 * Two places at once, where lines have two names in them (`drop a of b`): only where much is the same around them, and
 * each has many values.
 */
export function areVariable(first: Place, second: Place): boolean {
  const { tokens } = first
  const isPlace = (at: number): boolean => at === first.position || at === second.position
  const constantWords = tokens.filter((token, at) => !isPlace(at) && WORD.test(token)).length
  if (constantWords < 3) return false
  return [first, second].every((place) => {
    const values = new Set(place.values)
    if (values.size < 2 || isLabel(place)) return false
    const words = [...values].filter(isStateOrSentence).length
    if (words * 3 > values.size) return false
    const data = [...values].filter((value) => isData(value) || IDENTIFIER.test(value)).length
    if (isQuoted(place) || isNamed(place)) return true
    return data === values.size || values.size >= (data > 0 ? 3 : 4)
  })
}
