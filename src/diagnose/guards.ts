import { chanceOf, chanceOfCase } from './chance.ts'
import { calls } from './expression-nodes.ts'
import type { Chance } from './chance.ts'
import { callTaking, isEntryPoint } from './functions.ts'
import { calleeOf } from './languages/language.ts'
import type { Language } from './languages/language.ts'
import type { Guard } from './source-explanation.ts'
import { onlyChild } from './syntax.ts'
import type { Node } from './syntax.ts'

/**
 * One condition on the way from the function's start to a line.
 *
 *     if a:            branch, negated = false       if random() < 0.5:   early-return, negated = true
 *         raise        (the else branch: true)           return ok        (the line runs when the condition fails)
 *                                                    raise
 */
export type Branch = {
  readonly kind: 'branch' | 'early-return' | 'short-circuit' | 'case' | 'assertion'
  /** The whole conditional, or the clause of a switch. */
  readonly statement: Node
  /** What is tested; of a switch its subject, null where it has none. */
  readonly condition: Node | null
  readonly patterns: readonly Node[]
  readonly negated: boolean
}

/** The conditions that a node stands under, innermost first, up to the end of its named function. */
export function branchesAround(node: Node, language: Language): readonly Branch[] {
  const branches: Branch[] = []
  if (node.type === 'assert_statement') branches.push(...assertion(node))
  let child = node
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (language.functions.has(parent.type) && !isInlineCallback(parent)) return branches
    if (language.blocks.has(parent.type)) branches.push(...earlyReturns(child, language))
    const branch = branchOf(parent, child, language)
    if (branch !== null) branches.push(branch)
    child = parent
  }
  return branches
}

function assertion(node: Node): Branch[] {
  const condition = node.firstNamedChild
  return condition === null
    ? []
    : [{ kind: 'assertion', statement: node, condition, patterns: [], negated: true }]
}

/**
 * The part of a statement that a frame can mean: of `x = random() < 0.1 ? boom() : ok` the side that calls something,
 * where only one does and chance decides between them; else the statement itself.
 */
export function riskyPart(node: Node, language: Language): Node {
  const expressions = node.descendantsOfType([
    ...language.conditionals,
    'binary_expression',
    'boolean_operator',
    'binary',
  ])
  for (const each of expressions) {
    const left = shortCircuitSides(each)
    const sides = left ?? sidesOf(each)
    const condition = left === null ? conditionOf(each) : each.childForFieldName('left')
    const risky = sides.filter((side) => isRisky(side, language))
    const [only] = risky
    if (condition === null || only === undefined || risky.length > 1) continue
    if (each.startPosition.row === node.startPosition.row && chanceOf(condition, language).source !== null)
      return only
  }
  return node
}

function shortCircuitSides(node: Node): Node[] | null {
  const right = node.childForFieldName('right')
  return right !== null && shortCircuit(node, right) !== null ? [right] : null
}

const sidesOf = (conditional: Node): Node[] =>
  conditional.namedChildren.filter((child) => roleOf(conditional, child) !== null)

const isRisky = (side: Node, language: Language): boolean =>
  language.isRaise(side) ||
  /call|invocation|raise|throw/.test(side.type) ||
  side.descendantsOfType([...calls]).length > 0

/** An anonymous function that is handed to a call and run there: the conditions go on outside. */
const isInlineCallback = (node: Node): boolean =>
  node.childForFieldName('name') === null && callTaking(node) !== null && !isEntryPoint(node)

function branchOf(parent: Node, child: Node, language: Language): Branch | null {
  if (language.conditionals.has(parent.type)) {
    const role = roleOf(parent, child)
    const condition = conditionOf(parent)
    if (role === null || condition === null) return null
    const negated = (role === 'alternative') !== language.negatedConditionals.has(parent.type)
    return { kind: 'branch', statement: parent, condition, patterns: [], negated }
  }
  if (language.cases.has(parent.type)) return caseOf(parent, child, language)
  return shortCircuit(parent, child)
}

/** What is tested, without the parentheses that some languages want around it. */
export function conditionOf(conditional: Node): Node | null {
  // Python's `a if b else c` has no field names.
  if (conditional.type === 'conditional_expression' && conditional.childForFieldName('condition') === null) {
    return conditional.namedChild(1)
  }
  const condition = conditional.childForFieldName('condition')
  return condition?.type === 'parenthesized_expression' ? (condition.firstNamedChild ?? condition) : condition
}

