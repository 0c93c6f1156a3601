import type { Node } from '../syntax.ts'
import { flippedComparison } from './language.ts'
import type { Language } from './language.ts'

function importAliases(text: string): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>()
  for (const [, module = '', names = ''] of text.matchAll(/^[ \t]*from +([\w.]+) +import +\(?([\w ,.]+)/gm)) {
    for (const name of names.split(',')) {
      const [original = '', alias = original] = name.trim().split(/\s+as\s+/)
      if (original !== '') aliases.set(alias, `${module}.${original}`)
    }
  }
  for (const [, module = '', alias = ''] of text.matchAll(/^[ \t]*import +([\w.]+) +as +(\w+)/gm)) {
    aliases.set(alias, module)
  }
  return aliases
}

/** A raise, or an assertion: both end the function with an exception. */
function isRaise(node: Node): boolean {
  return node.type === 'raise_statement' || node.type === 'assert_statement'
}

function negate(condition: string): string {
  const comparison = flippedComparison(condition)
  if (comparison !== null) return comparison
  if (/^not [\w.]+(\([^()]*\))?$/.test(condition)) return condition.slice(4)
  return /^[\w.]+(\([^()]*\))?$/.test(condition) ? `not ${condition}` : `not (${condition})`
}

export const python: Language = {
  id: 'python',
  name: 'Python',
  extensions: ['.py', '.pyw', '.pyi', '.wsgi'],
  grammar: 'python',
  functions: new Set(['function_definition', 'lambda']),
  classes: new Set(['class_definition']),
  memberMark: '.',
  blocks: new Set(['module', 'block']),
  conditionals: new Set(['if_statement', 'elif_clause', 'conditional_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement', 'while_statement', 'list_comprehension', 'generator_expression']),
  cases: new Set(['case_clause']),
  exits: new Set(['return_statement', 'continue_statement', 'break_statement']),
  negate,
  isRaise,
  errorAnswer:
    /\babort\(5\d\d|\breturn\b.*,\s*5\d\d\s*(#.*)?$|\bstatus(_code)?\s*=\s*5\d\d|HttpResponseServerError|HTTPException\(5\d\d|\bsys\.exit\([1-9]/,
  chances: [
    { callee: /^(np|numpy)\.random\.(rand|random|random_sample|uniform)$/, draws: 'unit' },
    { callee: /^(np|numpy)\.random\.randint$/, draws: 'integers-below' },
    { callee: /^([\w.]*rng|[\w.]*gen)\.integers$/i, draws: 'integers-below' },
    { callee: /\.random$|^random$/, draws: 'unit' },
    { callee: /\.(uniform|triangular)$/, draws: 'float-range' },
    { callee: /\.randint$/, draws: 'integers-inclusive' },
    { callee: /\.(randrange|randbelow)$/, draws: 'integers-below' },
    { callee: /\.getrandbits$|\.randbits$/, draws: 'bits' },
    {
      callee: /^(random|secrets|np\.random|numpy\.random)\.choice$|(rng|rnd|rand\w*)\.choice$/i,
      draws: 'choice',
    },
    { callee: /^random\.choices$/, draws: 'choice' },
    { callee: /^os\.urandom$|^secrets\.token_bytes$|\.randbytes$/, draws: 'byte' },
    {
      callee: /^random\.(gauss|sample|shuffle|expovariate|normalvariate|betavariate)$|^secrets\.token_\w+$/,
      draws: 'unknown',
    },
    { callee: /^uuid\.uuid[14]\(\)\.int$/, draws: 'integers-below' },
    { callee: /^uuid\.uuid[14]$/, draws: 'unknown' },
    { callee: /^time\.(time|monotonic|perf_counter)$|\.timestamp$/, draws: 'clock-seconds' },
    { callee: /^time\.(time_ns|monotonic_ns|perf_counter_ns)$/, draws: 'clock-integer' },
    { callee: /\b(now|utcnow|today)\(.*\)\.(second|minute)$/, draws: 'sixty' },
    { callee: /\b(now|utcnow)\(.*\)\.microsecond$/, draws: 'million' },
  ],
  importAliases,
}
