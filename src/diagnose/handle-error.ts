import { nodeAt } from './explain-source.ts'
import type { ProposedFix } from './fix.ts'
import { frameworkOf } from './frameworks/all.ts'
import type { FileStyle, Framework } from './frameworks/framework.ts'
import { callTaking, isEntryPoint } from './functions.ts'
import { familyOf, handlerFor, styleOf } from './handlers.ts'
import type { HandlerPlace } from './handlers.ts'
import { languageOf } from './languages/all.ts'
import type { Language } from './languages/language.ts'
import { missingImports } from './missing-imports.ts'
import type { SourceExplanation } from './source-explanation.ts'
import { countSyntaxErrors, withTree } from './syntax.ts'
import type { Node } from './syntax.ts'
import { edited } from './text-edit.ts'
import { unifiedPatch } from './unified-patch.ts'
import { wrapped } from './wrap-handler.ts'

type Draft = { readonly after: string; readonly place: HandlerPlaceWords; readonly errors: number }
type HandlerPlaceWords = {
  readonly name: string
  readonly line: number
  readonly answersRequests: boolean
  readonly framework: string
}

/**
 * The failing request's handler with its error caught, logged and answered with a 500, in the style of the framework
 * and of the file. A function that no framework calls logs and passes the error on. Null where there is no function.
 */
export async function handleError(
  text: string,
  explanation: SourceExplanation,
  exceptionType: string | null,
): Promise<ProposedFix | null> {
  const language = languageOf(explanation.file)
  if (language === null) return null
  const style = styleOf(text, exceptionType)
  const draft = await withTree(language.grammar, text, (root) =>
    draftOf(root, explanation.line, { language, style }),
  )
  if (draft === null) return null
  const { after, place, errors } = draft
  const read = await withTree(language.grammar, after, (root) => ({
    errors: countSyntaxErrors(root),
    code: handlerText(root, place.name, language),
  }))
  const parses = read !== null && read.errors <= errors
  return {
    kind: 'handle-error',
    title: place.answersRequests
      ? `Answer with an error page when ${place.name} fails`
      : `Log why ${place.name} fails`,
    description: place.answersRequests
      ? `Catches what ${place.name} raises, logs it with its trace, and answers 500 as ${place.framework} does. Requests still fail, but in order; the cause stays.`
      : `Logs the error where it happens and passes it on: only the callers of ${place.name} know what to answer.`,
    file: explanation.file,
    language: explanation.language,
    code: read?.code ?? after,
    patch: parses ? unifiedPatch(explanation.file, text, after) : null,
  }
}

type Context = { readonly language: Language; readonly style: FileStyle }

function draftOf(root: Node, line: number, { language, style }: Context): Draft | null {
  const node = nodeAt(root, line, language)
  const place = node === null ? null : handlerFor(node, language)
  if (node === null || place === null) return null
  const framework = frameworkOf(familyOf(language), style.text, place.handler)
  const edits = framework === null ? null : wrapped({ place, failing: node, framework, style, language })
  if (framework === null || edits === null) return null
  const added = edits.map((edit) => edit.text).join('\n')
  return {
    after: edited(style.text, [...edits, ...missingImports(style.text, added, language)]),
    place: wordsOf(place, framework),
    errors: countSyntaxErrors(root),
  }
}

function wordsOf(place: HandlerPlace, framework: Framework): HandlerPlaceWords {
  return {
    name: place.handler.name,
    line: place.node.startPosition.row,
    answersRequests: place.answersRequests,
    framework: framework.name,
  }
}

/** The rewritten function; found again by its name or route, for its lines have moved. */
function handlerText(root: Node, name: string, language: Language): string | null {
  for (const node of root.descendantsOfType([...language.functions])) {
    const place = handlerFor(node.childForFieldName('body') ?? node, language)
    if (place?.handler.name === name)
      return dedented(shown(place.node, place.handler.text), place.node.startPosition.column)
  }
  return null
}

/** A callback is shown with the call that registers it: `app.get('/', (req, res) => …)`. */
function shown(node: Node, text: string): string {
  const call = isEntryPoint(node) ? callTaking(node) : null
  return call?.text ?? text
}

/** The text of a node begins behind its indentation; the lines after it do not. */
function dedented(text: string, column: number): string {
  const lines = text.split(/\r?\n/)
  const indents = lines
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0)
  const cut = Math.min(column, ...indents)
  return [lines[0] ?? '', ...lines.slice(1).map((line) => line.slice(Math.min(cut, line.length)))].join('\n')
}
