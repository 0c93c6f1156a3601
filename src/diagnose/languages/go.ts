import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang } from './language.ts'

const fatal = /^(panic|os\.Exit|log\.(Fatal|Panic)(f|ln)?|\w+\.Fatal(f|ln)?)$/

/** A panic, or a return of an error that is made right there. */
function isRaise(node: Node): boolean {
  if (node.type === 'call_expression') return fatal.test(calleeOf(node) ?? '')
  return (
    node.type === 'return_statement' && /\b(errors\.(New|Wrap)|fmt\.Errorf|status\.Errorf?)\(/.test(node.text)
  )
}

/** `crand "crypto/rand"` → crand is rand; the last part of the path is the name otherwise. */
function importAliases(text: string): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>()
  for (const [, alias = '', path = ''] of text.matchAll(/^\s*(?:import\s+)?(\w+)\s+"([\w./-]+)"\s*$/gm)) {
    const name = path.split('/').findLast((part) => !/^v\d+$/.test(part))
    if (name !== undefined && alias !== 'import' && alias !== 'package') aliases.set(alias, name)
  }
  return aliases
}

export const go: Language = {
  id: 'go',
  name: 'Go',
  extensions: ['.go'],
  grammar: 'go',
  functions: new Set(['function_declaration', 'method_declaration', 'func_literal']),
  classes: new Set(),
  memberMark: '.',
  blocks: new Set(['source_file', 'statement_list']),
  conditionals: new Set(['if_statement']),
  negatedConditionals: new Set(),
  loops: new Set(['for_statement']),
  cases: new Set(['expression_case', 'default_case']),
  exits: new Set(['return_statement', 'continue_statement', 'break_statement', 'goto_statement']),
  negate: negateWithBang,
  isRaise,
  errorAnswer:
    /\bhttp\.Error\(.*(http\.StatusInternalServerError|http\.StatusBadGateway|http\.StatusServiceUnavailable|5\d\d)|WriteHeader\(\s*(5\d\d|http\.StatusInternal)|\.(JSON|String|AbortWithStatus\w*|Status|SendStatus)\(\s*(5\d\d|http\.StatusInternal)/,
  chances: [
    { callee: /(^|\.|\b)(rand|rng|rnd|r|random)\.Float(32|64)$/, draws: 'unit' },
    {
      callee:
        /(^|\.|\b)(rand|rng|rnd|r|random)\.(Intn|Int31n|Int63n|IntN|Int32N|Int64N|N|UintN|Uint32N|Uint64N)$/,
      draws: 'integers-below',
    },
    {
      callee: /(^|\.|\b)(rand|rng|rnd|random)\.(Int|Int31|Int63|Int32|Int64|Uint32|Uint64)$/,
      draws: 'integers-below',
    },
    {
      callee: /^rand\.(Read|Perm|NormFloat64|ExpFloat64|Text)$|^uuid\.New(String|Random)?$/,
      draws: 'unknown',
    },
    { callee: /time\.Now\(\)(\.UTC\(\))?\.Unix(Nano|Milli|Micro)?$/, draws: 'clock-integer' },
    { callee: /time\.Now\(\)(\.UTC\(\))?\.(Second|Minute)$/, draws: 'sixty' },
    { callee: /time\.Now\(\)(\.UTC\(\))?\.Nanosecond$/, draws: 'billion' },
  ],
  importAliases,
}
