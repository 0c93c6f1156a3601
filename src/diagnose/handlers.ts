import { isHandlerOf } from './frameworks/all.ts'
import type { FileStyle, Handler } from './frameworks/framework.ts'
import { callTaking, declarationStart, enclosingFunction, functionName } from './functions.ts'
import { calleeOf } from './languages/language.ts'
import type { Language } from './languages/language.ts'
import { calls } from './expression-nodes.ts'
import { topOf } from './names.ts'
import { wholeText } from './syntax.ts'
import type { Node } from './syntax.ts'

/** TypeScript is written like JavaScript. */
export const familyOf = (language: Language): string =>
  language.id === 'typescript' ? 'javascript' : language.id

/** The function to put error handling into: the handler of the request that the failing line is part of. */
export type HandlerPlace = {
  readonly node: Node
  readonly handler: Handler
  /** Does a framework call it? Else it is the failing function itself, and only its callers know what to answer. */
  readonly answersRequests: boolean
}

const MAX_CALLERS = 3

/** The failing function when it answers requests; else the one in this file that calls it and does; else itself. */
export function handlerFor(node: Node, language: Language): HandlerPlace | null {
  const own = enclosingFunction(node, language)
  if (own === null) return null
  const text = wholeText(topOf(node))
  let at: Node | null = own
  for (let step = 0; at !== null && step <= MAX_CALLERS; step += 1) {
    const handler = describeHandler(at, language)
    if (isHandlerOf(familyOf(language), text, handler)) return { node: at, handler, answersRequests: true }
    at = callerOf(at, language)
  }
  return { node: own, handler: describeHandler(own, language), answersRequests: false }
}

function callerOf(node: Node, language: Language): Node | null {
  const name = node.childForFieldName('name')?.text
  if (name === undefined) return null
  const call = topOf(node)
    .descendantsOfType([...calls])
    .find((each) => /[\w?!]+$/.exec(calleeOf(each) ?? '')?.[0] === name)
  const caller = call === undefined ? null : enclosingFunction(call, language)
  return caller?.id === node.id ? null : caller
}

function describeHandler(node: Node, language: Language): Handler {
  const start = declarationStart(node).startIndex
  const text = wholeText(topOf(node)).slice(start, node.endIndex)
  const route = routeOf(node, text.slice(0, (node.childForFieldName('body')?.startIndex ?? start) - start))
  const list = node.childForFieldName('parameters') ?? node.childForFieldName('parameter')
  const returns =
    node.childForFieldName('return_type') ??
    node.childForFieldName('returns') ??
    node.childForFieldName('type')
  return {
    name: functionName(node, language) ?? route ?? 'handler',
    route,
    parameters: list === null ? [] : parameterNames(list),
    returnType: returns?.text.replace(/^(->|:)\s*/, '') ?? null,
    isAsync: /^[\w\s@()'"/,.=[\]<>:{}]*\basync\b/.test(text.slice(0, 200).split('\n').slice(0, 3).join(' ')),
    text,
  }
}

function parameterNames(list: Node): string[] {
  if (list.type === 'identifier') return [list.text]
  return list.namedChildren
    .filter((child) => !child.isExtra)
    .map((child) => (child.childForFieldName('name') ?? child.childForFieldName('pattern') ?? child).text)
}

const methodWord = /(?:^|\W)(get|post|put|patch|delete)(?:mapping)?$/i

/** From the decorator or annotation, from the call that registers it, or from where its name is registered. */
function routeOf(node: Node, head: string): string | null {
  const decorated = /[@[#]\[?([\w.]+)\(\s*(?:value\s*=\s*|path\s*=\s*)?["'](\/[^"']*)["']/.exec(head)
  if (decorated !== null) return withMethod(decorated[1] ?? '', decorated[2] ?? '')
  const call = callTaking(node)
  const label = call?.childForFieldName('arguments')?.firstNamedChild?.text.replaceAll(/^['"`]|['"`]$/g, '')
  if (call !== null && label?.startsWith('/') === true) return withMethod(calleeOf(call) ?? '', label)
  const name = node.childForFieldName('name')?.text
  const registered = new RegExp(
    String.raw`([\w.]+)\(\s*["'\`](\/[^"'\`]*)["'\`]\s*,[^\n]*\b${name ?? '\\0'}\b`,
  ).exec(wholeText(topOf(node)))
  return registered === null ? null : withMethod(registered[1] ?? '', registered[2] ?? '')
}

function withMethod(callee: string, path: string): string {
  const method = methodWord.exec(callee)?.[1]
  return method === undefined ? path : `${method.toUpperCase()} ${path}`
}

/** How the file is written, so that what is added looks like it. */
export function styleOf(text: string, exceptionType: string | null): FileStyle {
  const singles = text.match(/'/g)?.length ?? 0
  const doubles = text.match(/"/g)?.length ?? 0
  const codeLines = text.split(/\r?\n/).filter((line) => /[\w)\]'"`]\s*;?$/.test(line))
  const ended = codeLines.filter((line) => line.trimEnd().endsWith(';')).length
  const unit = /^(\t| {2,8})(?=\S)/m.exec(text.replaceAll(/^ \*.*$/gm, ''))?.[1] ?? '  '
  return {
    text,
    unit,
    quote: singles > doubles ? "'" : '"',
    end: ended > 0 && ended * 4 >= codeLines.length ? ';' : '',
    exceptionType: exceptionType === null ? null : (/\w+$/.exec(exceptionType)?.[0] ?? null),
  }
}
