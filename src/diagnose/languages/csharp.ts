import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang, noAliases } from './language.ts'

function isRaise(node: Node): boolean {
  if (node.type === 'throw_statement' || node.type === 'throw_expression') return true
  return node.type === 'invocation_expression' && calleeOf(node) === 'Environment.FailFast'
}

export const csharp: Language = {
  id: 'csharp',
  name: 'C#',
  extensions: ['.cs', '.csx'],
  grammar: 'c-sharp',
  functions: new Set([
    'method_declaration',
    'constructor_declaration',
    'local_function_statement',
    'lambda_expression',
    'anonymous_method_expression',
    'accessor_declaration',
    'property_declaration',
    'operator_declaration',
  ]),
  classes: new Set([
    'class_declaration',
    'struct_declaration',
    'record_declaration',
    'interface_declaration',
  ]),
  memberMark: '.',
  blocks: new Set(['compilation_unit', 'block', 'switch_section']),
  conditionals: new Set(['if_statement', 'conditional_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement', 'foreach_statement', 'while_statement', 'do_statement']),
  cases: new Set(['switch_section', 'switch_expression_arm']),
  exits: new Set([
    'return_statement',
    'continue_statement',
    'break_statement',
    'yield_statement',
    'goto_statement',
  ]),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\bStatusCode\(\s*5\d\d|\bResults\.(Problem|StatusCode\(\s*5)|StatusCode\s*=\s*5\d\d|Status500/,
  chances: [
    {
      callee: /(rand\w*|rng|rnd|dice|Random\.Shared|new Random\(.*\))\.Next(Double|Single)$/i,
      draws: 'unit',
    },
    {
      callee: /(rand\w*|rng|rnd|dice|Random\.Shared|new Random\(.*\))\.Next(Int64)?$/i,
      draws: 'integers-below',
    },
    { callee: /RandomNumberGenerator\.GetInt32$/, draws: 'integers-below' },
    { callee: /\bGuid\.NewGuid(\(\).*)?$/, draws: 'unknown' },
    {
      callee:
        /\bDateTime(Offset)?\.(Utc)?Now\.(Ticks|ToUnixTime\w+)$|^Environment\.TickCount(64)?$|^Stopwatch\.GetTimestamp$/,
      draws: 'clock-integer',
    },
    { callee: /\bDateTime(Offset)?\.(Utc)?Now\.(Second|Minute)$/, draws: 'sixty' },
    { callee: /\bDateTime(Offset)?\.(Utc)?Now\.Millisecond$/, draws: 'thousand' },
  ],
  importAliases: noAliases,
}
