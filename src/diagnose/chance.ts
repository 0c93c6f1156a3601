import type { Constant, Distribution, Draw } from './distribution.ts'
import { calculated, compare, drawn, floored, shareOfComparison, shareOfTruth } from './distribution.ts'
import { calleeOf } from './languages/language.ts'
import {
  binaries,
  calls,
  casts,
  constantOf,
  constants,
  isInclusive,
  itemsToChoose,
  lists,
  names,
  negations,
  operandsOf,
  operatorAfter,
  rangeEnds,
  subscripts,
  transparent,
} from './expression-nodes.ts'
import type { Language } from './languages/language.ts'
import { assignedBefore, constantNamed, functionNamed, onlyReturn } from './names.ts'
import type { Node } from './syntax.ts'

/** Whether chance decides an expression, and how often it comes out true. */
export type Chance = {
  /** The call that brings chance or time in, as written; null where there is none. */
  readonly source: string | null
  readonly share: number | null
}

type Value =
  | { readonly kind: 'constant'; readonly value: Constant }
  | { readonly kind: 'draw'; readonly source: string; readonly distribution: Distribution }
  /** A condition that chance takes part in. */
  | { readonly kind: 'truth'; readonly source: string; readonly share: number | null }
  | { readonly kind: 'other' }

type Context = {
  readonly language: Language
  readonly aliases: ReadonlyMap<string, string>
  /** How many names and local functions were followed so far. */
  readonly depth: number
}

const other: Value = { kind: 'other' }
const MAX_DEPTH = 4

/** How chance decides `condition`: `random.random() < 0.3` → 0.3, through names assigned just before. */
export function chanceOf(condition: Node, language: Language): Chance {
  const aliases = language.importAliases(root(condition).text)
  const context: Context = { language, aliases, depth: 0 }
  const chance = truthOf(evaluate(condition, context))
  return chance.source === null ? { source: sourceWithin(condition, context), share: null } : chance
}

/** Chance somewhere inside an expression that is not understood: `is_lucky(random.random())`. */
function sourceWithin(node: Node, context: Context): string | null {
  for (const call of node.descendantsOfType([...calls])) {
    const value = drawFrom(call, context)
    if (value?.kind === 'draw' && value.distribution.kind !== 'unknown') return sourceOf(value)
  }
  return null
}

/** How often `subject` is one of `patterns`, for a switch or a match. */
export function chanceOfCase(subject: Node, patterns: readonly Node[], language: Language): Chance {
  const context: Context = { language, aliases: language.importAliases(root(subject).text), depth: 0 }
  const value = evaluate(subject, context)
  if (value.kind !== 'draw') return truthOf(value)
  const shares = patterns.map((pattern) => {
    const constant = evaluate(pattern, context)
    return constant.kind === 'constant' ? shareOfComparison(value.distribution, '==', constant.value) : null
  })
  return { source: value.source, share: sum(shares) }
}

function sum(shares: readonly (number | null)[]): number | null {
  let total = 0
  for (const share of shares) {
    if (share === null) return null
    total += share
  }
  return shares.length === 0 ? null : total
}

function root(node: Node): Node {
  let top = node
  for (let parent = node.parent; parent !== null; parent = parent.parent) top = parent
  return top
}

function truthOf(value: Value): Chance {
  if (value.kind === 'truth') return { source: value.source, share: value.share }
  if (value.kind !== 'draw' || value.distribution.kind === 'clock') return { source: null, share: null }
  return { source: value.source, share: shareOfTruth(value.distribution) }
}

function evaluate(node: Node, context: Context): Value {
  const type = node.type
  if (transparent.has(type)) {
    const inner = node.namedChildren.findLast((child) => !child.isExtra && child.type !== 'type_identifier')
    return inner === undefined ? other : evaluate(inner, context)
  }
  if (casts.has(type)) return cast(node, context)
  if (constants.has(type)) return { kind: 'constant', value: constantOf(node) }
  if (negations.has(type)) return negation(node, context)
  if (binaries.has(type)) return binary(node, context)
  if (type === 'named_expression') return evaluateField(node, 'value', context)
  const call = drawFrom(node, context) ?? wrapped(node, context)
  if (call !== null) return call
  if (names.has(type)) return valueOfName(node, context)
  if (calls.has(type)) return valueOfLocalFunction(node, context)
  return subscripts.has(type) ? element(node, context) : other
}

