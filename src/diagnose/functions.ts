import { languageOf } from './languages/all.ts'
import { calleeOf } from './languages/language.ts'
import type { Language } from './languages/language.ts'
import { withTree } from './syntax.ts'
import type { Node } from './syntax.ts'

/** A named function of a file, by the name that its language writes: `home`, `Cart.total`, `(*Server).serve`. */
export type FunctionRange = { readonly name: string; readonly startLine: number; readonly endLine: number }

/**
 * All named functions of `text`, outer before inner, lines from 1; empty where the language is unknown or the file too
 * large. `language` is a path or file name: its ending decides.
 */
export async function readFunctions(text: string, language: string): Promise<readonly FunctionRange[]> {
  const known = languageOf(language)
  if (known === null) return []
  const found = await withTree(known.grammar, text, (root) =>
    root.descendantsOfType([...known.functions]).flatMap((node) => {
      const name = functionName(node, known)
      return name === null ? [] : [{ name, ...linesOf(node) }]
    }),
  )
  return found ?? []
}

function linesOf(node: Node): { startLine: number; endLine: number } {
  return { startLine: declarationStart(node).startPosition.row + 1, endLine: node.endPosition.row + 1 }
}

/** Where a function begins with its decorators: around it in Python, before it in TypeScript, inside it elsewhere. */
export function declarationStart(node: Node): Node {
  if (node.parent?.type === 'decorated_definition') return node.parent
  let start = node
  while (start.previousNamedSibling?.type === 'decorator') start = start.previousNamedSibling
  return start
}

/** The innermost function with a name around a node; else the innermost anonymous one. */
export function enclosingFunction(node: Node, language: Language): Node | null {
  let anonymous: Node | null = null
  for (let at: Node | null = node; at !== null; at = at.parent) {
    if (!language.functions.has(at.type)) continue
    if (functionName(at, language) !== null || isEntryPoint(at)) return at
    anonymous ??= at
  }
  return anonymous
}

const registering =
  /(^|\W)(get|post|put|patch|delete|del|head|options|all|use|route|any|match|handle|(Map|map)(Get|Post|Put|Delete|Patch|Methods)?|HandleFunc|handleFunc|Handle|GET|POST|PUT|PATCH|DELETE|on|once|addEventListener|addListener|createServer|serve|listen|subscribe|consume|schedule|cron|setInterval|setTimeout|task|register|scope|it|test|describe|specify)$/

/** An anonymous function that a router or a queue calls later: what surrounds it has nothing to do with a request. */
export function isEntryPoint(node: Node): boolean {
  const call = callTaking(node)
  const callee = call === null ? null : calleeOf(call)
  return callee !== null && registering.test(callee) && hasLabel(call)
}

/** A route, a topic or an interval is named; `items.map(x => …)` names nothing. */
function hasLabel(call: Node | null): boolean {
  const first = call?.childForFieldName('arguments')?.firstNamedChild
  const label = first?.type === 'argument' ? first.firstNamedChild : first
  if (label === null || label === undefined) return false
  return (
    /string/.test(label.type) ||
    /(^|\W)(use|createServer|serve|set(Interval|Timeout))$/.test(
      (call === null ? null : calleeOf(call)) ?? '',
    )
  )
}

/** The call that an anonymous function is an argument or the block of. */
export function callTaking(node: Node): Node | null {
  let at = node.parent
  while (at !== null && /^(arguments?|argument_list)$/.test(at.type)) at = at.parent
  return at !== null && /call|invocation/.test(at.type) ? at : null
}

/** The name of a function as its language writes it; null for one that has none. */
export function functionName(node: Node, language: Language): string | null {
  const own = ownName(node)
  if (own === null) return null
  const owner = ownerOf(node, language)
  return owner === null ? own : `${owner}${memberMark(node, language)}${own}`
}

const memberMark = (node: Node, language: Language): string =>
  node.type === 'singleton_method' ? '.' : language.memberMark

function ownName(node: Node): string | null {
  // The name of a Java constructor in a trace; C# prints `.ctor`, which the class around it makes as plain.
  if (node.type === 'constructor_declaration')
    return node.childForFieldName('name') === null ? null : '<init>'
  const name = node.childForFieldName('name')
  if (name !== null) return name.text
  if (/^(do_block|block|lambda|static_initializer)$/.test(node.type)) return null
  const holder = node.parent
  if (holder === null) return null
  // const f = () => …, f = function …, { f: () => … }, field = async () => …
  const target =
    holder.childForFieldName('name') ??
    holder.childForFieldName('left') ??
    holder.childForFieldName('key') ??
    holder.childForFieldName('property') ??
    holder.childForFieldName('pattern')
  const isHolder = /declarator|assignment|^pair$|field_definition|let_declaration|property_element/.test(
    holder.type,
  )
  return isHolder && target !== null ? target.text.replace(/^\$|^(module\.)?exports\./, '') : null
}

/** The class, the receiver's type (Go) or the type of the impl (Rust). */
function ownerOf(node: Node, language: Language): string | null {
  const receiver = node.childForFieldName('receiver')
  if (receiver !== null) {
    const type = receiver
      .namedChild(0)
      ?.childForFieldName('type')
      ?.text.replace(/\[.*\]$/, '')
    return type === undefined ? null : type.startsWith('*') ? `(${type})` : type
  }
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    // A function inside a function goes by its own name alone.
    if (language.functions.has(parent.type) && ownName(parent) !== null) return null
    if (!language.classes.has(parent.type)) continue
    const named = parent.childForFieldName('name') ?? parent.childForFieldName('type')
    const name = named?.childForFieldName('type') ?? named
    if (name !== null && name !== undefined) return name.text
  }
  return null
}
