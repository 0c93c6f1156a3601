import type { Draw } from '../distribution.ts'
import type { Node } from '../syntax.ts'

/** A call that brings chance or time in: which callee, and what its value looks like. */
export type ChanceSource = {
  /** Against the callee as written, import aliases undone: `random.choice`, `Math.random`, `rng.gen_bool`. */
  readonly callee: RegExp
  readonly draws: Draw
}

/**
 * What explaining and fixing a line needs to know of a programming language: the node types of its grammar by the
 * part that they play, and the little that no table can say.
 */
export type Language = {
  readonly id: string
  /** As people write it: `Python`, `C#`. */
  readonly name: string
  readonly extensions: readonly string[]
  /** File name part of the grammar: `python`, `c-sharp`. `grammarOf` may choose another by file. */
  readonly grammar: string
  readonly functions: ReadonlySet<string>
  readonly classes: ReadonlySet<string>
  /** What stands between class and method in a name: `.`, `#`, `::`. */
  readonly memberMark: string
  /** Nodes that hold a sequence of statements. */
  readonly blocks: ReadonlySet<string>
  /** Nodes with a `condition` and branches, statements and expressions alike. */
  readonly conditionals: ReadonlySet<string>
  /** Conditionals whose body runs when the condition is false. */
  readonly negatedConditionals: ReadonlySet<string>
  readonly loops: ReadonlySet<string>
  /** Clauses of a switch or match. */
  readonly cases: ReadonlySet<string>
  /** Statements after which the next one does not run, raises (`isRaise`) aside. */
  readonly exits: ReadonlySet<string>
  readonly negate: (condition: string) => string
  readonly isRaise: (node: Node) => boolean
  /** An answer to the caller that says "I failed", though nothing is thrown: `return err`, `res.status(500)`. */
  readonly errorAnswer: RegExp
  readonly chances: readonly ChanceSource[]
  /** Local name → what it stands for, from the file's imports: `rnd` → `random`, `choice` → `random.choice`. */
  readonly importAliases: (text: string) => ReadonlyMap<string, string>
}

export const noAliases = (): ReadonlyMap<string, string> => new Map()

export function negateWithBang(condition: string): string {
  const comparison = flippedComparison(condition)
  if (comparison !== null) return comparison
  if (/^![\w$.:?]+(\([^()]*\))?$/.test(condition)) return condition.slice(1)
  return /^[\w$.:?]+(\([^()]*\))?$/.test(condition) ? `!${condition}` : `!(${condition})`
}

/** The function that a call names, as written, on one line: `rand::random::<bool>`, `new Random().nextInt`. */
export function calleeOf(node: Node): string | null {
  const named =
    node.childForFieldName('function') ??
    node.childForFieldName('macro') ??
    node.childForFieldName('constructor')
  if (named !== null) return onOneLine(named.text)
  const name = node.childForFieldName('name') ?? node.childForFieldName('method')
  if (name === null) return null
  const receiver =
    node.childForFieldName('object') ?? node.childForFieldName('receiver') ?? node.childForFieldName('scope')
  if (receiver === null) return name.text
  const mark = marks[node.type] ?? '.'
  return `${onOneLine(receiver.text)}${mark}${name.text}`
}

const marks: Readonly<Record<string, string>> = {
  member_call_expression: '->',
  nullsafe_member_call_expression: '->',
  scoped_call_expression: '::',
}

/** Chains are often broken before the dot. */
const onOneLine = (text: string): string =>
  text.replaceAll(/\s*(\?\.|\.|->|::|\(|\))\s*/g, '$1').replaceAll(/\s+/g, ' ')

const flipped: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  is: 'is not',
  'is not': 'is',
  in: 'not in',
  'not in': 'in',
}

/** `err != nil` → `err == nil`; null for all but a single comparison of two simple things. */
export function flippedComparison(condition: string): string | null {
  const simple = /^([\w$.@()]+) (===|!==|==|!=|<=|>=|<|>|is not|is|not in|in) ([\w$.'"@-]+)$/.exec(condition)
  const [, left, operator = '', right] = simple ?? []
  const opposite = flipped[operator]
  return opposite === undefined ? null : `${left} ${opposite} ${right}`
}