function evaluateField(node: Node, field: string, context: Context): Value {
  const child = node.childForFieldName(field)
  return child === null ? other : evaluate(child, context)
}

/** `os.urandom(1)[0]`, `random.choices(…)[0]`; or a list with a random index: `[true, false][randomInt(2)]`. */
function element(node: Node, context: Context): Value {
  const [list, index] = node.namedChildren
  if (list === undefined) return other
  const at = index === undefined ? other : evaluate(index, context)
  if (at.kind !== 'draw') return evaluate(list, context)
  if (!lists.has(list.type)) return { ...at, distribution: { kind: 'unknown' } }
  const values = list.namedChildren.map((item) => {
    const value = evaluate(item, context)
    return value.kind === 'constant' ? value.value : undefined
  })
  return { ...at, distribution: { kind: 'choices', values } }
}

/** `(int) x`, `int(x)` in Go, `x as usize`: a cast to an integer cuts. */
function cast(node: Node, context: Context): Value {
  // TypeScript has `value as type`, without field names.
  const operand = node.childForFieldName('value') ?? node.childForFieldName('operand')
  const type = node.childForFieldName('type') ?? (operand === null ? node.lastNamedChild : null)
  const value = operand ?? node.firstNamedChild
  if (value === null) return other
  const found = evaluate(value, context)
  return /\b(int|long|i32|i64|u\d+|usize|short|byte)\b/i.test(type?.text ?? '') ? cut(found) : found
}

function cut(value: Value): Value {
  if (value.kind === 'constant' && typeof value.value === 'number') {
    return { kind: 'constant', value: Math.trunc(value.value) }
  }
  return value.kind === 'draw' ? { ...value, distribution: floored(value.distribution) } : value
}

function negation(node: Node, context: Context): Value {
  const operand =
    node.childForFieldName('argument') ?? node.childForFieldName('operand') ?? node.lastNamedChild
  if (operand === null) return other
  const value = evaluate(operand, context)
  const operator = node.firstChild?.text ?? ''
  if (operator === '-') {
    return value.kind === 'constant' && typeof value.value === 'number'
      ? { kind: 'constant', value: -value.value }
      : other
  }
  if (operator !== '!' && operator !== 'not') return other
  if (value.kind === 'constant') return { kind: 'constant', value: !value.value }
  const { source, share } = truthOf(value)
  return source === null ? other : { kind: 'truth', source, share: share === null ? null : 1 - share }
}

function binary(node: Node, context: Context): Value {
  const operands = operandsOf(node)
  if (operands.length !== 2 || operands[0] === undefined || operands[1] === undefined) {
    return between(operands, context)
  }
  const operator = operatorAfter(operands[0])
  const left = evaluate(operands[0], context)
  const right = operator === 'in' || operator === 'not in' ? other : evaluate(operands[1], context)
  if (/^(and|&&|or|\|\|)$/.test(operator))
    return combined(left, right, operator === 'and' || operator === '&&')
  if (operator === 'in' || operator === 'not in') return membership(left, operands[1], { operator, context })
  if (left.kind === 'constant' && right.kind === 'constant')
    return computed(left.value, operator, right.value)
  if (left.kind === 'draw' && right.kind === 'constant') return applied(left, operator, right.value)
  if (right.kind === 'draw' && left.kind === 'constant') return applied(right, mirrored(operator), left.value)
  const source = sourceOf(left) ?? sourceOf(right)
  return source === null ? other : { kind: 'truth', source, share: null }
}