/** Which part of a conditional a direct child is; null for the condition itself and for an initializer. */
export function roleOf(conditional: Node, child: Node): 'consequence' | 'alternative' | null {
  if (conditional.type === 'conditional_expression' && conditional.childForFieldName('condition') === null) {
    const index = conditional.namedChildren.findIndex((each) => each.id === child.id)
    return index === 0 ? 'consequence' : index === 2 ? 'alternative' : null
  }
  const index = conditional.children.findIndex((each) => each.id === child.id)
  const field = index < 0 ? null : conditional.fieldNameForChild(index)
  if (field === 'alternative') return 'alternative'
  return field === 'consequence' || field === 'body' ? 'consequence' : null
}

/** `Math.random() < 0.5 && fail()`: the right side runs when the left one lets it. */
function shortCircuit(parent: Node, child: Node): Branch | null {
  const left = parent.childForFieldName('left')
  const right = parent.childForFieldName('right')
  if (left === null || right?.id !== child.id) return null
  const operator = parent.childForFieldName('operator')?.text ?? ''
  if (!/^(&&|\|\||and|or)$/.test(operator)) return null
  const negated = operator === '||' || operator === 'or'
  return { kind: 'short-circuit', statement: parent, condition: left, patterns: [], negated }
}

/** Conditionals before `child` in its block that leave the function: the nearest first. */
function earlyReturns(child: Node, language: Language): Branch[] {
  const found: Branch[] = []
  for (let before = child.previousNamedSibling; before !== null; before = before.previousNamedSibling) {
    const statement = unwrapped(before)
    if (!language.conditionals.has(statement.type) || statement.childForFieldName('alternative') !== null)
      continue
    const condition = conditionOf(statement)
    const body = statement.childForFieldName('consequence') ?? statement.childForFieldName('body')
    if (condition === null || body === null || !alwaysExits(body, language)) continue
    const negated = !language.negatedConditionals.has(statement.type)
    found.push({ kind: 'early-return', statement, condition, patterns: [], negated })
  }
  return found
}

const unwrapped = (node: Node): Node =>
  (node.type === 'expression_statement' ? onlyChild(node) : null) ?? node

/** Does control leave at the end of these statements? */
export function alwaysExits(body: Node, language: Language): boolean {
  let last: Node | null = body
  while (last !== null) {
    const statement: Node = unwrapped(last)
    if (language.exits.has(statement.type) || language.isRaise(statement)) return true
    const isSequence = language.blocks.has(statement.type) || /block|^then$|_clause$/.test(statement.type)
    last = isSequence ? (statement.namedChildren.findLast((each) => !each.isExtra) ?? null) : null
  }
  return false
}

function caseOf(clause: Node, child: Node, language: Language): Branch | null {
  if (isPattern(clause, child)) return null
  let whole = clause.parent
  while (whole !== null && !/switch_(statement|expression)$|^match|^case(_match)?$/.test(whole.type)) {
    if (language.functions.has(whole.type)) return null
    whole = whole.parent
  }
  // match_block is a part of the whole.
  if (whole?.type === 'match_block') whole = whole.parent
  if (whole === null) return null
  const subject = subjectOf(whole)
  const patterns = patternsOf(clause)
  const isDefault = patterns.length === 0
  if (subject === null) return tagless(clause, patterns)
  const shown = isDefault ? otherPatterns(whole, language) : patterns
  return { kind: 'case', statement: clause, condition: subject, patterns: shown, negated: isDefault }
}

/** Go's `switch { case rand.Intn(3) == 0: … }`. */
function tagless(clause: Node, patterns: readonly Node[]): Branch | null {
  const [condition] = patterns
  if (condition === undefined || patterns.length !== 1) return null
  return { kind: 'case', statement: clause, condition, patterns: [], negated: false }
}

function subjectOf(whole: Node): Node | null {
  const subject =
    whole.childForFieldName('subject') ??
    whole.childForFieldName('value') ??
    whole.childForFieldName('condition')
  if (subject !== null) return subject.type === 'parenthesized_expression' ? subject.firstNamedChild : subject
  // C#'s `x switch { … }` has its subject in front, without a field name.
  return whole.type === 'switch_expression' ? whole.firstNamedChild : null
}

const isPattern = (clause: Node, child: Node): boolean =>
  patternsOf(clause).some(
    (pattern) => pattern.startIndex >= child.startIndex && pattern.endIndex <= child.endIndex,
  )

