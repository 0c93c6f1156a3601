import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang, noAliases } from './language.ts'

const raising = /^(Kernel\.)?(raise|fail|abort|throw)$/

function isRaise(node: Node): boolean {
  if (node.type === 'call') return raising.test(calleeOf(node) ?? '')
  // `raise` without arguments parses as a plain name.
  return node.type === 'identifier' && /^(raise|fail)$/.test(node.text) && node.parent?.type !== 'call'
}

export const ruby: Language = {
  id: 'ruby',
  name: 'Ruby',
  extensions: ['.rb', '.ru', '.rake'],
  grammar: 'ruby',
  functions: new Set(['method', 'singleton_method', 'do_block', 'block', 'lambda']),
  classes: new Set(['class', 'module', 'singleton_class']),
  memberMark: '#',
  blocks: new Set([
    'program',
    'body_statement',
    'then',
    'else',
    'begin',
    'do',
    'ensure',
    'block_body',
    'begin_block',
  ]),
  conditionals: new Set(['if', 'unless', 'elsif', 'if_modifier', 'unless_modifier', 'conditional']),
  negatedConditionals: new Set(['unless', 'unless_modifier']),
  loops: new Set(['while', 'until', 'for', 'while_modifier', 'until_modifier']),
  cases: new Set(['when', 'in_clause']),
  exits: new Set(['return', 'next', 'break', 'redo', 'retry']),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\bhalt\s*\(?\s*5\d\d|\bstatus[:\s(]+(5\d\d|:internal_server_error)|\bhead\s*\(?\s*:internal_server_error/,
  chances: [
    { callee: /^(Kernel\.|Random\.|SecureRandom\.)?(rand|random_number)$/, draws: 'unit-or-below' },
    { callee: /(Random\.new(\(.*\))?|rng|prng|random)\.rand$/, draws: 'unit-or-below' },
    { callee: /\.sample$/, draws: 'choice' },
    { callee: /^SecureRandom\.(hex|uuid|alphanumeric|base64|bytes|random_bytes)$/, draws: 'unknown' },
    { callee: /\bTime(\.zone)?\.now\.to_i$|\bProcess\.clock_gettime$/, draws: 'clock-integer' },
    { callee: /\bTime(\.zone)?\.now\.to_f$/, draws: 'clock-seconds' },
    { callee: /\b(Time(\.zone)?|DateTime)\.now\.(sec|min|second|minute)$/, draws: 'sixty' },
    { callee: /\bTime(\.zone)?\.now\.usec$/, draws: 'million' },
    { callee: /\bTime(\.zone)?\.now\.nsec$/, draws: 'billion' },
  ],
  importAliases: noAliases,
}
