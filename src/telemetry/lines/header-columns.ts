/**
 * Finds where the message of a line begins when nobody knows the format: columns that hold a time, a level, a
 * number or a program's name at the same place in nearly every line are the header; the rest is the message.
 *
 *   - 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root
 *   └────────────────────────── header, by position ─────────────────────────────┘ └────── message ─────────┘
 */
export type HeaderColumns = {
  /** Columns that every line of this source has before its message. */
  readonly count: number
  /** What is expected in each, for telling lines that have no such header (continuations, banners). */
  readonly kinds: readonly ColumnKind[]
  /** The program's name follows, of any number of words, and ` - ` ends it. */
  readonly throughDash: boolean
}

type ColumnKind = 'time' | 'level' | 'number' | 'dash' | 'bracket' | 'name' | 'word'

type Column = {
  readonly kind: ColumnKind
  readonly text: string
  readonly end: number
  /** A bar stands before it. */
  readonly isBarred: boolean
}

const MAX_COLUMNS = 14

/** What the first columns of these lines have in common; `count` is 0 where there is no common header. */
export function findHeaderColumns(lines: readonly string[]): HeaderColumns {
  const rows = lines.filter((line) => line.trim() !== '').map(columnsOf)
  if (rows.length < MIN_LINES) return NONE
  const anchors = anchorsOf(rows)
  let count = lastIndexOfAnchor(anchors) + 1
  if (count === 0) return NONE
  const afterLevel = anchors.includes('level')
  while (count < MAX_COLUMNS) {
    const kind = followerAt(rows, count, afterLevel)
    if (kind === null) break
    anchors[count] = kind
    count++
    if (kind === 'name') break
  }
  const kinds = anchors.slice(0, count).map((kind) => kind ?? 'word')
  const throughDash = shareOf(rows, (row) => dashAfter(row, count) >= 0) >= 0.95
  const header = { count, kinds, throughDash }
  return isBelievable(lines, header) ? header : NONE
}

/**
 * A log of one kind of line has columns through and through. Only where messages begin in several ways is it known
 * where they begin.
 */
