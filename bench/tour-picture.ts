// firebreak tour --json | node bench/tour-picture.ts > docs/images/tour.svg: the figures of one tour as a picture. A
// panel for each figure, below each other, on one axis of time; what happened stands as lines through all of them.
import { text } from 'node:stream/consumers'

type Row = {
  readonly atSeconds: number
  readonly errorRate: number
  readonly p95Ms: number
  readonly dbConnections: { readonly used: number; readonly limit: number }
}
type Tour = {
  readonly rows: readonly Row[]
  readonly story: readonly { readonly atSeconds: number; readonly text: string }[]
}

const WIDTH = 860
const [LEFT, RIGHT, TOP] = [150, 40, 44]
const PANEL = { height: 92, gap: 22 }

const panels: readonly {
  name: string
  unit: string
  most: number
  colour: string
  of: (row: Row) => number
}[] = [
  { name: 'requests that fail', unit: '%', most: 100, colour: '#c2410c', of: (row) => row.errorRate * 100 },
  { name: 'latency, p95', unit: 's', most: 6, colour: '#7c3aed', of: (row) => row.p95Ms / 1_000 },
  { name: 'connections', unit: 'of 100', most: 100, colour: '#0f766e', of: (row) => row.dbConnections.used },
]

/** What is worth a line through the picture: what somebody did, and when it was over. */
const MOMENTS: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/deploy of shop/, 'a release is deployed'],
  [/Users feel it/, 'users feel it'],
  [/rollback of shop/, 'rolled back'],
  [/Back to normal/, 'normal'],
]

const { rows, story } = JSON.parse(await text(process.stdin)) as Tour
const last = rows.at(-1)?.atSeconds ?? 1
const x = (seconds: number): string => (LEFT + (seconds / last) * (WIDTH - LEFT - RIGHT)).toFixed(1)
const height = TOP + panels.length * (PANEL.height + PANEL.gap) + 18
const bottom = height - 18 - PANEL.gap

function panel({ name, unit, most, colour, of }: (typeof panels)[number], index: number): string {
  const top = TOP + index * (PANEL.height + PANEL.gap)
  const y = (value: number): string => (top + PANEL.height * (1 - Math.min(1, value / most))).toFixed(1)
  const points = rows.map((row) => `${x(row.atSeconds)},${y(of(row))}`).join(' ')
  const floor = top + PANEL.height
  return `<text x="12" y="${top + 42}" font-weight="600">${name}</text>
<text x="${LEFT - 8}" y="${top + 10}" text-anchor="end" class="faint">${most} ${unit}</text>
<text x="${LEFT - 8}" y="${floor}" text-anchor="end" class="faint">0</text>
<path d="M${LEFT} ${floor}H${WIDTH - RIGHT}" class="axis"/>
<polygon points="${x(rows[0]?.atSeconds ?? 0)},${floor} ${points} ${x(last)},${floor}" fill="${colour}" opacity=".15"/>
<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`
}

function moment([pattern, label]: (typeof MOMENTS)[number]): string {
  const found = story.find(({ text: said }) => pattern.test(said))
  if (found === undefined) return ''
  const at = x(found.atSeconds)
  return `<path d="M${at} ${TOP - 12}V${bottom}" class="moment"/>
<text x="${at}" y="${TOP - 18}" text-anchor="middle">${label}</text>`
}

const ticks = Array.from({ length: Math.floor(last / 15) + 1 }, (_, index) => index * 15).map(
  (seconds) =>
    `<text x="${x(seconds)}" y="${height - 16}" text-anchor="middle" class="faint">${seconds} s</text>`,
)

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>One incident of the lab: a release leaks database connections, and is rolled back</title>
<style>text{fill:#1f2937}.faint{fill:#6b7280}.axis{stroke:#9ca3af}.moment{stroke:#374151;stroke-dasharray:3 3}</style>
<rect width="100%" height="100%" fill="#fff"/>
${[...panels.map(panel), ...MOMENTS.map(moment), ...ticks].join('\n')}
</svg>`)
