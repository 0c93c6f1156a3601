import { nodeAt } from './explain-source.ts'
import { conditionOf, alwaysExits, branchesAround, chanceOfBranch, riskyPart, roleOf } from './guards.ts'
import type { Branch } from './guards.ts'
import { chanceOf } from './chance.ts'
import type { Language } from './languages/language.ts'
import { removeLeftovers } from './leftovers.ts'
import { countSyntaxErrors, onlyChild, withTree } from './syntax.ts'
import type { Node } from './syntax.ts'
import { edited, endWithComment, indentAt, movedTo, removal } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

/**
 * The text without the condition that lets chance run `line`: the statement goes, what it kept from running stays.
 * Null where no condition is decided by chance, or where taking it out would not leave code that parses.
 */
export async function removeGuard(text: string, language: Language, line: number): Promise<string | null> {
  const result = await withTree(language.grammar, text, (root) =>
    withoutGuard(root, text, { language, line }),
  )
  if (result === null || result.text === text) return null
  const errors = await withTree(language.grammar, result.text, countSyntaxErrors)
  if (errors === null || errors > result.errors) return null
  return removeLeftovers(text, result.text, language)
}

type At = { readonly language: Language; readonly line: number }

function withoutGuard(
  root: Node,
  text: string,
  { language, line }: At,
): { text: string; errors: number } | null {
  const found = nodeAt(root, line, language)
  const node = found === null ? null : riskyPart(found, language)
  const branch =
    node === null
      ? undefined
      : branchesAround(node, language).find((each) => chanceOfBranch(each, language).source !== null)
  if (node === null || branch === undefined) return null
  const edits = editsFor({ branch, node, text, language })
  return edits === null ? null : { text: edited(text, edits), errors: countSyntaxErrors(root) }
}

type Cut = {
  readonly branch: Branch
  readonly node: Node
  readonly text: string
  readonly language: Language
}

function editsFor(cut: Cut): TextEdit[] | null {
  const operand = withoutOperand(cut.branch, cut.language)
  if (operand !== null) return [operand]
  return cutters[cut.branch.kind](cut)
}

const cutters: Readonly<Record<Branch['kind'], (cut: Cut) => TextEdit[] | null>> = {
  assertion: removeWhole,
  case: removeWhole,
  'short-circuit': removeShortCircuit,
  'early-return': keepBody,
  branch: removeBranch,
}

function removeWhole({ branch, text, language }: Cut): TextEdit[] {
  return [removeStatement(branch.statement, text, language)]
}

/** `broken or random() < 0.1` → `broken`: only the operand that brings chance in goes. */
function withoutOperand(branch: Branch, language: Language): TextEdit | null {
  const { condition } = branch
  const left = condition?.childForFieldName('left') ?? condition?.namedChild(0)
  const right = condition?.childForFieldName('right') ?? condition?.namedChild(1)
  if (!condition || !left || !right || branch.patterns.length > 0) return null
  const operator = condition.childForFieldName('operator')?.text ?? ''
  const isOr = operator === '||' || operator === 'or'
  const isAnd = operator === '&&' || operator === 'and'
  if (!(branch.negated ? isAnd : isOr)) return null
  const chances = [left, right].map((operand) => chanceOf(operand, language).source !== null)
  if (chances[0] === chances[1]) return null
  return { start: condition.startIndex, end: condition.endIndex, text: (chances[0] ? right : left).text }
}

/** Removes a statement with the comment lines right above it; an emptied block gets what its language wants there. */
function removeStatement(statement: Node, text: string, language: Language): TextEdit {
  const whole = wholeOf(statement, language)
  const holder = whole.parent
  const siblings = holder?.namedChildren.filter((each) => !each.isExtra) ?? []
  const isBlock = holder !== null && (language.blocks.has(holder.type) || language.cases.has(whole.type))
  if (!isBlock)
    return { start: whole.startIndex, end: whole.endIndex, text: language.grammar === 'ruby' ? 'nil' : '{}' }
  if (siblings.length === 1 && language.grammar === 'python') {
    return { start: whole.startIndex, end: whole.endIndex, text: 'pass' }
  }
  return removal(text, startWithComments(whole), whole.endIndex)
}

