import type { Constant } from './distribution.ts'
import type { Node } from './syntax.ts'

/** The node types of all grammars by the part that they play in an expression; no two grammars disagree. */

export const transparent = new Set([
  'parenthesized_expression',
  'parenthesized_statements',
  'expression_list',
  'await_expression',
  'await',
  'switch_label',
  'case_pattern',
  'constant_pattern',
  'match_pattern',
  'pattern',
  'argument',
  'expression_statement',
  'arrow_expression_clause',
])
export const casts = new Set([
  'cast_expression',
  'type_conversion_expression',
  'type_cast_expression',
  'as_expression',
])
export const constants = new Set([
  'integer',
  'float',
  'number',
  'true',
  'false',
  'none',
  'null',
  'nil',
  'boolean',
  'string',
  'int_literal',
  'float_literal',
  'decimal_integer_literal',
  'decimal_floating_point_literal',
  'integer_literal',
  'real_literal',
  'boolean_literal',
  'string_literal',
  'interpreted_string_literal',
  'encapsed_string',
  'null_literal',
  'simple_symbol',
])
export const negations = new Set([
  'not_operator',
  'unary_expression',
  'unary',
  'unary_op_expression',
  'prefix_unary_expression',
])
export const binaries = new Set([
  'binary_expression',
  'boolean_operator',
  'comparison_operator',
  'binary',
  'binary_operator',
])
export const names = new Set([
  'identifier',
  'attribute',
  'member_expression',
  'field_access',
  'selector_expression',
  'variable_name',
  'constant',
  'member_access_expression',
  'field_expression',
  'scoped_identifier',
  'instance_variable',
  'class_variable',
  'global_variable',
  'class_constant_access_expression',
  'name',
  'scoped_property_access_expression',
])
export const calls = new Set([
  'call',
  'call_expression',
  'method_invocation',
  'invocation_expression',
  'function_call_expression',
  'member_call_expression',
  'scoped_call_expression',
])
export const subscripts = new Set([
  'subscript',
  'subscript_expression',
  'element_reference',
  'index_expression',
  'element_access_expression',
  'array_access',
])

export const lists = new Set(['list', 'tuple', 'array', 'set', 'array_literal', 'array_creation_expression'])

/** The value of a literal. */
export function constantOf(node: Node): Constant {
  const text = node.text
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (/^(none|null|nil)$/i.test(text)) return null
  const digits = text.replaceAll('_', '')
  // 10L, 0.5f, 3u64, 1.5m: a suffix says the type, not the value.
  const number = /^-?(0[xX][\da-fA-F]+|(\d+\.?\d*|\.\d+)(e-?\d+)?)/i.exec(digits)?.[0]
  if (number !== undefined && !/^['"`:]/.test(text)) return Number(number)
  return text.replace(/^[:'"`]+|['"`]+$/g, '')
}

export const operandsOf = (node: Node): Node[] => {
  const left = node.childForFieldName('left')
  const right = node.childForFieldName('right')
  return left !== null && right !== null
    ? [left, right]
    : node.namedChildren.filter((child) => !child.isExtra)
}

/** Everything between the operands: `<`, `is not`, `not in`. */
export function operatorAfter(left: Node): string {
  const between: string[] = []
  for (let next = left.nextSibling; next !== null && !next.isNamed; next = next.nextSibling)
    between.push(next.text)
  return between.join(' ').replaceAll(/[()]/g, '').trim()
}

/** The list may be the first argument or, in Ruby, the receiver; its elements are the choices. */
export function itemsToChoose(node: Node, given: readonly Node[]): readonly Node[] {
  const list = given[0] ?? node.childForFieldName('receiver')
  if (list === null || list === undefined) return []
  return lists.has(list.type) ? list.namedChildren.filter((child) => !child.isExtra) : [list]
}

/** `gen_range(0..10)` and `rand(1..6)` have a range for an argument. */
export function rangeEnds(given: readonly Node[]): readonly Node[] {
  return given.flatMap((argument) =>
    /^(range|range_expression)$/.test(argument.type) ? argument.namedChildren : [argument],
  )
}

/** Rust's `..=`, Ruby's `..` (its `...` leaves the end out). */
export function isInclusive(argument: Node): boolean {
  const mark = argument.children.find((child) => /^\.\.[.=<]?$/.test(child.type))?.type
  return argument.type === 'range' ? mark === '..' : mark === '..='
}
