import { redact, REDACTED } from './redact.ts'
import { isSecretName } from './secret-names.ts'

/** Rules of one's own, besides those that always hold. */
export type RedactionRules = {
  /** What a pattern finds is replaced. */
  readonly patterns: readonly { readonly pattern: RegExp; readonly replacement: string }[]
  /** Names of attributes whose values are never kept. */
  readonly attributes: readonly string[]
}

export const NO_RULES: RedactionRules = { patterns: [], attributes: [] }

/** Judges texts and attribute names, and remembers what it judged: most values of telemetry come again and again. */
export type TextRedaction = {
  readonly text: (text: string) => string
  /** The name of an attribute: what it says of its value, and what is kept of itself. */
  readonly name: (name: string) => JudgedName
  /** The value of an attribute, by its name and by what it looks like. */
  readonly value: (name: JudgedName, value: string) => string
}

export type JudgedName = { readonly clean: string; readonly tells: 'secret' | 'statement' | 'nothing' }

/** Two generations: what was not asked for during a whole one is forgotten. */
const REMEMBERED = 20_000
/** Longer texts hardly ever come twice. */
const WORTH_REMEMBERING = 200

export function createTextRedaction(rules: RedactionRules = NO_RULES): TextRedaction {
  const named = new Set(rules.attributes)
  const apply = rules.patterns.length === 0 ? redact : (text: string) => redactOwn(redact(text), rules)
  const mayHold = rules.patterns.length === 0 ? mayHoldSecret : (text: string) => text !== ''
  const short = remembering(apply)
  const text = (raw: string): string => {
    if (!mayHold(raw)) return raw
    return raw.length > WORTH_REMEMBERING ? apply(raw) : short(raw)
  }
  const tells = (name: string): JudgedName['tells'] => {
    if (named.has(name) || isSecretName(name)) return 'secret'
    return STATEMENTS.has(name) ? 'statement' : 'nothing'
  }
  return {
    text,
    name: remembering((name) => ({ clean: text(name), tells: tells(name) })),
    value(name, value) {
      if (value === '') return value
      if (name.tells === 'secret') return REDACTED
      return text(name.tells === 'statement' && value.includes("'") ? withoutQuoted(value) : value)
    },
  }
}

/** What people said to the database stands in quotes; the shape of the statement stays. */
const STATEMENTS = new Set(['db.statement', 'db.query.text'])

function withoutQuoted(statement: string): string {
  return statement.replaceAll(/'(?:[^'\\]|''|\\[\s\S])*(?:'|$)/g, '?')
}

function redactOwn(text: string, rules: RedactionRules): string {
  return rules.patterns.reduce((clean, { pattern, replacement }) => clean.replace(pattern, replacement), text)
}

/**
 * One cheap look at the characters. Every rule of `redact` needs one of: `@`, `:` or `=` (names with values, URLs,
 * headers; `%40`, `%3A`, `%3D` in URLs), a digit run of a card, an option of a command line, or the prefix of a known kind
 * of token.
 */
function mayHoldSecret(text: string): boolean {
  if (text.length < 5) return false
  let digits = 0
  let suspicious = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) digits++
    else if (code === 64 || code === 58 || code === 61) {
      suspicious = true
      break
    }
  }
  // Words with a meaning are checked last: they cost most.
  return suspicious || digits >= 13 || TOKEN_LIKE.test(text)
}

const TOKEN_LIKE =
  /eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|[spr]k[-_]|AIza|npm_|SG\.|-----BEGIN|bearer |basic |digest |authorization|%40|%3[ad]|--[a-z]|mysql|mariadb/i

function remembering<Judged>(judge: (text: string) => Judged): (text: string) => Judged {
  let young = new Map<string, Judged>()
  let old = new Map<string, Judged>()
  return (text) => {
    const known = young.get(text)
    if (known !== undefined) return known
    const judged = old.get(text) ?? judge(text)
    if (young.size >= REMEMBERED) {
      old = young
      young = new Map()
    }
    young.set(text, judged)
    return judged
  }
}
