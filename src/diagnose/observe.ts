import { nodeAt } from './explain-source.ts'
import type { ProposedFix } from './fix.ts'
import { frameworkOf } from './frameworks/all.ts'
import { familyOf, handlerFor, styleOf } from './handlers.ts'
import { languageOf } from './languages/all.ts'
import type { SourceExplanation } from './source-explanation.ts'
import { withTree } from './syntax.ts'

/**
 * What would have shown the failure sooner: one structured log line and one counter per failed request, and a health
 * check where the file has none, in the file's framework and with its names. Code without a patch, for it needs a
 * metrics library that only its owners can choose.
 */
export async function observe(
  text: string,
  explanation: SourceExplanation,
  exceptionType: string | null,
): Promise<ProposedFix | null> {
  const language = languageOf(explanation.file)
  if (language === null) return null
  const style = styleOf(text, exceptionType)
  return withTree(language.grammar, text, (root): ProposedFix | null => {
    const node = nodeAt(root, explanation.line, language)
    const place = node === null ? null : handlerFor(node, language)
    const framework = place === null ? null : frameworkOf(familyOf(language), text, place.handler)
    if (place === null || framework === null) return null
    return {
      kind: 'observe',
      title: `Count and log every failure of ${place.handler.route ?? place.handler.name}`,
      description: `A structured log line with \`http.route\` and \`error.type\`, and a counter to alert on. It belongs ${framework.place}.`,
      file: explanation.file,
      language: explanation.language,
      code: framework.observe(place.handler, style).join('\n'),
      patch: null,
    }
  })
}