/** The values of a clause; none for a default. */
function patternsOf(clause: Node): Node[] {
  const body = clause.childForFieldName('consequence') ?? clause.childForFieldName('body')
  const value = clause.childForFieldName('value')
  const labels = clause.namedChildren.filter(
    (child) =>
      /^(case_pattern|switch_label|pattern|match_pattern|constant_pattern|expression_list|match_condition_list)$/.test(
        child.type,
      ) ||
      (child.id === value?.id && /^(switch_case|case_statement|expression_case)$/.test(clause.type)),
  )
  return labels
    .filter((label) => label.id !== body?.id)
    .flatMap(alternatives)
    .filter((label) => label.text !== '_' && label.text !== 'default')
}

function alternatives(label: Node): Node[] {
  const inner = label.namedChildren.filter((child) => !child.isExtra)
  if (/^(union_pattern|or_pattern|expression_list|match_condition_list)$/.test(label.type)) {
    return inner.flatMap(alternatives)
  }
  const isWrapper = /^(case_pattern|switch_label|pattern|match_pattern|constant_pattern)$/.test(label.type)
  return isWrapper && inner.length > 0 ? inner.flatMap(alternatives) : [label]
}

function otherPatterns(whole: Node, language: Language): Node[] {
  return whole.descendantsOfType([...language.cases]).flatMap(patternsOf)
}

/** What chance has to do with a branch, and how often the line behind it runs. */
export function chanceOfBranch(branch: Branch, language: Language): Chance {
  const { condition } = branch
  if (condition === null) return { source: null, share: null }
  const chance =
    branch.patterns.length > 0
      ? chanceOfCase(condition, branch.patterns, language)
      : chanceOf(condition, language)
  if (chance.share === null || !branch.negated) return chance
  return { source: chance.source, share: 1 - chance.share }
}

/**
 * The guard to speak of: the innermost one that chance decides, else the innermost condition. Several that chance
 * decides multiply. An ordinary condition around it, or a loop, leaves the share open; an ordinary early return before
 * it does not, for such checks let nearly everything pass.
 */
export function guardOf(node: Node, language: Language, raises: boolean): Guard | null {
  const branches = branchesAround(node, language)
  const judged = branches.map((branch) => ({
    branch,
    chance: raisesItself(branch, language) ? noChance : chanceOfBranch(branch, language),
  }))
  const first = judged.find(({ chance }) => chance.source !== null)
  if (first === undefined) {
    // Where nothing is raised, an earlier check that let the line pass explains nothing.
    const plain = branches.find((branch) => raises || branch.kind !== 'early-return')
    return plain === undefined ? null : describe(plain, language)
  }
  const uncertain = judged.some(
    ({ branch, chance }) => chance.source === null && branch.kind !== 'early-return',
  )
  const shares = judged.flatMap(({ chance }) => (chance.source === null ? [] : [chance.share]))
  const share = uncertain || isRepeated(node, language) ? null : product(shares)
  return {
    ...describe(first.branch, language),
    kind: 'nondeterministic',
    chance: first.chance.source,
    predictedShare: share,
  }
}

const noChance: Chance = { source: null, share: null }

/** A random raise further up is another failure than this one. */
function raisesItself(branch: Branch, language: Language): boolean {
  if (branch.kind !== 'early-return') return false
  const body = branch.statement.childForFieldName('consequence') ?? branch.statement.childForFieldName('body')
  return body !== null && !alwaysExits(body, { ...language, isRaise: () => false })
}

function product(shares: readonly (number | null)[]): number | null {
  let total = 1
  for (const share of shares) {
    if (share === null) return null
    total *= share
  }
  // 1 − 0.7 is 0.30000000000000004; nobody wants to read that.
  return Number(total.toPrecision(12))
}

/** In a loop the condition is asked many times, so its share is not the request's. */
function isRepeated(node: Node, language: Language): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (language.loops.has(parent.type) || isIteration(parent, language)) return true
    if (language.functions.has(parent.type) && !isInlineCallback(parent)) return false
  }
  return false
}

const iterating =
  /(^|\W)(each|for_?each|map|flat_?map|filter|filter_map|select|reduce|times|every|some|array_map|array_walk|each_\w+)$/i

function isIteration(node: Node, language: Language): boolean {
  if (!language.functions.has(node.type)) return false
  const call = callTaking(node)
  return call !== null && iterating.test(calleeOf(call) ?? '')
}

function describe(branch: Branch, language: Language): Guard {
  const condition = branch.condition ?? branch.statement
  const text = oneLine(condition.text)
  const patterns = branch.patterns.map((pattern) => oneLine(pattern.text)).join(', ')
  const tested = patterns === '' ? text : `${text} is ${patterns}`
  return {
    kind: 'condition',
    text: branch.negated ? language.negate(tested) : tested,
    line: condition.startPosition.row + 1,
    chance: null,
    predictedShare: null,
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')