function startWithComments(node: Node): number {
  let start = node
  for (
    let before = node.previousNamedSibling;
    before?.isExtra === true;
    before = before.previousNamedSibling
  ) {
    const isRightAbove =
      before.endPosition.row + 1 === start.startPosition.row ||
      before.endPosition.row === start.startPosition.row
    const isAlone = before.previousNamedSibling?.endPosition.row !== before.startPosition.row
    if (!isRightAbove || !isAlone || !/comment/.test(before.type)) break
    start = before
  }
  return start.startIndex
}

/** Rust and PHP wrap an expression that stands as a statement. */
function wholeOf(statement: Node, language: Language): Node {
  const parent = statement.parent
  if (parent === null || language.blocks.has(parent.type)) return statement
  const wraps = parent.type === 'expression_statement' || parent.type === 'global_statement'
  return wraps && onlyChild(parent) !== null ? wholeOf(parent, language) : statement
}

function removeShortCircuit({ branch, text, language }: Cut): TextEdit[] | null {
  const whole = wholeOf(branch.statement, language)
  const isStatement = whole.parent !== null && language.blocks.has(whole.parent.type)
  return isStatement ? [removeStatement(branch.statement, text, language)] : null
}

/** `if lucky: return ok` before the failing line: the return stays, without its condition, and ends the block. */
function keepBody({ branch, text, language }: Cut): TextEdit[] | null {
  const body = bodyNodes(
    branch.statement.childForFieldName('consequence') ?? branch.statement.childForFieldName('body'),
  )
  const last = branch.statement.parent?.namedChildren.at(-1)
  const whole = wholeOf(branch.statement, language)
  const end = whole.parent?.namedChildren.findLast((each) => !each.isExtra) ?? last
  if (
    body.length === 0 ||
    end === undefined ||
    !alwaysExits(whole.type === branch.statement.type ? (body.at(-1) ?? whole) : whole, language)
  ) {
    return null
  }
  const kept = movedTo(text, body, indentAt(text, whole.startIndex))
  const modifier = branch.statement.type.endsWith('_modifier')
    ? (branch.statement.childForFieldName('body')?.text ?? kept)
    : kept
  return [{ start: whole.startIndex, end: endWithComment(text, end.endIndex), text: modifier }]
}

/** The statements of a branch, without its braces. */
function bodyNodes(body: Node | null): Node[] {
  if (body === null) return []
  const holds =
    /block|^then$|^else$|^body_statement$|^compound_statement$|^statement_list$|^else_clause$/.test(body.type)
  if (!holds) return [body]
  const inner =
    body.childForFieldName('body') ??
    body.namedChildren.find((child) => /block$|^statement_list$|^compound_statement$/.test(child.type))
  if (
    inner !== null &&
    inner !== undefined &&
    body.namedChildCount === 1 &&
    inner.type !== 'expression_statement'
  ) {
    return bodyNodes(inner)
  }
  return body.namedChildren
}

function removeBranch(cut: Cut): TextEdit[] | null {
  const { branch, node, text, language } = cut
  const { statement } = branch
  const inAlternative = roleOf(statement, childTowards(statement, node)) === 'alternative'
  const alternative = statement.childForFieldName('alternative') ?? ternaryAlternative(statement)
  if (!isStatementIn(statement, language)) return replaceExpression(statement, inAlternative)
  if (isElseIf(statement)) return inAlternative ? null : [removeElseIf(statement, alternative)]
  if (inAlternative) {
    const kept = bodyNodes(statement.childForFieldName('consequence') ?? statement.childForFieldName('body'))
    return [replaceBy(statement, kept, text)]
  }
  if (alternative === null) return [removeStatement(statement, text, language)]
  return [keepAlternative(statement, alternative, text)]
}

