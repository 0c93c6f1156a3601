import { enclosingFunction } from './functions.ts'
import { calleeOf } from './languages/language.ts'
import type { Language } from './languages/language.ts'
import type { Node } from './syntax.ts'

/** What becomes of an error on its way out of a file. Lines count from 1. */
export type Handling = {
  readonly handling: 'unhandled' | 'handled' | 'swallowed'
  readonly handlerLine: number | null
}

/**
 * Errors that are values (Go, Rust), and promises (JavaScript): dropped, only logged, or answered. Null where the
 * statement says nothing of its error.
 */
export function valueHandling(node: Node, language: Language): Handling | null {
  if (language.id === 'go') return goHandling(node, language)
  if (language.id === 'rust') return rustHandling(node, language)
  if (language.id === 'javascript' || language.id === 'typescript') return promiseHandling(node, language)
  return null
}

const at = (handling: 'handled' | 'swallowed', node: Node): Handling => ({
  handling,
  handlerLine: node.startPosition.row + 1,
})

function statementOf(node: Node, language: Language): Node {
  let statement = node
  for (
    let parent = node.parent;
    parent !== null && !language.blocks.has(parent.type);
    parent = parent.parent
  ) {
    if (language.functions.has(parent.type)) break
    statement = parent
  }
  return statement
}

const logsOnly =
  /^((\w+\.)*(log|logger|slog|zap|sugar)\w*\.\w+|fmt\.Print\w*|(log::|tracing::)?(error|warn|info|debug|eprintln|println)!)\s*\(/

function isLogged(block: Node | null): boolean {
  const list = block?.firstNamedChild?.type === 'statement_list' ? block.firstNamedChild : block
  const statements = list?.namedChildren.filter((child) => !child.isExtra) ?? []
  return statements.every((statement) => logsOnly.test(statement.text) && !/Fatal|Panic/.test(statement.text))
}

function goHandling(node: Node, language: Language): Handling | null {
  const statement = statementOf(node, language)
  const recovered = recoveredBy(node, language)
  if (language.isRaise(node) && node.text.startsWith('panic')) return recovered
  const left = statement.childForFieldName('left')
  if (left !== null) {
    const last = left.namedChildren.at(-1)
    if (last?.text === '_') return at('swallowed', statement)
    return last === undefined ? recovered : (checked(statement, last.text) ?? recovered)
  }
  const initial = statement.childForFieldName('initializer')
  if (statement.type === 'if_statement' && initial !== null && initial.startIndex <= node.startIndex) {
    return judgeGo(statement) ?? recovered
  }
  return recovered
}

/** The `if err != nil` after an assignment of err; none before err is assigned again, or at all, drops it. */
function checked(statement: Node, name: string): Handling | null {
  if (!/^err|Err$|^e$/.test(name)) return null
  let next = statement.nextNamedSibling
  while (next?.isExtra === true) next = next.nextNamedSibling
  if (next?.type !== 'if_statement') return null
  return next.childForFieldName('condition')?.text.includes(name) === true ? judgeGo(next) : null
}

function judgeGo(check: Node): Handling | null {
  const block = check.childForFieldName('consequence')
  if (block === null) return null
  if (isLogged(block)) return at('swallowed', check)
  // `return err` hands it on: not the end of the way.
  return /\breturn\b[^\n]*\b(err|errors\.|fmt\.Errorf)/.test(block.text) || /\bpanic\(|Fatal/.test(block.text)
    ? null
    : at('handled', check)
}

/** `defer func() { if r := recover(); … }()` in the function. */
function recoveredBy(node: Node, language: Language): Handling | null {
  const body = enclosingFunction(node, language)?.childForFieldName('body')
  const deferred = body
    ?.descendantsOfType('defer_statement')
    .find((each) => /\brecover\(\)/.test(each.text) && each.startIndex < node.startIndex)
  return deferred === undefined ? null : at('handled', deferred)
}

function rustHandling(node: Node, language: Language): Handling | null {
  const statement = statementOf(node, language)
  const text = statement.text
  if (text.startsWith('let _ =') || text.endsWith('.ok();')) return at('swallowed', statement)
  if (text.startsWith('if let Err(')) {
    const check = statement.descendantsOfType('if_expression')[0]
    const block = check?.childForFieldName('consequence') ?? null
    return isLogged(block) ? at('swallowed', statement) : at('handled', statement)
  }
  return /\.(unwrap_or|unwrap_or_else|unwrap_or_default|or_else)\(/.test(text)
    ? at('handled', statement)
    : null
}

/** `.catch(() => {})` behind the call. */
function promiseHandling(node: Node, language: Language): Handling | null {
  const statement = statementOf(node, language)
  const call = [statement, ...statement.descendantsOfType('call_expression')].find(
    (each) => each.type === 'call_expression' && (calleeOf(each) ?? '').endsWith('.catch'),
  )
  if (call === undefined || call.startIndex > node.startIndex) return null
  const handler = call.childForFieldName('arguments')?.firstNamedChild
  const body = handler?.childForFieldName('body')
  if (body === null || body === undefined) return at('handled', call)
  const isIdle = /^(\{\s*\}|null|undefined|console\.\w+\([^)]*\)|\{\s*console\.\w+\([^)]*\);?\s*\})$/.test(
    body.text,
  )
  return at(isIdle ? 'swallowed' : 'handled', call)
}
