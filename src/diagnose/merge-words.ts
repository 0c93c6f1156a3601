import { diffArrays } from 'diff'

type Change = { readonly from: number; readonly to: number; readonly words: readonly string[] }

const wordsOf = (line: string): string[] => line.match(/\w+|\s+|[^\w\s]/g) ?? []

function changes(base: readonly string[], other: readonly string[]): Change[] {
  const found: Change[] = []
  let at = 0
  let open: { from: number; to: number; words: string[] } | null = null
  for (const { value, added, removed } of diffArrays([...base], [...other])) {
    if (!added && !removed) {
      if (open !== null) found.push(open)
      open = null
      at += value.length
      continue
    }
    open ??= { from: at, to: at, words: [] }
    if (added) open.words.push(...value)
    else {
      at += value.length
      open.to = at
    }
  }
  if (open !== null) found.push(open)
  return found
}

const collide = (a: Change, b: Change): boolean =>
  a.from < b.to && b.from < a.to ? true : a.from === b.from && (a.from === a.to || b.from === b.to)

/**
 * One line merged from two edits of it, word by word: base `json.loads(f)`, ours `json.loads(f, strict=False)`, theirs
 * `json.load(f)` gives `json.load(f, strict=False)`. Null where both changed the same words.
 */
export function mergeWords(base: string, ours: string, theirs: string): string | null {
  const words = wordsOf(base)
  const mine = changes(words, wordsOf(ours))
  const other = changes(words, wordsOf(theirs))
  if (mine.some((a) => other.some((b) => collide(a, b) && a.words.join('') !== b.words.join('')))) return null
  const seen = new Set<string>()
  const all = [...mine, ...other].toSorted((a, b) => b.from - a.from || b.to - a.to)
  for (const change of all) {
    const key = `${change.from}:${change.to}:${change.words.join('')}`
    if (!seen.has(key)) words.splice(change.from, change.to - change.from, ...change.words)
    seen.add(key)
  }
  return words.join('')
}
