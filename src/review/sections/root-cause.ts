import type { ChangedHunk, Factor, SourceExplanation } from '../../diagnose/index.ts'
import { bullets, cells, columns, paragraph, type Block, type Section } from '../block.ts'
import { causeName } from '../cause-name.ts'
import { cluesOf, culprit, mainError, mainExplanation, mainFactor, type FactorFinding } from '../facts.ts'
import type { Review } from '../review.ts'
import { tellingChange, type Clues } from '../telling-change.ts'
import { confidenceInWords, dateTime, percent, quoted, sentence, times } from '../wording.ts'

const MAX_TRACE_LINES = 24
const MAX_DIFF_LINES = 24
/** Findings that say the same thing twice are weighed once; the rest of them are told, not counted. */
const COUNTED = 0.05
const BESIDES = 'Seen too, and counted with the findings above'

/** The cause with everything that speaks for it and against it; or, honestly, that it is not known. */
export function rootCauseSection(review: Review): Section {
  const title = 'Root cause'
  const { detection, diagnosis } = review
  if (!detection) return { title, blocks: [paragraph('There is none to look for: nothing wrong was found.')] }
  const factor = mainFactor(review)
  if (!factor) return { title, blocks: [...inconclusive(review), ...others(review), ...problems(review)] }
  const sure = `${confidenceInWords(factor.confidence)} (${percent(factor.confidence)})`
  return {
    title,
    blocks: [
      { kind: 'lead', text: sentence(factor.summary) },
      bullets(pointers(factor, sure)),
      chain(factor),
      ...code(review),
      ...diff(review),
      ...trace(review),
      ...findings(factor),
      ...others(review),
      ...(diagnosis && diagnosis.problems.length > 0 ? problems(review) : []),
    ],
  }
}

function inconclusive({ diagnosis }: Review): readonly Block[] {
  return [
    {
      kind: 'lead',
      text: 'Inconclusive: nothing that was seen explains the failure well enough to name a cause.',
    },
    ...(diagnosis && diagnosis.nextSteps.length > 0
      ? [
          paragraph('What to look at next:'),
          { kind: 'list', items: diagnosis.nextSteps.map(sentence), style: 'numbers' } as const,
        ]
      : []),
  ]
}

function pointers(factor: Factor, sure: string): readonly string[] {
  const { location, commit, resource, service } = factor
  const where =
    location &&
    `${quoted(location.file)}${location.line === null ? '' : `, line ${location.line}`}${location.function === null ? '' : `, in ${quoted(location.function)}`}`
  return [
    `Cause: ${causeName(factor.cause)} (${quoted(factor.cause)}), ${sure}.`,
    ...(where ? [`Where: ${where}.`] : []),
    ...(commit
      ? [
          `Since: commit ${quoted(commit.sha.slice(0, 10))}, ${quoted(commit.subject, 100)}, ${dateTime(commit.committedAt)}.`,
        ]
      : []),
    ...(service || resource
      ? [
          `Concerns: ${[service, resource]
            .filter((name) => name !== null)
            .map((name) => quoted(name))
            .join(', ')}.`,
        ]
      : []),
  ]
}

function chain({ chain: links }: Factor): Block {
  const names = ['Trigger', 'Component', 'Mechanism', 'Symptom']
  const rows = links.map((text, index) => cells(names[index] ?? '', sentence(text)))
  return { kind: 'table', columns: columns('Link', 'What it was here'), rows }
}

function code(review: Review): readonly Block[] {
  const shown = mainExplanation(review)
  if (!shown || shown.snippet.length === 0) return []
  const lines = shown.snippet.map(({ line, text }) => ({ number: line, text, isMarked: line === shown.line }))
  return [{ kind: 'code', language: shown.language, caption: captionOf(shown), lines }]
}

function captionOf({ file, line, function: name, guard }: SourceExplanation): string {
  const inside = name === null ? '' : `, in ${quoted(name)}`
  const share = guard?.predictedShare ?? null
  const under = guard
    ? `; it runs when ${quoted(guard.text)} holds${share === null ? '' : `, ${percent(share)} of the time`}`
    : ''
  return `${quoted(file)}, line ${line}${inside}${under}`
}

function diff(review: Review): readonly Block[] {
  const candidate = culprit(review)
  const hunks = distinct(candidate?.hunks ?? []).slice(0, 2)
  return hunks.map((hunk) => ({
    kind: 'diff',
    caption: `What commit ${quoted(candidate?.sha.slice(0, 10) ?? '')} changed in ${quoted(hunk.file)}`,
    lines: around(hunk, cluesOf(review)),
  }))
}

