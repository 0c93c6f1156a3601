import type { z } from 'zod'
import { nearestName } from '../nearest-name.ts'

type Issue = z.core.$ZodRawIssue

/** What a type of JSON is called by people who write YAML. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
}

/**
 * Says of what a schema refuses what was expected and what was found; for `safeParse(…, { error: issueInWords })`. What
 * a schema says itself stands. Texts that were found are shown only where one of several words was expected, for any
 * other may be a secret.
 */
export function issueInWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}, found ${kindOf(issue.input)}`
    case 'too_small':
      return `expected ${size(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least')}, found ${amount(issue.input)}`
    case 'too_big':
      return `expected ${size(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most')}, found ${amount(issue.input)}`
    case 'invalid_value':
      return oneOf(issue.values.map(String), issue.input)
    case 'invalid_format':
      return format(issue.format)
    case 'invalid_union':
      return union(issue)
    default:
      return undefined
  }
}

function kindOf(input: unknown): string {
  if (input === undefined) return 'nothing'
  if (input === null) return 'nothing (null)'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number') return Number.isNaN(input) ? 'something else' : String(input)
  if (typeof input === 'boolean') return String(input)
  return TYPES[typeof input] ?? typeof input
}

function size(origin: string, limit: number, bound: string): string {
  if (origin === 'string') return `${bound} ${limit} characters`
  return origin === 'array' ? `a list of ${bound} ${limit}` : `${bound} ${limit}`
}

function amount(input: unknown): string {
  return typeof input === 'string' || Array.isArray(input) ? String(input.length) : kindOf(input)
}

function oneOf(words: readonly string[], input: unknown): string {
  const expected =
    words.length === 1 ? String(words[0]) : `one of ${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
  if (typeof input !== 'string') return `expected ${expected}, found ${kindOf(input)}`
  const near = nearestName(input, words)
  const meant = near === null ? '' : `; did you mean "${near}"?`
  return `expected ${expected}, found "${input.slice(0, 60)}"${meant}`
}

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'expected a time such as 2026-03-03T09:00:00Z, found another text',
  url: 'expected a URL such as http://shop.example:8080/health, found another text',
}

function format(name: string): string | undefined {
  return FORMATS[name]
}

/** A union that is told apart by one key, such as the `kind` of a rule, says the words of that key. */
function union(issue: Extract<Issue, { readonly code?: 'invalid_union' }>): string | undefined {
  const { discriminator, options, input } = issue as {
    discriminator?: string
    options?: unknown
    input?: unknown
  }
  if (discriminator === undefined || !Array.isArray(options)) return undefined
  const found: unknown =
    typeof input === 'object' && input !== null
      ? (input as Record<string, unknown>)[discriminator]
      : undefined
  return oneOf(options.map(String), found)
}
