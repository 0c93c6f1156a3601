import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang } from './language.ts'

/** `const { randomInt } = require('crypto')` and `import { randomInt as pick } from 'node:crypto'`. */
function importAliases(text: string): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>()
  const lists = text.matchAll(/\{([^{}]*)\}\s*(?:=\s*require\(|from\s*)['"](?:node:)?([\w/@.-]+)['"]/g)
  for (const [, names = '', module = ''] of lists) {
    for (const name of names.split(',')) {
      const [original = '', alias = original] = name.trim().split(/\s+as\s+|\s*:\s*/)
      if (original !== '') aliases.set(alias, `${module}.${original}`)
    }
  }
  return aliases
}

function isRaise(node: Node): boolean {
  if (node.type === 'throw_statement') return true
  if (node.type !== 'call_expression') return false
  const callee = calleeOf(node)
  if (callee === 'Promise.reject' || callee === 'reject' || callee === 'process.exit') return true
  // next(err) hands an error on; next() and next('route') do not.
  return (
    callee === 'next' && /^\(\s*(new\s|e\b|err|error)/.test(node.childForFieldName('arguments')?.text ?? '')
  )
}

const shared: Omit<Language, 'id' | 'name' | 'extensions' | 'grammar'> = {
  functions: new Set([
    'function_declaration',
    'generator_function_declaration',
    'function_expression',
    'generator_function',
    'arrow_function',
    'method_definition',
  ]),
  classes: new Set(['class_declaration', 'class', 'abstract_class_declaration']),
  memberMark: '.',
  blocks: new Set(['program', 'statement_block', 'switch_case', 'switch_default', 'class_static_block']),
  conditionals: new Set(['if_statement', 'ternary_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement', 'for_in_statement', 'while_statement', 'do_statement']),
  cases: new Set(['switch_case', 'switch_default']),
  exits: new Set(['return_statement', 'continue_statement', 'break_statement']),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\b(status|sendStatus|code|writeHead)\(\s*5\d\d|\bstatusCode\s*=\s*5\d\d|\bstatus:\s*5\d\d|ctx\.throw\(|ctx\.status\s*=\s*5\d\d/,
  chances: [
    { callee: /^Math\.random$/, draws: 'unit' },
    { callee: /(^|\.)randomInt$/, draws: 'integers-below' },
    { callee: /(^|\.)randomBytes$/, draws: 'byte' },
    { callee: /^(_|lodash)\.random$/, draws: 'integers-inclusive' },
    { callee: /^(_|lodash)\.sample$/, draws: 'choice' },
    { callee: /^(faker\.datatype|chance|faker)\.(boolean|bool)$/, draws: 'coin' },
    { callee: /(^|\.)randomUUID$|^uuid(v4)?$|^uuid\.v4$|(^|\.)getRandomValues$|^nanoid$/, draws: 'unknown' },
    {
      callee: /^(Date|performance)\.now$|^process\.hrtime\.bigint$|new Date\(\)\.(getTime|valueOf)$/,
      draws: 'clock-integer',
    },
    { callee: /new Date\(\)\.get(UTC)?(Seconds|Minutes)$/, draws: 'sixty' },
    { callee: /new Date\(\)\.get(UTC)?Milliseconds$/, draws: 'thousand' },
  ],
  importAliases,
}

export const javascript: Language = {
  ...shared,
  id: 'javascript',
  name: 'JavaScript',
  extensions: ['.js', '.mjs', '.cjs', '.jsx'],
  grammar: 'javascript',
}

export const typescript: Language = {
  ...shared,
  id: 'typescript',
  name: 'TypeScript',
  extensions: ['.ts', '.mts', '.cts'],
  grammar: 'typescript',
}

export const tsx: Language = { ...typescript, extensions: ['.tsx'], grammar: 'tsx' }
