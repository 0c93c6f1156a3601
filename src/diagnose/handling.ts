import { calls } from './expression-nodes.ts'
import { enclosingFunction, functionName } from './functions.ts'
import { alwaysExits } from './guards.ts'
import { calleeOf } from './languages/language.ts'
import type { Language } from './languages/language.ts'
import { topOf } from './names.ts'
import type { Node } from './syntax.ts'
import { valueHandling } from './value-errors.ts'
import type { Handling } from './value-errors.ts'

const unhandled: Handling = { handling: 'unhandled', handlerLine: null }

/**
 * Follows an error from `node` outwards: through the handlers of its function, then through those around the calls of
 * that function in the same file. What a framework catches does not count: it answers 500.
 */
export function handlingOf(node: Node, language: Language, exceptionType: string | null): Handling {
  const here = handledAround(node, language, exceptionType)
  if (here !== null) return here
  const asValue = valueHandling(node, language)
  if (asValue !== null) return asValue
  return handledByCallers(node, language, exceptionType) ?? unhandled
}

function handledAround(node: Node, language: Language, exceptionType: string | null): Handling | null {
  let child = node
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    const handler = clausesFor(parent, child).find((clause) => catches(clause, exceptionType))
    if (handler !== undefined && !passesOn(handler, language)) return judge(handler, language)
    if (language.functions.has(parent.type) && functionName(parent, language) !== null) return null
    child = parent
  }
  return null
}

/** Handled when every call of the function in this file is. */
function handledByCallers(node: Node, language: Language, exceptionType: string | null): Handling | null {
  const outer = enclosingFunction(node, language)
  const name = outer?.childForFieldName('name')?.text
  if (outer === null || name === undefined) return null
  const callers = topOf(node)
    .descendantsOfType([...calls])
    .filter((call) => /[\w?!]+$/.exec(calleeOf(call) ?? '')?.[0] === name)
    .filter((call) => enclosingFunction(call, language)?.id !== outer.id)
  let last: Handling | null = null
  for (const call of callers) {
    last = handledAround(call, language, exceptionType)
    if (last === null) return null
  }
  return last
}

const clauseTypes = new Set(['except_clause', 'except_group_clause', 'catch_clause', 'rescue'])

/** The handlers of `parent` that guard `child`: its own clauses, unless the child is one of them. */
function clausesFor(parent: Node, child: Node): Node[] {
  if (clauseTypes.has(child.type) || /^(finally_clause|else_clause|ensure|else)$/.test(child.type)) return []
  return parent.namedChildren.filter((each) => clauseTypes.has(each.type))
}

/** The types that a clause names; empty when it takes everything. */
function caughtTypes(clause: Node): string[] {
  const declaration = clause.namedChildren.find((child) =>
    /^catch_(formal_parameter|declaration)$/.test(child.type),
  )
  const declared =
    clause.childForFieldName('value') ??
    clause.childForFieldName('type') ??
    clause.childForFieldName('exceptions') ??
    declaration?.childForFieldName('type') ??
    declaration?.namedChildren.find((child) => child.type === 'catch_type')
  if (declared === null || declared === undefined) return []
  const types = declared.type === 'as_pattern' ? declared.firstNamedChild : declared
  return types?.text.match(/[\w\\.:]+/g)?.map(lastWord) ?? []
}

const lastWord = (text: string): string => /\w+$/.exec(text)?.[0] ?? text

const catchAll = /^(Exception|BaseException|Throwable|StandardError|Error|object)$/

/** Families of exceptions whose base is often caught. What is not here is held to be its own family. */
const families: Readonly<Record<string, RegExp>> = {
  LookupError: /^(KeyError|IndexError)$/,
  ArithmeticError: /^(ZeroDivisionError|OverflowError|FloatingPointError)$/,
  ValueError: /^(Unicode\w*Error|JSONDecodeError)$/,
  OSError:
    /^(IOError|FileNotFoundError|PermissionError|Connection\w*Error|TimeoutError|BrokenPipeError|InterruptedError|IsADirectoryError)$/,
  IOError: /^(OSError|FileNotFoundError|PermissionError|Connection\w*Error)$/,
  ConnectionError: /^Connection\w+Error$|^BrokenPipeError$/,
  ImportError: /^ModuleNotFoundError$/,
  RuntimeException:
    /^(NullPointer|Illegal\w+|IndexOutOfBounds|ArrayIndexOutOfBounds|ClassCast|Arithmetic|NumberFormat|UnsupportedOperation|Uncaught\w+|Concurrent\w+|InvalidArgument|OutOf\w+|Unexpected\w+|Range|Length)\w*Exception$/,
  IllegalArgumentException: /^NumberFormatException$/,
  IOException: /^(FileNotFound|Socket\w*|Connect|UnknownHost|EOF|Http\w+|MalformedURL)Exception$/,
  SystemException: /Exception$/,
  LogicException: /^(InvalidArgument|Domain|Length|OutOfRange|BadFunctionCall|BadMethodCall)Exception$/,
  NameError: /^NoMethodError$|^UnboundLocalError$/,
}

function catches(clause: Node, exceptionType: string | null): boolean {
  const types = caughtTypes(clause)
  if (types.length === 0 || types.some((type) => catchAll.test(type))) return true
  if (exceptionType === null) return false
  const raised = lastWord(exceptionType)
  return types.some((type) => type === raised || (families[type]?.test(raised) ?? false))
}

function bodyOf(clause: Node): Node | null {
  return (
    clause.childForFieldName('body') ??
    clause.namedChildren.findLast((child) => /block|body|statement/.test(child.type)) ??
    null
  )
}

/** Does the handler end by raising again, so that the error goes on outwards? */
function passesOn(clause: Node, language: Language): boolean {
  const body = bodyOf(clause)
  if (body === null) return false
  const statements = body.namedChildren.filter((child) => !child.isExtra)
  const last = statements.at(-1)
  if (last === undefined) return false
  const inner = last.type === 'expression_statement' ? (last.firstNamedChild ?? last) : last
  return language.isRaise(inner) || /^(throw|raise)\b/.test(inner.text)
}

const logs =
  /^(self\.|this\.|current_app\.|app\.|c\.)*_?(log|logger|logging|LOG|LOGGER|console|Log|Rails\.logger|slog|warnings|traceback|e|err|error|ex|exc)(\(\))?(\.|->|::)\w+|^(print|puts|p|pp|printf|println|echo|error_log|var_dump|warn|System\.(out|err)\.\w+|fmt\.Print\w*|Console\.(Error\.)?Write\w*)\b/
const gives = /^(return|break|continue|next|pass|yield)?\s*(None|null|nil|undefined|;)?\s*;?$/

/** Swallowed: nothing but logging, and then on as if nothing had happened. Anything else handles the error. */
function judge(clause: Node, language: Language): Handling {
  const body = bodyOf(clause)
  const statements = body?.namedChildren.filter((child) => !child.isExtra) ?? []
  const isIdle = statements.every(
    (statement) => gives.test(statement.text.trim()) || logs.test(statement.text.trim()),
  )
  const leaves =
    body !== null && alwaysExits(body, language) && !gives.test(statements.at(-1)?.text.trim() ?? '')
  return {
    handling: isIdle && !leaves ? 'swallowed' : 'handled',
    handlerLine: clause.startPosition.row + 1,
  }
}