/** Python's `0.2 < random.random() < 0.4`. */
function between(operands: readonly Node[], context: Context): Value {
  for (const operand of operands) {
    const source = sourceOf(evaluate(operand, context))
    if (source !== null) return { kind: 'truth', source, share: null }
  }
  return other
}

function sourceOf(value: Value): string | null {
  if (value.kind === 'truth') return value.source
  // A clock that is only compared is a deadline, not chance.
  return value.kind === 'draw' && value.distribution.kind !== 'clock' ? value.source : null
}

/** Both sides count as independent: 0.5 and 0.5 is 0.25. An ordinary side leaves the share open. */
function combined(left: Value, right: Value, both: boolean): Value {
  const [a, b] = [truthOf(left), truthOf(right)]
  const source = a.source ?? b.source
  if (source === null) return other
  const [first, second] = [shareIn(left, a), shareIn(right, b)]
  if (first === null || second === null) return { kind: 'truth', source, share: null }
  return { kind: 'truth', source, share: both ? first * second : first + second - first * second }
}

const shareIn = (value: Value, chance: Chance): number | null =>
  value.kind === 'constant' ? Number(Boolean(value.value)) : chance.share

function membership(left: Value, list: Node, how: { operator: string; context: Context }): Value {
  const source = sourceOf(left)
  if (left.kind !== 'draw' || source === null) return other
  const shares = list.namedChildren.map((item) => {
    const value = evaluate(item, how.context)
    return value.kind === 'constant' ? shareOfComparison(left.distribution, '==', value.value) : null
  })
  const share = sum(shares)
  return { kind: 'truth', source, share: share === null || how.operator === 'in' ? share : 1 - share }
}

function computed(left: Constant, operator: string, right: Constant): Value {
  const truth = compare(left, operator, right)
  if (truth !== null) return { kind: 'constant', value: truth }
  if (typeof left !== 'number' || typeof right !== 'number') return other
  if (operator === '+') return { kind: 'constant', value: left + right }
  if (operator === '-') return { kind: 'constant', value: left - right }
  if (operator === '*') return { kind: 'constant', value: left * right }
  return operator === '/' && right !== 0 ? { kind: 'constant', value: left / right } : other
}

const mirrors: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }
const mirrored = (operator: string): string => mirrors[operator] ?? operator

function applied(draw: Value & { kind: 'draw' }, operator: string, constant: Constant): Value {
  if (/^[-+*/%]$/.test(operator) && typeof constant === 'number') {
    return { ...draw, distribution: calculated(draw.distribution, operator, constant) }
  }
  // Bits of an integer: `x & 1` is as even as `x % 2`.
  if (operator === '&' && constant === 1)
    return { ...draw, distribution: calculated(draw.distribution, '%', 2) }
  if (draw.distribution.kind === 'clock') return other
  return {
    kind: 'truth',
    source: draw.source,
    share: shareOfComparison(draw.distribution, operator, constant),
  }
}

/** A call (or a property such as `DateTime.Now.Second`) that the language lists as a source of chance. */
function drawFrom(node: Node, context: Context): Value | null {
  const isCall = calls.has(node.type)
  if (!isCall && node.type !== 'identifier' && !names.has(node.type)) return null
  const written = isCall ? calleeOf(node) : node.type === 'identifier' ? null : node.text
  // Ruby calls without parentheses: a bare `rand` is a name to the grammar.
  const callee = written ?? (node.text === 'rand' ? node.text : null)
  if (callee === null) return null
  const resolved = withoutAlias(callee, context.aliases)
  const source = context.language.chances.find((chance) => chance.callee.test(resolved))
  if (source === undefined) return null
  const given = isCall ? argumentsOf(node, source.draws, context) : []
  const distribution = weighted(drawn(source.draws, given), node, context)
  return { kind: 'draw', source: node.text, distribution }
}

