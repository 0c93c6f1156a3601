import type { Fingerprint } from '../../telemetry/index.ts'
import { toIso } from '../../time.ts'
import { cells, codeLines, columns, paragraph, type Block, type Section } from '../block.ts'
import type { Review } from '../review.ts'
import { count, fingerprintName, percent, quoted, sentence } from '../wording.ts'

const MAX_FINGERPRINTS = 15
const MAX_CANDIDATES = 8
const MAX_FILES = 20

/** Everything that a doubting reader wants to check, folded away where the medium can. */
export function evidenceSection(review: Review): Section {
  const blocks = [...fingerprints(review), ...candidates(review), ...files(review)]
  return {
    title: 'Evidence',
    blocks: blocks.length > 0 ? blocks : [paragraph('No log and no history was given.')],
  }
}

function fingerprints(review: Review): readonly Block[] {
  const failing = new Set(review.detection?.failingFingerprints)
  const all = review.logs.fingerprints
  const isTold = (one: Fingerprint): boolean =>
    failing.has(one.id) || ['FATAL', 'ERROR', 'WARN'].includes(one.severityText) || one.exception !== null
  const told = [
    ...all.filter((one) => failing.has(one.id)),
    ...all.filter((one) => !failing.has(one.id) && isTold(one)),
  ]
  if (told.length === 0) return []
  const rows = told.slice(0, MAX_FINGERPRINTS).map((one) => {
    const seen = one.firstSeen === null ? '—' : toIso(one.firstSeen).slice(0, 19).replace('T', ' ')
    const state = review.newFingerprints.has(one.id) ? 'yes' : 'no'
    return cells(
      one.severityText || '—',
      quoted(fingerprintName(one), 120),
      one.count.toLocaleString('en-US'),
      seen,
      state,
    )
  })
  const table: Block = {
    kind: 'table',
    columns: columns('Severity', 'Kind of line', '>Count', 'First seen (UTC)', 'New'),
    rows,
  }
  const blocks = told.slice(0, 3).flatMap(example)
  return [
    {
      kind: 'details',
      summary: `${count(told.length, 'kind')} of error and warning in the log`,
      blocks: [table, ...blocks],
    },
  ]
}

function example(one: Fingerprint): readonly Block[] {
  const [first] = one.examples
  if (!first) return []
  const context = [
    ...first.before.slice(-3),
    ...first.text.split('\n').slice(0, 40),
    ...first.after.slice(0, 3),
  ]
  const caption = `${quoted(`${first.file}:${first.line}`)} with what stood around it`
  const start = Math.min(3, first.before.length)
  const lines = codeLines(context.join('\n')).map((line, index) => ({ ...line, isMarked: index === start }))
  return [{ kind: 'code', language: 'text', caption, lines }]
}

function candidates({ diagnosis }: Review): readonly Block[] {
  const all = diagnosis?.candidates ?? []
  const { range } = diagnosis ?? {}
  if (all.length === 0 && !range) return []
  const rows = all.slice(0, MAX_CANDIDATES).map(({ sha, subject, probability, reasons }) => [
    { text: quoted(sha.slice(0, 10)) },
    { text: quoted(subject, 100) },
    { text: percent(probability), bar: probability, tone: 'quiet' as const },
    {
      text:
        reasons
          .slice(0, 3)
          .map((reason) => sentence(reason.summary))
          .join(' ') || '—',
    },
  ])
  const how = range
    ? `${count(range.commits, 'commit')} looked at (${range.how}). ${range.notes.map(sentence).join(' ')}`.trim()
    : ''
  const table: Block = { kind: 'table', columns: columns('Commit', 'Subject', '>Probability', 'Why'), rows }
  return [
    {
      kind: 'details',
      summary: 'What changed: commits ranked by how well they explain the failure',
      blocks: [...(how === '' ? [] : [paragraph(how)]), ...(rows.length > 0 ? [table] : [])],
    },
  ]
}

function files({ logs, process }: Review): readonly Block[] {
  const rows = logs.files
    .slice(0, MAX_FILES)
    .map(({ file, format, lines, notes }) =>
      cells(quoted(file), format, lines.toLocaleString('en-US'), notes.map(sentence).join(' ') || '—'),
    )
  const program: readonly Block[] = process
    ? [paragraph(`Program: ${quoted(process.command.join(' '))}`)]
    : []
  if (rows.length === 0 && program.length === 0) return []
  const table: readonly Block[] =
    rows.length > 0 ? [{ kind: 'table', columns: columns('File', 'Format', '>Lines', 'Notes'), rows }] : []
  return [{ kind: 'details', summary: 'What was read', blocks: [...program, ...table] }]
}
