/** A statement as it came over HTTP, sorted by how it has to be run. */
export type Statement =
  | { readonly kind: 'insert'; readonly head: string; readonly format: string }
  | { readonly kind: 'rows'; readonly sql: string; readonly format: string }
  | { readonly kind: 'whole'; readonly sql: string; readonly format: string }

const INSERT = /^\s*(?:--[^\n]*\n\s*)*insert\s+into\s/i
const INSERT_FORMAT = /^(?<head>[\s\S]*?\S)\s+format\s+(?<format>\w+)[^\S\n]*;?[^\S\n]*(?:\r?\n|$)/i
const LAST_FORMAT = /\sformat\s+(?<format>\w+)\s*(?:settings\s[^']*)?$/i
/** What the engine can answer as a stream: questions to tables, and not about them. */
const READS = /^\s*(?:--[^\n]*\n\s*)*(?:select|with)\b/i

/** Formats of which any part is valid by itself, so that an answer can be sent as it comes. */
const BY_ROWS = new Set([
  'JSONEachRow',
  'JSONCompactEachRow',
  'TabSeparated',
  'TSV',
  'CSV',
  'RowBinary',
  'Native',
])

/** What the statement is; `defaultFormat` where it names none. Comments and `;` at the end are no part of it. */
export function readStatement(text: string, defaultFormat: string): Statement {
  const sql = text.replace(/[\s;]+$/, '')
  if (INSERT.test(sql)) {
    const match = INSERT_FORMAT.exec(sql)?.groups
    const head = match?.['head']
    if (head !== undefined && !/\b(?:select|values)\b/i.test(head)) {
      return { kind: 'insert', head, format: match?.['format'] ?? defaultFormat }
    }
    return { kind: 'whole', sql, format: defaultFormat }
  }
  const format = LAST_FORMAT.exec(sql)?.groups?.['format'] ?? defaultFormat
  const isByRows = READS.test(sql) && BY_ROWS.has(format)
  return { kind: isByRows ? 'rows' : 'whole', sql, format }
}

/**
 * Where the data begins in a body that holds statement and data: behind the line that ends with `FORMAT X`. Null where
 * the body's beginning is no such insert.
 */
export function dataOffset(beginning: string): { readonly head: string; readonly offset: number } | null {
  if (!INSERT.test(beginning)) return null
  const match = INSERT_FORMAT.exec(beginning)
  if (match === null || /\b(?:select|values)\b/i.test(match.groups?.['head'] ?? '')) return null
  return { head: match[0], offset: match[0].length }
}

/** The insert as the engine reads it from a file; nothing of the data is ever part of a statement. */
export function insertFromFile({ head, format }: { head: string; format: string }, file: string): string {
  const [, into = head, settings = ''] = /^([\s\S]*?)(\s+settings\s[\s\S]*)?$/i.exec(head) ?? []
  return `${into} FROM INFILE ${literal(file)} COMPRESSION 'none'${settings} FORMAT ${format}`
}

/** Text as a literal of the dialect: only `\` and `'` could end it. */
export function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Names of the placeholders `{name:Type}` that the statement has. */
export function placeholdersOf(sql: string): ReadonlySet<string> {
  return new Set([...sql.matchAll(/\{\s*(\w+)\s*:\s*\w/g)].map(([, name = '']) => name))
}
