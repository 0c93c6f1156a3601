import type { FileStyle, Framework } from './frameworks/framework.ts'
import { deeper } from './frameworks/framework.ts'
import type { HandlerPlace } from './handlers.ts'
import type { Language } from './languages/language.ts'
import type { Node } from './syntax.ts'
import { indentAt, lineBreakOf, movedTo } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

/** A handler, and what is needed to put error handling around its body. */
export type Wrapping = {
  readonly place: HandlerPlace
  /** The node of the failing line. */
  readonly failing: Node
  readonly framework: Framework
  readonly style: FileStyle
  readonly language: Language
}

/** The edits that put error handling into a handler; null where its body has no shape that can take it. */
export function wrapped(wrapping: Wrapping): TextEdit[] | null {
  switch (wrapping.language.id) {
    case 'go':
      return withRecover(wrapping)
    case 'ruby':
      return withRescue(wrapping)
    case 'rust':
      return withErrorReturn(wrapping)
    default:
      return withTry(wrapping)
  }
}

/** What a catch clause looks like: its opening, what stands between body and handler, its end. */
type Clauses = { readonly open: string; readonly between: string; readonly close: string | null }

function clausesOf({ language, style, place }: Wrapping, answer: readonly string[]): Clauses {
  switch (language.id) {
    case 'python': {
      const named = answer.some((line) => /\berror\b(?!['"])/.test(line.replaceAll(/(['"]).*?\1/g, '')))
      return {
        open: 'try:',
        between: `except ${caughtInPython(place, style)}${named ? ' as error' : ''}:`,
        close: null,
      }
    }
    case 'java':
      return { open: 'try {', between: '} catch (Exception e) {', close: '}' }
    case 'php':
      return { open: 'try {', between: String.raw`} catch (\Throwable $e) {`, close: '}' }
    case 'csharp':
      return { open: 'try', between: 'catch (Exception ex)', close: '}' }
    default:
      return { open: 'try {', between: '} catch (error) {', close: '}' }
  }
}

const pythonOwn =
  /^(Type|Value|Key|Index|Attribute|ZeroDivision|OS|IO|Runtime|Lookup|Name|FileNotFound|Permission)Error$/

/** `abort(404)` raises too, and must get through: then only the type that was seen is caught. */
function caughtInPython(place: HandlerPlace, { exceptionType }: FileStyle): string {
  const aborts = /\babort\(|\braise HTTPException|\bHttp404\b/.test(place.handler.text)
  return aborts && exceptionType !== null && pythonOwn.test(exceptionType) ? exceptionType : 'Exception'
}

function withTry(wrapping: Wrapping): TextEdit[] | null {
  const { place, style, framework } = wrapping
  const body = place.node.childForFieldName('body')
  if (body === null) return null
  const statements = statementsOf(body)
  const [first] = statements
  if (first === undefined) return null
  const isExpression = !/block|compound_statement|constructor_body|statement/.test(body.type)
  const owner = indentAt(style.text, place.node.startIndex)
  const inner =
    isExpression || isOnOneLine(body) ? owner + style.unit : indentAt(style.text, first.startIndex)
  const kept = isExpression ? `return ${first.text}` : movedTo(style.text, statements, inner + style.unit)
  const answer = framework.answer(place.handler, style)
  const lines = composed(wrapping, { answer, kept, inner })
  if (isExpression || isOnOneLine(body)) return [oneLiner(body, lines, { owner, inner, style })]
  return [
    {
      start: first.startIndex,
      end: statements.at(-1)?.endIndex ?? body.endIndex,
      text: lines.join(lineBreakOf(style.text)),
    },
  ]
}

const isOnOneLine = (body: Node): boolean =>
  body.startPosition.row === body.endPosition.row && body.text.startsWith('{')

type Body = { readonly answer: readonly string[]; readonly kept: string; readonly inner: string }

/** Lines of the new body; the first without its indentation, which is there already. */
function composed(wrapping: Wrapping, { answer, kept, inner }: Body): string[] {
  const { unit } = wrapping.style
  const { open, between, close } = clausesOf(wrapping, answer)
  const isAllman = wrapping.language.id === 'csharp'
  const deep = inner + unit
  return [
    open,
    ...(isAllman ? [`${inner}{`] : []),
    deep + kept,
    ...(isAllman ? [`${inner}}`] : []),
    inner + between,
    ...(isAllman ? [`${inner}{`] : []),
    ...deeper(deep, answer),
    ...(close === null ? [] : [inner + close]),
  ]
}

function oneLiner(
  body: Node,
  lines: readonly string[],
  how: { owner: string; inner: string; style: FileStyle },
): TextEdit {
  const nl = lineBreakOf(how.style.text)
  const text = ['{', how.inner + (lines[0] ?? ''), ...lines.slice(1), `${how.owner}}`].join(nl)
  return { start: body.startIndex, end: body.endIndex, text }
}

/** Without a docstring, which must stay first. */
function statementsOf(body: Node): Node[] {
  const list = body.firstNamedChild?.type === 'statement_list' ? body.firstNamedChild : body
  if (!/block|compound_statement|constructor_body|body_statement|statement_list/.test(list.type))
    return [list]
  const [first, ...rest] = list.namedChildren
  const isDocumentation = first?.type === 'expression_statement' && first.firstNamedChild?.type === 'string'
  return isDocumentation && rest.length > 0 ? rest : list.namedChildren
}

/** Go has no try: a deferred function at the start takes the panic. Nothing else moves. */
function withRecover({ place, framework, style }: Wrapping): TextEdit[] | null {
  const body = place.node.childForFieldName('body')
  const [first] = body === null ? [] : statementsOf(body)
  if (body === null || first === undefined) return null
  const nl = lineBreakOf(style.text)
  const inner = indentAt(style.text, place.node.startIndex) + '\t'
  const lines = [
    'defer func() {',
    '\tif recovered := recover(); recovered != nil {',
    ...deeper('\t\t', framework.answer(place.handler, style)),
    '\t}',
    '}()',
  ]
  const text = lines.map((line) => inner + line).join(nl)
  const open = body.startIndex + 1
  return [{ start: open, end: open, text: isOnOneLine(body) ? `${nl}${text}${nl}${inner}` : nl + text }]
}

/** A Ruby method or block takes `rescue` before its `end`, so its body stays where it is. */
function withRescue({ place, framework, style }: Wrapping): TextEdit[] | null {
  const { node } = place
  const end = node.lastChild
  if (end?.type !== 'end' || node.text.includes('rescue')) return null
  const nl = lineBreakOf(style.text)
  const owner = indentAt(style.text, end.startIndex)
  const lines = [
    `rescue StandardError => e`,
    ...deeper(style.unit, framework.answer(place.handler, style)),
    '',
  ]
  return [{ start: end.startIndex, end: end.startIndex, text: lines.join(nl + owner).replace(/^/, '') }]
}

/** Rust: the panic becomes an `Err`, and the function a `Result`. */
function withErrorReturn({ place, failing, framework, style, language }: Wrapping): TextEdit[] | null {
  const { node, handler } = place
  const body = node.childForFieldName('body')
  const returns = node.childForFieldName('return_type')
  const last = body?.namedChildren.at(-1)
  if (!body || !last || !language.isRaise(failing) || node.startIndex > failing.startIndex) return null
  const statement = failing.parent?.type === 'expression_statement' ? failing.parent : failing
  const [log = '', answer = ''] = framework.answer(handler, style)
  const indent = indentAt(style.text, statement.startIndex)
  const raised = {
    start: statement.startIndex,
    end: statement.endIndex,
    text: `${log}${lineBreakOf(style.text)}${indent}${answer}`,
  }
  if (/Result\b/.test(returns?.text ?? '')) return [raised]
  const error =
    /Err\(([\w:]+?)(?:::[A-Z_]+)?[;)("]/.exec(answer)?.[1]?.replace(/::error::Error\w+$/, '::Error') ??
    'Box<dyn std::error::Error>'
  const isTail = last.type !== 'expression_statement' && !last.type.endsWith('declaration')
  const tail = isTail
    ? { start: last.startIndex, end: last.endIndex, text: `Ok(${last.text})` }
    : {
        start: last.endIndex,
        end: last.endIndex,
        text: `${lineBreakOf(style.text)}${indentAt(style.text, last.startIndex)}Ok(())`,
      }
  if (
    statement.id === last.id ||
    (statement.startIndex < last.endIndex && statement.endIndex > last.startIndex)
  )
    return null
  const signature =
    returns === null
      ? { start: body.startIndex, end: body.startIndex, text: `-> Result<(), ${error}> ` }
      : { start: returns.startIndex, end: returns.endIndex, text: `Result<${returns.text}, ${error}>` }
  return [raised, tail, signature]
}
