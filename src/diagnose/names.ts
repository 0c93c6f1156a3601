import type { Language } from './languages/language.ts'
import type { Node } from './syntax.ts'

/** What a name of the source stands for: the value last assigned to it, a constant, a function of the same file. */

const assignments = [
  'assignment',
  'assignment_expression',
  'variable_declarator',
  'short_var_declaration',
  'var_spec',
  'const_spec',
  'let_declaration',
  'named_expression',
  'assignment_statement',
  'const_item',
  'static_item',
  'const_element',
  'property_element',
  'public_field_definition',
  'field_definition',
]

type Assignment = { readonly name: string; readonly value: Node; readonly node: Node }

/** Go's `a, b := f(), g()` has lists on both sides; everything else one of each. */
function assignmentsIn(node: Node): Assignment[] {
  return node.descendantsOfType(assignments).flatMap((found) => {
    const left =
      found.childForFieldName('left') ??
      found.childForFieldName('name') ??
      found.childForFieldName('pattern') ??
      found.childForFieldName('property') ??
      found.firstNamedChild
    const right = found.childForFieldName('right') ?? found.childForFieldName('value') ?? found.lastNamedChild
    if (left === null || right === null || left.id === right.id) return []
    const targets = left.type === 'expression_list' ? left.namedChildren : namesOf(found, left)
    const values = right.type === 'expression_list' ? right.namedChildren : [right]
    return targets.flatMap((target, index) => {
      const value = values[index]
      return value === undefined ? [] : [{ name: target.text, value, node: found }]
    })
  })
}

/** Go's `var a, b = 1, 2` has several names without a list around them. */
function namesOf(found: Node, left: Node): Node[] {
  return found.type === 'var_spec' || found.type === 'const_spec'
    ? found.childrenForFieldName('name')
    : [left]
}

/** The innermost named or anonymous function around a node. */
export function functionAround(node: Node, language: Language): Node | null {
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (language.functions.has(parent.type)) return parent
  }
  return null
}

export function topOf(node: Node): Node {
  let top = node
  for (let parent = node.parent; parent !== null; parent = parent.parent) top = parent
  return top
}

/** The value last assigned to this name before it is read, in the functions around it. */
export function assignedBefore(use: Node, language: Language): Node | null {
  const name = use.text
  for (let scope = functionAround(use, language); scope !== null; scope = functionAround(scope, language)) {
    const before = assignmentsIn(scope).filter(
      (each) => each.name === name && each.value.endIndex <= use.startIndex,
    )
    const last = before.at(-1)
    if (last !== undefined) return last.value
  }
  return null
}

/** `FAILURE_RATE`, `self.rate`, `Config.RATE`: assigned once in the file, so it is as good as a constant. */
export function constantNamed(use: Node): Node | null {
  const last = lastWord(use.text)
  const all = assignmentsIn(topOf(use)).filter((each) => lastWord(each.name) === last)
  return all.length === 1 ? (all[0]?.value ?? null) : null
}

const lastWord = (text: string): string => /[\w$]+$/.exec(text)?.[0] ?? text

export function functionNamed(from: Node, name: string, language: Language): Node | null {
  const found = topOf(from)
    .descendantsOfType([...language.functions])
    .filter((each) => each.childForFieldName('name')?.text === name)
  return found.length === 1 ? (found[0] ?? null) : null
}

/** The value that a function returns, where it has one statement that matters: a return, or an expression. */
export function onlyReturn(node: Node, language: Language): Node | null {
  const body = node.childForFieldName('body')
  if (body === null) return null
  // The keyword is a node of type `return` too, where the statement has another name.
  const returns = body
    .descendantsOfType(['return_statement', 'return', 'return_expression'])
    .filter((each) => each.isNamed)
  if (returns.length === 1) return returns[0]?.firstNamedChild ?? null
  if (returns.length > 1) return null
  let last: Node | null = body
  while (last !== null && language.blocks.has(last.type)) last = last.lastNamedChild
  return last
}
