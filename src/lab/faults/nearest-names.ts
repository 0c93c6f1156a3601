/** The names that somebody may have meant, nearest first; all that share a word with it, or differ by a slip or two. */
export function nearestNames(names: readonly string[], meant: string): readonly string[] {
  const words = meant.split('-').filter((word) => word.length > 2)
  const known = names.map((name) => ({ name, edits: editsBetween(meant, name) }))
  return known
    .filter(({ name, edits }) => edits <= name.length / 3 || words.some((word) => name.includes(word)))
    .sort((one, other) => one.edits - other.edits)
    .map(({ name }) => name)
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [down, letter] of Array.from(from).entries()) {
    const above: readonly number[] = row
    row = [down + 1]
    for (let at = 0; at < to.length; at += 1) {
      const changed = (above[at] ?? 0) + (letter === to[at] ? 0 : 1)
      row.push(Math.min(changed, (above[at + 1] ?? 0) + 1, (row[at] ?? 0) + 1))
    }
  }
  return row[to.length] ?? from.length
}
