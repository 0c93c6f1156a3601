import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang, noAliases } from './language.ts'

function isRaise(node: Node): boolean {
  if (node.type === 'throw_expression' || node.type === 'throw_statement') return true
  return node.type === 'function_call_expression' && /^\\?(trigger_error|abort)$/.test(calleeOf(node) ?? '')
}

export const php: Language = {
  id: 'php',
  name: 'PHP',
  extensions: ['.php', '.phtml', '.inc'],
  grammar: 'php',
  functions: new Set([
    'function_definition',
    'method_declaration',
    'anonymous_function',
    'anonymous_function_creation_expression',
    'arrow_function',
  ]),
  classes: new Set(['class_declaration', 'trait_declaration', 'enum_declaration', 'interface_declaration']),
  memberMark: '::',
  blocks: new Set(['program', 'compound_statement', 'colon_block', 'case_statement', 'default_statement']),
  conditionals: new Set(['if_statement', 'else_if_clause', 'conditional_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement', 'foreach_statement', 'while_statement', 'do_statement']),
  cases: new Set([
    'case_statement',
    'default_statement',
    'match_conditional_expression',
    'match_default_expression',
  ]),
  exits: new Set(['return_statement', 'continue_statement', 'break_statement', 'exit_statement']),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\bhttp_response_code\(\s*5\d\d|\babort\(\s*5\d\d|,\s*5\d\d\s*\)|\bwithStatus\(\s*5\d\d|\bheader\(['"]HTTP\/\S+ 5\d\d/,
  chances: [
    { callee: /^\\?(rand|mt_rand|random_int)$/, draws: 'integers-inclusive' },
    { callee: /^\\?lcg_value$|->(nextFloat|getFloat)$/, draws: 'unit' },
    { callee: /->getInt$/, draws: 'integers-inclusive' },
    { callee: /^\\?(array_rand|shuffle|uniqid|random_bytes|openssl_random_pseudo_bytes)$/, draws: 'unknown' },
    { callee: /^\\?time$|^\\?hrtime$/, draws: 'clock-integer' },
    { callee: /^\\?microtime$/, draws: 'clock-seconds' },
    { callee: /^\\?date\(['"][si]['"]\)$/, draws: 'sixty' },
  ],
  importAliases: noAliases,
}
