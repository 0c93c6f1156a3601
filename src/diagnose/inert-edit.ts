import { withoutComment } from './code-words.ts'
import type { FunctionEdit } from './function-edits.ts'

const REPORTS =
  /^(?:await\s+)?(?:[\w$]+[.:>-]+)*(?:log\w*|debug|info|warn\w*|error|trace|print\w*|puts|console|mark|measure|count|increment|observe|record|histogram|gauge|span|metrics?|stats\w*)(?:[.:>-]+[\w$]+)*[!(\s]/i
const DECLARES = /^(?:import\b|from\s.+\simport\b|use\s|using\s.*;$|require\b|@\w|["']{3}|[)\]}]+[;,]?$)/

/**
 * Does the edit only add lines that report what happens (a log line, a counter) or that nothing else can notice (an
 * import, a comment)? Such a line may fail itself, but it does not make another one fail.
 */
export function isInert(edit: FunctionEdit): boolean {
  if (edit.removed.some(({ text }) => withoutComment(text).trim() !== '')) return false
  const code = edit.added.map(({ text }) => withoutComment(text).trim()).filter((text) => text !== '')
  return code.every((text) => REPORTS.test(text) || DECLARES.test(text))
}

/** A function that was not there before: only who calls it can feel it. */
export function isNewFunction(edit: FunctionEdit): boolean {
  return edit.name !== '' && edit.before === null && edit.after !== null && edit.removed.length === 0
}

/** Code outside functions that only brings new names: constants, exports, tables of their own. */
export function addsNamesOnly(edit: FunctionEdit): boolean {
  if (edit.name !== '' || edit.removed.length > 0) return false
  const code = edit.added.map(({ text }) => withoutComment(text)).filter((text) => text.trim() !== '')
  return (
    code.length > 0 && /^(?:export\s|const\s|let\s|var\s|[A-Za-z_]\w*\s*(?::[^=]+)?=[^=])/.test(code[0] ?? '')
  )
}
