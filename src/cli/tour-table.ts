import type { TourReport } from '../lab/index.ts'

type Row = TourReport['rows'][number]
type Figures = TourReport['calm']

const COLUMNS: readonly (readonly [head: string, width: number, cell: (row: Row) => string])[] = [
  ['time', 5, ({ atSeconds }) => clock(atSeconds)],
  ['requests/s', 11, ({ requestsPerSecond }) => requestsPerSecond.toFixed(1)],
  ['failed', 8, ({ errorRate }) => percent(errorRate)],
  ['p50', 8, ({ p50Ms }) => duration(p50Ms)],
  ['p95', 8, ({ p95Ms }) => duration(p95Ms)],
  ['connections', 13, ({ dbConnections: { used, limit } }) => `${used} of ${limit}`],
  ['cores', 6, ({ cpuCores }) => cpuCores.toFixed(2)],
]

const BAR = 20

/** The head of the table; the last column shows what share fails, as a bar. */
export function tourHead(): string {
  return `${COLUMNS.map(([head, width]) => head.padStart(width)).join(' ')}  failing`
}

export function tourRow(row: Row): string {
  const cells = COLUMNS.map(([, width, cell]) => cell(row).padStart(width)).join(' ')
  return `${cells}  ${'█'.repeat(Math.round(row.errorRate * BAR))}`.trimEnd()
}

/** Wrapped and set apart, so that a sentence is not taken for a row. */
export function tourLine(atSeconds: number, text: string): string {
  const [first = '', ...more] = wrapped(text, 84)
  return [`${clock(atSeconds).padStart(5)}  » ${first}`, ...more.map((line) => `         ${line}`)].join('\n')
}

/** What it came to, in a few lines. */
export function tourSummary({ fault, calm, worst, userReports, ...report }: TourReport): string {
  const { secondsToBreak, secondsBroken, secondsToNormal, remedy } = report
  const felt = secondsToBreak === null ? 'users felt nothing' : `users felt it after ${whole(secondsToBreak)}`
  const back = secondsToNormal === null ? 'not seen' : `${whole(secondsToNormal)} after the order`
  return [
    `fault      ${fault.name} (${fault.level}); ${felt}`,
    `ordinary   ${inWords(calm)}`,
    `worst      ${inWords(worst)}`,
    `it lasted  ${whole(secondsBroken)} until somebody did something; ${userReports} wrote to support`,
    `the way    ${remedy === 'rollback' ? 'back to the release before' : 'the fault was taken out'}`,
    `normal     ${back}`,
  ].join('\n')
}

function inWords({ errorRate, p50Ms, p95Ms, dbConnections, cpuCores }: Figures): string {
  const { used, limit } = dbConnections
  return `${percent(errorRate)} fail, p50 ${duration(p50Ms)}, p95 ${duration(p95Ms)}, ${used} of ${limit} connections, ${cpuCores.toFixed(2)} cores`
}

/** `1:05` */
function clock(atSeconds: number): string {
  const rounded = Math.round(atSeconds)
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`
}

function whole(seconds: number): string {
  return `${Math.round(seconds)} s`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function duration(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(0)} ms`
}

function wrapped(text: string, width: number): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