/** `random.choices([True, False], weights=[3, 7])`. Weights that are not constants leave the share open. */
function weighted(distribution: Distribution, call: Node, context: Context): Distribution {
  if (distribution.kind !== 'choices') return distribution
  const keyword = call
    .childForFieldName('arguments')
    ?.namedChildren.find((child) => /^(weights|p)\s*=/.test(child.text))
    ?.childForFieldName('value')
  if (keyword === null || keyword === undefined) return distribution
  const weights = keyword.namedChildren.map((item) => {
    const value = evaluate(item, context)
    return value.kind === 'constant' && typeof value.value === 'number' ? value.value : Number.NaN
  })
  const known = weights.length === distribution.values.length && !weights.some(Number.isNaN)
  return known ? { ...distribution, weights } : { kind: 'unknown' }
}

function withoutAlias(callee: string, aliases: ReadonlyMap<string, string>): string {
  const head = /^[\w$]+/.exec(callee)?.[0] ?? ''
  const original = aliases.get(head)
  return original === undefined ? callee : original + callee.slice(head.length)
}

function argumentsOf(node: Node, draw: Draw, context: Context): (Constant | undefined)[] {
  const given = node.childForFieldName('arguments')?.namedChildren.filter((child) => !child.isExtra) ?? []
  const items = draw === 'choice' ? itemsToChoose(node, given) : rangeEnds(given)
  const inclusive = given.some(
    (argument) => /^[^.]*\.\.(=|[^.=<]*$)/.test(argument.text) && isInclusive(argument),
  )
  return items.map((item, index) => {
    const value = evaluate(item, context)
    if (value.kind !== 'constant') return undefined
    const isLast = inclusive && index === items.length - 1
    return isLast && typeof value.value === 'number' ? value.value + 1 : value.value
  })
}

/** A function that hands a number on: `int(x)`, `Math.floor(x)`, `x.floor`, `roll.zero?`. */
function wrapped(node: Node, context: Context): Value | null {
  if (!calls.has(node.type)) return null
  const callee = calleeOf(node) ?? ''
  if (
    /^(int|intval|Math\.(floor|trunc)|math\.(floor|trunc)|floor|Number|float|abs|int64|Integer|Boolean|bool)$/.test(
      callee,
    )
  ) {
    const argument = node.childForFieldName('arguments')?.firstNamedChild
    if (argument === null || argument === undefined) return null
    const value = evaluate(argument, context)
    return /^(float|Number|abs|Boolean|bool)$/.test(callee) ? value : cut(value)
  }
  const receiver = node.childForFieldName('receiver')
  if (receiver === null) return null
  const method = node.childForFieldName('method')?.text ?? ''
  if (method === 'floor' || method === 'to_i') return cut(evaluate(receiver, context))
  const test = { 'zero?': '==', 'positive?': '>', 'even?': '==' }[method]
  const value = test === undefined ? other : evaluate(receiver, context)
  if (test === undefined || value.kind !== 'draw') return null
  const tested = method === 'even?' ? applied(value, '%', 2) : value
  return tested.kind === 'draw' ? applied(tested, test, 0) : null
}

/** A name stands for what was last assigned to it in the function, else for a constant of the file. */
function valueOfName(node: Node, context: Context): Value {
  if (context.depth >= MAX_DEPTH) return other
  const deeper = { ...context, depth: context.depth + 1 }
  const assigned = assignedBefore(node, context.language)
  if (assigned !== null) return evaluate(assigned, deeper)
  const constant = constantNamed(node)
  if (constant === null) return other
  const value = evaluate(constant, deeper)
  return value.kind === 'constant' ? value : other
}

/** `if should_fail():` where this file says `def should_fail(): return random.random() < 0.3`. */
function valueOfLocalFunction(node: Node, context: Context): Value {
  if (context.depth >= MAX_DEPTH) return other
  const callee = /[\w?!]+$/.exec(calleeOf(node) ?? '')?.[0]
  const named = callee === undefined ? null : functionNamed(node, callee, context.language)
  const returned = named === null ? null : onlyReturn(named, context.language)
  return returned === null ? other : evaluate(returned, { ...context, depth: context.depth + 1 })
}
