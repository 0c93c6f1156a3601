/** Where values come from; null where there is no such thing. */
export type Surroundings = {
  readonly variable: (name: string) => string | null
  readonly file: (path: string) => string | null
}

export type FilledIn = {
  readonly text: string
  /** What was asked for and is not there, in words. */
  readonly missing: readonly string[]
}

/** Without braces inside: the innermost first. */
const REFERENCE = /\$\{([^{}]*)\}/
/** Stands for a `${` that is meant as such: what is put in must not be looked at again. */
const LITERAL = '\u0000{'

/**
 * Replaces `${NAME}`, `${NAME:-otherwise}`, `${file:PATH}` and `${file:PATH#key}` (a field of a JSON file); one may
 * stand inside another. `$${` stays `${`.
 */
export function fillIn(text: string, surroundings: Surroundings): FilledIn {
  const missing: string[] = []
  let filled = text.replaceAll('$${', LITERAL)
  for (let found = REFERENCE.exec(filled); found !== null; found = REFERENCE.exec(filled)) {
    const [whole, reference = ''] = found
    const value = valueOf(reference, surroundings)
    if (value === null) missing.push(inWords(reference))
    filled = filled.replace(whole, () => (value ?? '').replaceAll('${', LITERAL))
  }
  return { text: filled.replaceAll(LITERAL, '${'), missing }
}

function valueOf(reference: string, { variable, file }: Surroundings): string | null {
  if (!reference.startsWith('file:')) {
    const [, name = '', , otherwise = null] = /^(.*?)(:-(.*))?$/s.exec(reference) ?? []
    return variable(name) ?? otherwise
  }
  const [path = '', key] = reference.slice('file:'.length).split('#')
  const content = file(path)
  return content === null || key === undefined ? content : fieldOf(content, key)
}

function fieldOf(content: string, key: string): string | null {
  try {
    const value = (JSON.parse(content) as Record<string, unknown>)[key]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  } catch {
    return null
  }
}

function inWords(reference: string): string {
  if (!reference.startsWith('file:')) return `the environment variable ${reference}`
  const [path = '', key] = reference.slice('file:'.length).split('#')
  return key === undefined ? `a file ${path} that can be read` : `a JSON file ${path} with "${key}"`
}
