/** One function of a file; lines count from 1, both ends included. */
export type OutlinedFunction = {
  readonly name: string
  /** The class, struct or module that it is of, or null. */
  readonly owner: string | null
  readonly from: number
  readonly to: number
  readonly indent: number
}

const KEYWORDS =
  /^(if|else|for|foreach|while|do|switch|case|catch|return|throw|new|await|with|using|lock|synchronized|try|typeof|function|super|this|elif|except|sizeof|when|match|unless|until|yield|assert|func|def|fn|fun|lambda|not|and|or|in|go|defer|select)$/

// By its own keyword a function is known in any language.
const NAMED =
  /^\s*(?:(?:export|default|public|private|protected|internal|static|async|pub(?:\([^)]*\))?|override|open|suspend|inline|unsafe|const|final|abstract|virtual)\s+)*(?:def\s+(?:self\.)?|fn\s+|fun\s+(?:<[^>]*>\s*)?(?:[\w.]+\.)?|func\s+(?:\([^)]*\)\s*)?|function\s*\*?\s*&?)([A-Za-z_$][\w$]*[?!]?)/
const ASSIGNED =
  /^\s*(?:export\s+)?(?:const|let|var|[\w$.]*\.)?\s*([A-Za-z_$][\w$]*)\s*[:=]\s*(?:async\s*)?(?:function\b|\([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?::[^=]+)?=>|[A-Za-z_$][\w$]*\s*=>)/
// A function expression's own name is the one that traces show: exports.find = function findOrder() {
const OWN_NAME = /[:=]\s*(?:async\s+)?function\s*\*?\s*([A-Za-z_$][\w$]*)\s*\(/
// A method of a brace language: words, a name, parentheses, and an opening brace here or on the next line.
const METHOD =
  /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:[\w$<>[\],.?*&]+\s+)*([A-Za-z_$#][\w$]*)\s*(?:<[^>]*>)?\s*\([^;]*$/
// A callback that names itself by what it is given to: app.get('/orders', async (request) => {
const ROUTE =
  /^\s*(?:await\s+)?([\w$]+(?:\.[\w$]+)*)\(\s*(['"`])([^'"`]*)\2\s*,.*(?:=>\s*\{|function[^(]*\([^)]*\)\s*\{)\s*$/

const OWNER =
  /^\s*(?:(?:export|default|public|private|protected|internal|static|abstract|final|sealed|partial|data|open|pub(?:\([^)]*\))?)\s+)*(?:class|struct|interface|trait|impl(?:<[^>]*>)?(?:\s+[\w:<>]+\s+for)?|object|module|enum|record)\s+([A-Za-z_$][\w$]*)/
const RECEIVER = /^func\s+\(\s*\w*\s*\*?([A-Za-z_]\w*)/
const PROTOTYPE =
  /^\s*(?!exports\b|module\b|this\b)([\w$]+)\.(?:prototype\.)?[\w$]+\s*=\s*(?:async\s+)?function/

/**
 * The functions of a file, found by their heads and by indentation alone: right for any formatted source of any of the
 * languages, in a few milliseconds, also where it does not parse. Where indentation lies, it is wrong by some lines.
 */
export function outlineFunctions(text: string): OutlinedFunction[] {
  const lines = text.split('\n')
  const found: OutlinedFunction[] = []
  let owners: { name: string; indent: number }[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.trim() === '' || line.length > 400) continue
    const indent = indentOf(line)
    const isClosing = /^\s*[})\]]/.test(line)
    if (!isClosing && owners.length > 0)
      owners = owners.filter((owner) => owner.indent < indent || /^\s*\{/.test(line))
    const owner = OWNER.exec(line)?.[1]
    if (owner !== undefined) owners.push({ name: owner, indent })
    const name = owner === undefined ? functionName(line, lines[at + 1] ?? '') : null
    if (name === null) continue
    const of = RECEIVER.exec(line)?.[1] ?? PROTOTYPE.exec(line)?.[1] ?? owners.at(-1)?.name ?? null
    found.push({ name, owner: of, from: at + 1, to: endOfBlock(lines, at, indent), indent })
  }
  return found
}

/** The name that a line gives to the function it begins, or null. */
export function functionName(line: string, nextLine = ''): string | null {
  if (line.length > 400 || (!line.includes('(') && !/\bdef\s|=>/.test(line))) return null
  const named =
    NAMED.exec(line) ?? (/=>|function/.test(line) ? (OWN_NAME.exec(line) ?? ASSIGNED.exec(line)) : null)
  if (named !== null) return known(named[1])
  const route = ROUTE.exec(line)
  if (route !== null) return `${route[1]} ${route[3]}`
  const opens =
    /\{\s*$/.test(line) ||
    (/\)\s*(?:where.*|throws [\w., ]+)?$/.test(line) && /^\s*(?:throws [\w., ]+)?\{/.test(nextLine))
  const method = opens || /\(\s*$/.test(line) ? METHOD.exec(line) : null
  if (
    method === null ||
    /^\s*(?:return|throw|await|new|else|\.)\b|^\s*[)}\]]|[=!&|]\s*[^>]*\(|\s[<>]\s/.test(line)
  )
    return null
  if (!opens && !/^\s*(?:public|private|protected|internal|static|override|async)\b/.test(line)) return null
  return known(method[1])
}

function known(name: string | undefined): string | null {
  return name === undefined || KEYWORDS.test(name) ? null : name
}

function indentOf(line: string): number {
  let width = 0
  for (const character of line) {
    if (character === ' ') width += 1
    else if (character === '\t') width += 4
    else break
  }
  return width
}

/** The last line that belongs to the block begun at `head`: up to the next line that is not deeper, its end mark included. */
function endOfBlock(lines: readonly string[], head: number, indent: number): number {
  let last = head
  for (let at = head + 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.trim() === '') continue
    const body = line.trim()
    // An opening brace of its own, or the bracket that ends a list of parameters: the body is still to come.
    // Ruby: what catches and what ends stand at the depth of their def.
    const goesOn =
      /^(?:rescue|ensure)\b/.test(body) || indentOf(line) > indent || /^[{]|^[)\]].*(?:[{:]|=>)$/.test(body)
    if (!goesOn) return /^(?:[})\]]|end\b)/.test(body) && indentOf(line) === indent ? at + 1 : last + 1
    last = at
  }
  return last + 1
}

/** The innermost function around a line, or null. */
export function functionAt(outline: readonly OutlinedFunction[], line: number): OutlinedFunction | null {
  let best: OutlinedFunction | null = null
  for (const candidate of outline) {
    if (candidate.from > line) break
    if (line <= candidate.to && (best === null || candidate.from >= best.from)) best = candidate
  }
  return best
}

/** The function that directly holds another, or null. */
export function functionAround(
  outline: readonly OutlinedFunction[],
  inner: OutlinedFunction,
): OutlinedFunction | null {
  let best: OutlinedFunction | null = null
  for (const candidate of outline) {
    if (candidate.from >= inner.from) break
    if (inner.to <= candidate.to) best = candidate
  }
  return best
}
