import type { Language } from './languages/language.ts'
import { countSyntaxErrors, withTree } from './syntax.ts'
import type { Node } from './syntax.ts'
import { edited, removal } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

/**
 * Removes what a removal left without use: a draw whose name nobody reads any more (`roll = random.random()`), and
 * in Go the imports that would not compile. Falls back to the text as it is where that does not parse.
 */
export async function removeLeftovers(before: string, after: string, language: Language): Promise<string> {
  const withoutDraws = await cleaned(after, language, (root) => unusedAssignments(before, after, root))
  return withoutUnusedImports(before, withoutDraws, language)
}

/** In Go an import that nothing uses any more does not compile; elsewhere it may stay. */
export async function withoutUnusedImports(
  before: string,
  after: string,
  language: Language,
): Promise<string> {
  return language.id === 'go' ? cleaned(after, language, (root) => unusedImports(before, after, root)) : after
}

async function cleaned(
  text: string,
  language: Language,
  find: (root: Node) => readonly TextEdit[],
): Promise<string> {
  const found = await withTree(language.grammar, text, (root) => ({
    edits: find(root),
    errors: countSyntaxErrors(root),
  }))
  if (found === null || found.edits.length === 0) return text
  const result = edited(text, found.edits)
  const errors = await withTree(language.grammar, result, countSyntaxErrors)
  return errors !== null && errors <= found.errors ? result : text
}

const uses = (text: string, name: string): number =>
  text.match(new RegExp(`(?<![\\w$])${name.replaceAll('$', String.raw`\$`)}(?![\\w$])`, 'g'))?.length ?? 0

const statements = [
  'expression_statement',
  'short_var_declaration',
  'lexical_declaration',
  'variable_declaration',
  'local_variable_declaration',
  'local_declaration_statement',
  'let_declaration',
  'assignment',
  'var_declaration',
]

/** Names that were read before and are only assigned now, once, from a call. */
function unusedAssignments(before: string, after: string, root: Node): TextEdit[] {
  return root
    .descendantsOfType(statements)
    .flatMap((statement) => {
      const name =
        /^(?:const|let|var|final|int|long|double|float|bool|boolean|[iu]\d+|auto)?\s*(?:mut\s+)?(\$?[a-zA-Z_]\w*)\s*(?::\s*\w+\s*)?(?::?=)(?!=)/.exec(
          statement.text,
        )?.[1]
      if (
        name === undefined ||
        !/rand|rng|next|sample|time|now|choice|uuid|gen_|urandom/i.test(statement.text)
      )
        return []
      if (uses(after, name) !== 1 || uses(before, name) < 2) return []
      const holder = statement.parent?.type === 'expression_statement' ? statement.parent : statement
      return [removal(after, holder.startIndex, holder.endIndex)]
    })
    .slice(0, 1)
}

function unusedImports(before: string, after: string, root: Node): TextEdit[] {
  const specs = root.descendantsOfType('import_spec')
  const unused = specs.filter((spec) => {
    const path = (spec.childForFieldName('path')?.text ?? '').replaceAll('"', '')
    const name =
      spec.childForFieldName('name')?.text ?? path.split('/').findLast((part) => !/^v\d+$/.test(part)) ?? ''
    if (name === '_' || name === '.' || name === '') return false
    const selector = new RegExp(`\\b${name}\\.`)
    return selector.test(withoutImports(before)) && !selector.test(withoutImports(after))
  })
  return unused.map((spec) => {
    const alone = spec.parent?.type === 'import_declaration' ? spec.parent : spec
    return removal(after, alone.startIndex, alone.endIndex)
  })
}

const withoutImports = (text: string): string =>
  text.replaceAll(/^\s*(?:import\s+)?(?:[\w.]+\s+)?"[^"\n]*"\s*$/gm, '')