function isBelievable(lines: readonly string[], header: HeaderColumns): boolean {
  const beginnings = new Set<string>()
  for (const line of lines) {
    const word = /^[^\s\d:=,([]*[A-Za-z][^\s\d:=,([]*/.exec(line.slice(messageOffset(line, header)))
    if (word) beginnings.add(word[0])
    if (beginnings.size >= MIN_BEGINNINGS) return true
  }
  return false
}

const MIN_BEGINNINGS = 3

/** Columns of a time or a level, and dashes near them. A second level is a word of the message. */
function anchorsOf(rows: readonly (readonly Column[])[]): (ColumnKind | null)[] {
  const anchors: (ColumnKind | null)[] = []
  let last = -1
  for (let at = 0; at < MAX_COLUMNS; at++) {
    const kind = anchorAt(rows, at)
    const isNear =
      at === 0 || (last >= 0 && at - last <= (kind === 'dash' ? 3 : 5)) || (last < 0 && kind !== 'dash')
    const isAnchor = kind !== null && isNear && (kind !== 'level' || !anchors.includes('level'))
    anchors.push(isAnchor ? kind : null)
    if (isAnchor) last = at
  }
  return anchors
}

function dashAfter(row: readonly Column[], count: number): number {
  for (let at = count; at < count + 3; at++) if (row[at]?.kind === 'dash') return at
  return -1
}

const MIN_LINES = 20
const NONE: HeaderColumns = { count: 0, kinds: [], throughDash: false }

/** Offset of the message in a line, 0 where the line has no such header. */
export function messageOffset(line: string, header: HeaderColumns): number {
  if (header.count === 0) return 0
  const columns = columnsOf(line)
  const strict = header.kinds.findIndex((kind) => kind === 'time' || kind === 'level')
  if (strict >= 0 && columns[strict]?.kind !== header.kinds[strict]) return 0
  let last = header.count - 1
  const endsWithName = header.kinds[last] === 'name'
  if (endsWithName && columns[last]?.kind !== 'name') {
    last = columns[last + 1]?.kind === 'name' ? last + 1 : last - 1
  }
  if (header.throughDash) last = Math.max(last, dashAfter(columns, header.count))
  const column = columns[last]
  if (!column) return 0
  let end = column.end
  while (line[end] === ' ' || line[end] === '\t' || line[end] === '|') end++
  return end
}

/** Time, level or a dash at the same place in nearly every line. */
function anchorAt(rows: readonly (readonly Column[])[], at: number): ColumnKind | null {
  for (const kind of ['time', 'level', 'dash'] as const) {
    if (shareOf(rows, (row) => row[at]?.kind === kind) >= 0.9) return kind
  }
  return null
}

function lastIndexOfAnchor(anchors: readonly (ColumnKind | null)[]): number {
  return anchors.findLastIndex((kind) => kind !== null)
}

/**
 * A column after the last anchor that still belongs to the header: a pid, a thread, a host, a program's name. A log of
 * one kind of line has columns too (`INFO Retrying: attempt 5`), so words must look like names to count.
 */
function followerAt(
  rows: readonly (readonly Column[])[],
  at: number,
  afterLevel: boolean,
): ColumnKind | null {
  const share = (kind: ColumnKind, where: number) => shareOf(rows, (row) => row[where]?.kind === kind)
  // Behind the level, a number is what the message begins with.
  if (!afterLevel && share('number', at) >= 0.95) return 'number'
  if (share('bracket', at) >= 0.9) return 'bracket'
  if (isNameColumn(rows, at)) return 'name'
  const isBarred = shareOf(rows, (row) => row[at + 1]?.isBarred === true) >= 0.95
  const next =
    isNameColumn(rows, at + 1) ||
    share('bracket', at + 1) >= 0.9 ||
    (isBarred && share('number', at + 1) >= 0.98)
  const isWord = share('word', at) + share('name', at) + share('number', at) >= 0.9
  return next && isWord && isFewOrNamed(rows, at) ? 'word' : null
}

/** `sshd[812]:`, `org.acme.Part:`: several of them, or names that no sentence begins with. */
function isNameColumn(rows: readonly (readonly Column[])[], at: number): boolean {
  const names = rows.flatMap((row) => (row[at]?.kind === 'name' ? [row[at].text] : []))
  if (names.length < 0.75 * rows.length) return false
  return (
    new Set(names).size >= 3 || names.filter((name) => /[.[$/_\d]/.test(name)).length >= 0.9 * names.length
  )
}

/** Hosts and components have few values, or contain digits or dots. */
function isFewOrNamed(rows: readonly (readonly Column[])[], at: number): boolean {
  const values = new Set(rows.map((row) => row[at]?.text ?? ''))
  if (values.size <= Math.max(3, rows.length / 20)) return true
  return shareOf(rows, (row) => /[\d._@]/.test(row[at]?.text ?? '')) >= 0.9
}

function shareOf(rows: readonly (readonly Column[])[], is: (row: readonly Column[]) => boolean): number {
  let hits = 0
  for (const row of rows) if (is(row)) hits++
  return hits / rows.length
}

function columnsOf(line: string): Column[] {
  const columns: Column[] = []
  COLUMN.lastIndex = 0
  while (columns.length < MAX_COLUMNS + 2) {
    const match = COLUMN.exec(line)
    if (!match) break
    const text = match[1] ?? ''
    const isBarred = text.length < match[0].length && match[0].includes('|')
    columns.push({ kind: kindOf(text), text, end: match.index + match[0].length, isBarred })
  }
  return columns
}

/** A bracketed group with blanks inside is one column, and so is what stands between bars. */
const COLUMN = /[\s|]*(\[(?:[^[\]]|\[[^[\]]*\])*\][:,]?(?=[\s|]|$)|[^\s|]+|\|)/g

const TIME =
  /^\[?(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d?[-/.]\d\d?[-/.]\d{2,4}\b|\d{8}-\d|\d\d?:\d\d:\d\d|\d\d\/[A-Z][a-z]{2}\/\d{4}|1\d{9}(?:\d{3})?(?:\.\d+)?\]?$|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d|\d\d[.-]\d\d \d\d:|\d\d-\d\d$)/
const CALENDAR = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec),?$/
const LEVEL =
  /^[[(<]?(?:emerg(?:ency)?|alert|crit(?:ical)?|severe|fatal|err(?:or)?|warn(?:ing)?|notice|info(?:rmation)?|config|fine|finer|finest|debug|trace|verbose|failure|log|[VDIWEF])[\])>]?[:,]?$/i

function kindOf(text: string): ColumnKind {
  if (TIME.test(text) || CALENDAR.test(text)) return 'time'
  if (LEVEL.test(text)) return 'level'
  if (/^[-–|*]$/.test(text)) return 'dash'
  if (/^[[(]?[-+]?\d+[\])]?[:,]?$/.test(text)) return 'number'
  if (text.startsWith('[') && /\]:?,?$/.test(text)) return text.endsWith(':') ? 'name' : 'bracket'
  if (text.endsWith(':') && text.length > 1) return 'name'
  return 'word'
}