function childTowards(ancestor: Node, node: Node): Node {
  let at = node
  for (let parent = node.parent; parent !== null && parent.id !== ancestor.id; parent = parent.parent)
    at = parent
  return at
}

const ternaryAlternative = (statement: Node): Node | null =>
  statement.type === 'conditional_expression' && conditionOf(statement)?.id === statement.namedChild(1)?.id
    ? statement.namedChild(2)
    : null

function isStatementIn(statement: Node, language: Language): boolean {
  if (/ternary|conditional/.test(statement.type)) return false
  if (statement.type !== 'if_expression') return true
  const whole = wholeOf(statement, language)
  return (
    (whole.parent !== null && language.blocks.has(whole.parent.type)) ||
    statement.parent?.type === 'else_clause'
  )
}

/** A ternary, or Rust's `if` in the place of a value: the other side is the value. */
function replaceExpression(statement: Node, inAlternative: boolean): TextEdit[] | null {
  const isPython = ternaryAlternative(statement) !== null
  const other = isPython
    ? statement.namedChild(inAlternative ? 0 : 2)
    : (statement.childForFieldName(inAlternative ? 'consequence' : 'alternative') ??
      (inAlternative ? statement.childForFieldName('body') : null))
  const value = other?.type === 'else_clause' ? other.firstNamedChild : other
  return value === null || value === undefined
    ? null
    : [{ start: statement.startIndex, end: statement.endIndex, text: value.text }]
}

const elseIfClauses = new Set(['elif_clause', 'elsif', 'else_if_clause'])

function isElseIf(statement: Node): boolean {
  const parent = statement.parent
  if (elseIfClauses.has(statement.type) || parent?.type === 'else_clause') return true
  return (
    parent !== null &&
    parent.type === statement.type &&
    parent.childForFieldName('alternative')?.id === statement.id
  )
}

/** The clause goes; the ones behind it move up: `else if (random) …  else …` leaves the else. */
function removeElseIf(statement: Node, alternative: Node | null): TextEdit {
  const clause = statement.parent?.type === 'else_clause' ? statement.parent : statement
  const before = clause.previousSibling
  const isInner = !elseIfClauses.has(statement.type) && alternative !== null
  if (isInner) {
    const kept =
      alternative.type === 'else_clause' ? (alternative.lastNamedChild ?? alternative) : alternative
    return { start: statement.startIndex, end: statement.endIndex, text: kept.text }
  }
  // Ruby nests what follows inside the clause; the others list their clauses side by side.
  if (alternative !== null) return { start: statement.startIndex, end: alternative.startIndex, text: '' }
  const from = before !== null && before.type === 'else' ? (before.previousSibling ?? before) : before
  return { start: from?.endIndex ?? clause.startIndex, end: clause.endIndex, text: '' }
}

function replaceBy(statement: Node, kept: readonly Node[], text: string): TextEdit {
  return {
    start: statement.startIndex,
    end: statement.endIndex,
    text: movedTo(text, kept, indentAt(text, statement.startIndex)),
  }
}

/** `if random: raise / elif x: …` → `if x: …`;  `if random: raise / else: work` → `work`. */
function keepAlternative(statement: Node, alternative: Node, text: string): TextEdit {
  const start = statement.startIndex
  if (elseIfClauses.has(alternative.type)) {
    const keyword = /^(el|els|else)(?=if\b)/.exec(alternative.text)?.[0].length ?? 0
    const unlessFix = /^unless\b/.test(statement.text) ? 0 : keyword
    return { start, end: alternative.startIndex + unlessFix, text: '' }
  }
  const inner = alternative.type === 'else_clause' ? alternative.lastNamedChild : alternative
  if (inner !== null && /^if_(statement|expression)$/.test(inner.type)) {
    return { start, end: statement.endIndex, text: inner.text }
  }
  return replaceBy(statement, bodyNodes(alternative), text)
}