/** A hunk whose changes another one shows already adds nothing. */
function distinct(hunks: readonly ChangedHunk[]): readonly ChangedHunk[] {
  const shown: ChangedHunk[] = []
  for (const hunk of hunks) {
    const changes = changesOf(hunk)
    const isShown = shown.some((other) => other.file === hunk.file && changes.isSubsetOf(changesOf(other)))
    if (!isShown) shown.push(hunk)
  }
  return shown
}

function changesOf({ lines }: ChangedHunk): ReadonlySet<string> {
  return new Set(lines.filter((line) => /^[+-]/.test(line)))
}

/** The changed lines with two lines of context; of a long hunk, those around the change that tells. */
function around(hunk: ChangedHunk, clues: Clues): readonly string[] {
  const { lines } = hunk
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - 2), index + 3).some((line) => /^[+-]/.test(line))
  const near = lines.filter((_, index) => isNear(index))
  if (near.length <= MAX_DIFF_LINES) return near
  const change = tellingChange([hunk], clues)
  const telling = change?.after ?? change?.before ?? ''
  const centre = near.findIndex((line) => /^[+-]/.test(line) && line.slice(1).trim() === telling)
  const last = near.length - MAX_DIFF_LINES
  const start = Math.min(last, Math.max(0, centre - MAX_DIFF_LINES / 2))
  const shown = near.slice(start, start + MAX_DIFF_LINES)
  return [...omitted(start), ...shown, ...omitted(last - start)]
}

function omitted(lines: number): readonly string[] {
  return lines === 0 ? [] : [` … ${lines} more ${lines === 1 ? 'line' : 'lines'}`]
}

function trace(review: Review): readonly Block[] {
  const error = mainError(review)
  const [example] = error?.examples ?? []
  if (!error || !example) return []
  const lines = example.text.split('\n')
  // The end of a Python trace and the beginning of all others name the exception: keep both ends.
  const head =
    lines.length > MAX_TRACE_LINES
      ? [...lines.slice(0, 10), '  …', ...lines.slice(11 - MAX_TRACE_LINES)]
      : lines
  const caption = `As logged at ${quoted(`${example.file}:${example.line}`)}, ${times(error.count)}`
  return [
    {
      kind: 'code',
      language: 'text',
      caption,
      lines: head.map((text) => ({ number: null, text, isMarked: false })),
    },
  ]
}

function findings(factor: Factor): readonly Block[] {
  const sorted = factor.findings.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
  const table = (list: readonly FactorFinding[]): Block => ({
    kind: 'table',
    columns: columns('Finding', 'Where to check', '>Weight'),
    rows: list.map(({ summary, source, weight }) => cells(sentence(summary), quoted(source), signed(weight))),
  })
  const counted = sorted.filter((finding) => finding.supports && Math.abs(finding.weight) >= COUNTED)
  const besides = sorted.filter((finding) => finding.supports && Math.abs(finding.weight) < COUNTED)
  const against = sorted.filter((finding) => !finding.supports)
  return [
    ...(counted.length > 0 ? [{ kind: 'heading', text: 'What speaks for it' } as const, table(counted)] : []),
    ...(besides.length > 0
      ? [{ kind: 'details', summary: BESIDES, blocks: [bullets(besides.map(asLine))] } as const]
      : []),
    { kind: 'heading', text: 'What speaks against it' },
    against.length > 0 ? table(against) : paragraph('Nothing that was seen.'),
  ]
}

function asLine({ summary, source }: FactorFinding): string {
  return `${sentence(summary)} (${quoted(source)})`
}

function signed(weight: number): string {
  return `${weight < 0 ? '−' : '+'}${Math.abs(weight).toFixed(1)}`
}

function others(review: Review): readonly Block[] {
  const main = mainFactor(review)
  const rest = (review.diagnosis?.factors ?? []).filter((factor) => factor !== main).slice(0, 5)
  if (rest.length === 0) return []
  const rows = rest.map((factor) => [
    { text: causeName(factor.cause) },
    { text: percent(factor.confidence), bar: factor.confidence, tone: 'quiet' as const },
    { text: sentence(factor.summary) },
  ])
  return [
    { kind: 'heading', text: main ? 'Other contributing factors considered' : 'Weighed, and not convincing' },
    { kind: 'table', columns: columns('Cause', '>Confidence', 'Why'), rows },
  ]
}

function problems({ diagnosis }: Review): readonly Block[] {
  if (!diagnosis || diagnosis.problems.length === 0) return []
  return [{ kind: 'heading', text: 'What could not be looked at' }, bullets(diagnosis.problems.map(sentence))]
}
