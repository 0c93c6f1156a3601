import { toIso } from '../time.ts'
import type { Block, Cell, CodeLine, Column, Section } from './block.ts'
import { chartData, heights } from './chart-data.ts'
import { compose } from './compose.ts'
import type { Review } from './review.ts'
import { visibleText } from './visible-text.ts'
import { dateTime } from './wording.ts'

const SPARKS = '▁▂▃▄▅▆▇█'

/** The review as GitHub-flavoured Markdown; text from logs is escaped and cannot become markup. */
export function toMarkdown(review: Review): string {
  const facts = [
    `**Severity:** ${review.severity.severity}`,
    `**Status:** ${review.status}`,
    ...(review.detection?.onsetAt ? [`**Started:** ${dateTime(review.detection.onsetAt)}`] : []),
    `**Written:** ${dateTime(review.generatedAt)}`,
  ]
  const sections = compose(review).map((section) => sectionText(section, review))
  const head = `# ${inline(review.title)}\n\n${facts.join(' · ')}`
  return `${[head, ...sections].join('\n\n')}\n`
}

function sectionText({ title, blocks }: Section, review: Review): string {
  return [
    `## ${title}`,
    ...blocks.map((block) => blockText(block, review)).filter((text) => text !== ''),
  ].join('\n\n')
}

// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive, and checked to be
function blockText(block: Block, review: Review): string {
  switch (block.kind) {
    case 'paragraph':
    case 'lead':
      return lineStart(block.text)
    case 'heading':
      return `### ${inline(block.text)}`
    case 'list':
      return block.items
        .map((item, index) => `${block.style === 'numbers' ? `${index + 1}.` : '-'} ${lineStart(item)}`)
        .join('\n')
    case 'tasks':
      return block.items.map(({ text, tags }) => `- [ ] ${lineStart(text)} (${tags.join(', ')})`).join('\n')
    case 'table':
      return table(block.columns, block.rows)
    case 'code':
      return captioned(block.caption, fenced(block.language, numbered(block.lines)))
    case 'diff':
      return captioned(block.caption, fenced('diff', block.lines))
    case 'whys':
      return block.steps
        .map(
          ({ why, because, sources }, index) =>
            `${index + 1}. **${inline(why)}** ${inline(because)} (${sources.map((source) => codeSpan(source)).join(', ')})`,
        )
        .join('\n')
    case 'meter':
      return `${inline(block.label)}: **${inline(block.text)}**`
    case 'chart':
      return sparkline(review)
    case 'details':
      return [`### ${inline(block.summary)}`, ...block.blocks.map((inner) => blockText(inner, review))].join(
        '\n\n',
      )
  }
}

function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`
  // A pipe ends a cell even inside code, so it is escaped there too: GFM takes the backslash away again.
  const cell = ({ text }: Cell): string => inline(text).replaceAll(/(?<!\\)\|/g, String.raw`\|`)
  return [
    line(columns.map((column) => column.title || ' ')),
    line(columns.map((column) => (column.align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(cell))),
  ].join('\n')
}

function captioned(caption: string | null, body: string): string {
  return caption === null ? body : `${inline(caption)}:\n\n${body}`
}

/** A fence longer than any run of backticks inside cannot be closed from inside. */
function fenced(language: string, lines: readonly string[]): string {
  const body = lines.map((line) => visibleText(line.replaceAll('\r', ''))).join('\n')
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  // A file of no known language has no info string.
  const known = language === 'unknown' ? '' : language
  return `${fence}${known.toLowerCase().replaceAll(/[^\w+#-]/g, '')}\n${body}\n${fence}`
}

function numbered(lines: readonly CodeLine[]): readonly string[] {
  const width = Math.max(0, ...lines.map((line) => String(line.number ?? '').length))
  return lines.map(({ number, text, isMarked }) => {
    if (number === null) return text
    return `${isMarked ? '>' : ' '} ${String(number).padStart(width)} | ${text}`
  })
}

/** One character per stretch of time: enough to see a step, a ramp or a spike in a terminal. */
function sparkline(review: Review): string {
  const data = chartData(review)
  if (!data || data.buckets.length < 3) return ''
  const bars = heights(data).map((height) =>
    height === null ? ' ' : (SPARKS[Math.min(7, Math.ceil(height * 7))] ?? ' '),
  )
  const what = data.unit === 'requests' ? 'Share of failed requests' : 'Failing errors logged'
  const from = data.buckets[0]?.at ?? 0
  const to = (data.buckets.at(-1)?.at ?? 0) + data.bucketMs
  return `${what}, ${toIso(from)} to ${toIso(to)}, ${data.bucketMs / 1000} s each:\n\n${fenced('text', [bars.join('')])}`
}

/** Plain text with `code` between backticks, everything else escaped. */
export function inline(text: string): string {
  const parts = visibleText(text.replaceAll(/\s*[\r\n]+\s*/g, ' ')).split(/`([^`]+)`/)
  return parts.map((part, index) => (index % 2 === 1 ? codeSpan(part) : escaped(part))).join('')
}

/** Inline text where a line begins: there a number, a hash or a dash would start a list or a heading. */
export function lineStart(text: string): string {
  return inline(text.trimStart())
    .replace(/^(\d+)([.)])(?=\s|$)/, String.raw`$1\$2`)
    .replace(/^([#+-])/, String.raw`\$1`)
}

function codeSpan(text: string): string {
  const clean = visibleText(text.replaceAll(/\s*[\r\n]+\s*/g, ' ')).replaceAll('`', "'")
  return clean.trim() === '' ? '` `' : `\`${clean}\``
}

/**
 * Escapes what Markdown would act on. A bracket does nothing unless it could close the text of a link. An underscore inside a word and a `*` or `-` between spaces do nothing in GFM
 * and stay readable.
 */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`<>|~]/g, String.raw`\$&`)
    .replaceAll(/\](?=[([:])/g, String.raw`\]`)
    .replaceAll(/&(?=#?\w+;)/g, String.raw`\&`)
    .replaceAll(/(?<!\s)\*|\*(?!\s)/g, String.raw`\*`)
    .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, String.raw`\_`)
}
