// firebreak detections --follow > told.txt; node bench/follow-picture.ts told.txt > docs/images/follow.svg: what a follower
// was told during one outage, as it stood in the terminal. Lines are wrapped, nothing is left out or changed.
import { readFileSync } from 'node:fs'

const [file = ''] = process.argv.slice(2)
const COLUMNS = 108
const ROW = 18
const CELL = 7.25

/** How loudly a line is told, by the word that follows its time. */
const COLOURS: Readonly<Record<string, string>> = {
  detected: '#f87171',
  updated: '#fbbf24',
  ended: '#4ade80',
}

type Shown = { readonly text: string; readonly colour: string }

function shown(line: string): readonly Shown[] {
  const [, kind = ''] = /^\S+Z\s+(\w+)\s/.exec(line) ?? []
  const colour = COLOURS[kind] ?? '#e5e7eb'
  return wrapped(line).map((text) => ({ text, colour }))
}

/** At spaces; what follows is set in, as far as the kind of the line stands. */
function wrapped(line: string): readonly string[] {
  if (line.length <= COLUMNS) return [line]
  const space = line.lastIndexOf(' ', COLUMNS)
  const at = space > COLUMNS / 2 ? space : COLUMNS
  return [line.slice(0, at), ...wrapped(`${' '.repeat(26)}${line.slice(at).trimStart()}`)]
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const rows: readonly Shown[] = [
  { text: '$ firebreak detections --follow', colour: '#93c5fd' },
  ...readFileSync(file, 'utf8').trimEnd().split('\n').flatMap(shown),
]
const [width, height] = [Math.ceil(COLUMNS * CELL) + 32, rows.length * ROW + 28]
const lines = rows.map(
  ({ text, colour }, row) =>
    `<text x="16" y="${(row + 1) * ROW + 8}" fill="${colour}" xml:space="preserve">${escaped(text)}</text>`,
)

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="12">
<title>What a follower of detections is told during an outage: it begins, gets worse, and ends</title>
<rect width="100%" height="100%" rx="8" fill="#111827"/>
${lines.join('\n')}
</svg>`)
