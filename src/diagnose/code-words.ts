const LANGUAGE_WORDS = new Set(
  `abstract and any as assert async await bool boolean break byte case catch char class const continue cls debugger def
  default defer del delete do double elif else end enum err error except exception export extends extern false final
  finally float fn for foreach from func function go if implements import in include instanceof int interface internal
  is lambda let list long map match mod module mut namespace new nil none not null number object of or override package
  pass private protected pub public raise range readonly require rescue result return self short static str string
  struct super switch then this throw throws true try type typeof undefined unless unsafe until use using val value var
  void when where while with yield len print args kwargs dict set tuple`.split(/\s+/),
)

/** The names in a piece of code: identifiers without the languages' own words. */
export function namesIn(code: string): string[] {
  const names = code.match(/[A-Za-z_$][\w$]*/g) ?? []
  return names.filter(
    (name) => name.length > 1 && !LANGUAGE_WORDS.has(name) && !LANGUAGE_WORDS.has(name.toLowerCase()),
  )
}

/** The names that a piece of code calls. */
export function callsIn(code: string): string[] {
  const calls = [...code.matchAll(/([A-Za-z_$][\w$]*[?!]?)\s*(?:<[\w<>, ]*>)?\(/g)].map(
    (call) => call[1] ?? '',
  )
  return calls.filter((name) => !LANGUAGE_WORDS.has(name))
}

/** A line of code without its comment; strings stay. Wrong only where a string holds a comment mark. */
export function withoutComment(line: string): string {
  if (/^\s*(?:\/\/|#(?!\[)|\*|\/\*|--\s|<!--|;;)/.test(line)) return ''
  return line.replace(/\s(?:\/\/|#(?!\[))\s.*$/, '').replace(/\/\*.*?\*\//g, ' ')
}

/** Code as its tokens alone: no spaces, comments, optional commas or kinds of quotes. */
export function squashed(lines: readonly string[]): string {
  return lines
    .map(withoutComment)
    .join('')
    .replace(/\s+/g, '')
    .replace(/["'`]/g, '"')
    .replace(/,([)\]}])/g, '$1')
    .replace(/;/g, '')
}

/** The string literals of a line. */
export function literalsIn(code: string): string[] {
  return [...code.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(
    (literal) => literal[1] ?? literal[2] ?? literal[3] ?? '',
  )
}

/** 0–1: how alike two lines are, by their tokens. */
export function likeness(a: string, b: string): number {
  const left = tokens(a)
  const right = tokens(b)
  if (left.length === 0 && right.length === 0) return 1
  const rest = new Map<string, number>()
  for (const token of left) rest.set(token, (rest.get(token) ?? 0) + 1)
  let shared = 0
  for (const token of right) {
    const count = rest.get(token) ?? 0
    if (count === 0) continue
    rest.set(token, count - 1)
    shared++
  }
  return (2 * shared) / (left.length + right.length)
}

function tokens(line: string): string[] {
  return line.match(/[A-Za-z_$][\w$]*|\d+|[^\s\w]/g) ?? []
}
