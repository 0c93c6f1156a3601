// `SELECT products` for a statement: low in variety, so that spans and metrics can be grouped by it.

const known = new Map()
const MOST_KNOWN = 500

/** Statements of the shop are few and have placeholders; a few hundred are kept. */
export function querySummary(text) {
  const kept = known.get(text)
  if (kept !== undefined) return kept
  const made = summarise(text)
  if (known.size < MOST_KNOWN) known.set(text, made)
  return made
}

function summarise(text) {
  const operation = (/^[\s(]*([a-z]+)/i.exec(text)?.[1] ?? 'query').toUpperCase()
  const table =
    /\b(?:from|into|update|join)\s+(?:only\s+)?"?([a-z_][\w.]*)/i.exec(text)?.[1]?.toLowerCase() ?? null
  return { operation, table, summary: table === null ? operation : `${operation} ${table}` }
}
