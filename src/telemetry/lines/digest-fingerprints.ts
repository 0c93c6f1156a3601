import { createHash } from 'node:crypto'
import type { EpochMs } from '../../time.ts'
import { exceptionKey } from '../exceptions/exception-key.ts'
import type { Fingerprint, SeverityText } from '../fingerprint.ts'
import { findHeaderColumns, messageOffset, type HeaderColumns } from './header-columns.ts'
import type { LineKind, LineKinds } from './line-kinds.ts'
import type { LogSource } from './log-source.ts'
import { messageTokens, renderTokens, type MessageTokens } from '../templates/message-tokens.ts'
import { redact } from '../redact.ts'
import { groupShapes } from '../templates/template-groups.ts'

export type DigestedKinds = {
  readonly fingerprints: readonly Fingerprint[]
  /** The fingerprint's place in the order of appearance, for each kind; -1 for kinds that came to nothing. */
  readonly groupOf: Int32Array
}

type Draft = { readonly kinds: LineKind[]; readonly template: string; readonly key: string }

/** Makes fingerprints of the kinds of lines: kinds of one template become one. */
export function fingerprintsOf(kinds: LineKinds, sources: readonly LogSource[]): DigestedKinds {
  const alive = kinds.all.filter((kind) => kind.count > 0)
  const drafts = [...draftsOfLines(alive, sources), ...draftsOfExceptions(alive)]
  const groupOf = new Int32Array(kinds.all.length).fill(-1)
  drafts.sort((a, b) => (a.kinds[0]?.index ?? 0) - (b.kinds[0]?.index ?? 0))
  drafts.forEach((draft, order) => {
    for (const kind of draft.kinds) groupOf[kind.index] = order
  })
  const windows = windowsOf(kinds, groupOf, drafts.length)
  const fingerprints = drafts.map((draft, order) =>
    fingerprintOf(draft, { order, windows: windows[order] ?? new Map() }),
  )
  return { fingerprints: fingerprints.sort((a, b) => classOf(a) - classOf(b) || a.order - b.order), groupOf }
}

function draftsOfLines(alive: readonly LineKind[], sources: readonly LogSource[]): Draft[] {
  const lines = alive.filter((kind) => kind.exception === null)
  const headers = headersOf(sources, lines)
  const shapes = lines.map((kind) => {
    const header = headers[kind.source]
    const columns = header && !kind.isField ? messageOffset(kind.text, header) : 0
    // Columns that leave nothing were none: the line is shorter than others of its source.
    const isHeader = columns > 0 && kind.text.slice(columns).trim() !== ''
    const tokens = messageTokens(redact(kind.text.slice(isHeader ? columns : kind.messageStart)))
    return { ...tokens, count: kind.count }
  })
  const { groupOf, templates } = groupShapes(shapes)
  const drafts = templates.map((template) => draftOf(template))
  lines.forEach((kind, at) => drafts[groupOf[at] ?? 0]?.kinds.push(kind))
  return drafts
}

function draftOf(template: MessageTokens): Draft {
  const text = renderTokens(template)
  return { kinds: [], template: text, key: text }
}

/** What columns the messages of a source still begin with, where its format is not known. */
function headersOf(
  sources: readonly LogSource[],
  lines: readonly LineKind[],
): readonly (HeaderColumns | null)[] {
  const texts: string[][] = sources.map(() => [])
  for (const { source, isField, text } of lines) if (!isField) texts[source]?.push(text)
  // A source whose lines all had been seen in another before has no kind that would ask.
  return sources.map(({ index, sample }) => {
    const own = texts[index] ?? []
    return own.length === 0 ? null : findHeaderColumns([...sample, ...own.slice(0, 2000)])
  })
}

function draftsOfExceptions(alive: readonly LineKind[]): Draft[] {
  return alive.flatMap((kind) => {
    const outermost = kind.exception?.[0]
    if (!kind.exception || !outermost) return []
    const message =
      outermost.message === '' ? '' : `: ${renderTokens(messageTokens(redact(outermost.message)))}`
    return [
      {
        kinds: [kind],
        template: `${outermost.type}${message}`.slice(0, 1000),
        key: exceptionKey(kind.exception),
      },
    ]
  })
}

function windowsOf(kinds: LineKinds, groupOf: Int32Array, groups: number): Map<EpochMs, number>[] {
  const windows = Array.from({ length: groups }, () => new Map<EpochMs, number>())
  kinds.windows().forEach((kind, start, count) => {
    const map = windows[groupOf[kind] ?? -1]
    if (!map) return
    const sum = (map.get(start) ?? 0) + count
    if (sum > 0) map.set(start, sum)
    else map.delete(start)
  })
  return windows
}

const SEVERITIES: readonly SeverityText[] = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', '']
const MAX_EXAMPLES = 3

/** The worst level that at least one in twenty of the lines has: one statement may log at several. */
function severityOf(kinds: readonly LineKind[], count: number): SeverityText {
  let seen = 0
  for (const severityText of SEVERITIES) {
    for (const kind of kinds) if (kind.severityText === severityText) seen += kind.count
    if (seen * 20 >= count) return severityText
  }
  return ''
}

function fingerprintOf(
  { kinds, template, key }: Draft,
  { order, windows }: { order: number; windows: ReadonlyMap<EpochMs, number> },
): Fingerprint {
  // A template may have as many kinds as there are words: too many to spread into arguments.
  const firstSeen = kinds.reduce((first, kind) => Math.min(first, kind.firstSeen), Number.POSITIVE_INFINITY)
  const lastSeen = kinds.reduce((last, kind) => Math.max(last, kind.lastSeen), Number.NEGATIVE_INFINITY)
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0)
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 12),
    template: template === '' ? '(empty)' : template,
    severityText: severityOf(kinds, count),
    count,
    firstSeen: Number.isFinite(firstSeen) ? firstSeen : null,
    lastSeen: Number.isFinite(lastSeen) ? lastSeen : null,
    exception: kinds[0]?.exception ?? null,
    order,
    windows,
    examples: kinds
      .slice(0, MAX_EXAMPLES)
      .flatMap((kind) => kind.examples)
      .slice(0, MAX_EXAMPLES),
  }
}

function classOf(fingerprint: Fingerprint): number {
  if (fingerprint.exception || fingerprint.severityText === 'FATAL' || fingerprint.severityText === 'ERROR')
    return 0
  return fingerprint.severityText === 'WARN' ? 1 : 2
}
