import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { negateWithBang, noAliases } from './language.ts'

const isRaise = (node: Node): boolean => node.type === 'throw_statement' || node.type === 'assert_statement'

export const java: Language = {
  id: 'java',
  name: 'Java',
  extensions: ['.java'],
  grammar: 'java',
  functions: new Set([
    'method_declaration',
    'constructor_declaration',
    'compact_constructor_declaration',
    'lambda_expression',
    'static_initializer',
  ]),
  classes: new Set(['class_declaration', 'enum_declaration', 'record_declaration', 'interface_declaration']),
  memberMark: '.',
  blocks: new Set(['program', 'block', 'switch_block_statement_group', 'constructor_body']),
  conditionals: new Set(['if_statement', 'ternary_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement', 'enhanced_for_statement', 'while_statement', 'do_statement']),
  cases: new Set(['switch_rule', 'switch_block_statement_group']),
  exits: new Set(['return_statement', 'continue_statement', 'break_statement', 'yield_statement']),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\.(status|sendError|setStatus)\(\s*(5\d\d|HttpStatus\.INTERNAL|HttpServletResponse\.SC_INTERNAL)|internalServerError\(/,
  chances: [
    { callee: /^Math\.random$/, draws: 'unit' },
    {
      callee: /(rand\w*|rng|rnd|dice|new \w*Random\(.*\)|current\(\))\.next(Double|Float)$/i,
      draws: 'unit',
    },
    {
      callee: /(rand\w*|rng|rnd|dice|new \w*Random\(.*\)|current\(\))\.next(Int|Long)$/i,
      draws: 'integers-below',
    },
    { callee: /\.nextBoolean$/, draws: 'coin' },
    { callee: /^RandomUtils\.nextInt$/, draws: 'integers-below' },
    { callee: /\bUUID\.randomUUID$/, draws: 'unknown' },
    {
      callee:
        /^System\.(currentTimeMillis|nanoTime)$|Instant\.now\(\)\.(toEpochMilli|getEpochSecond)$|clock\.millis$/i,
      draws: 'clock-integer',
    },
    { callee: /now\(\)\.get(Second|Minute)$/, draws: 'sixty' },
    { callee: /now\(\)\.getNano$/, draws: 'billion' },
  ],
  importAliases: noAliases,
}
