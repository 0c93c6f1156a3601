// nab.ts DATA_DIR OUT_DIR [SCORER.py]: anomaly scores for labelled series (numenta/NAB's layout: DATA_DIR/<group>/<file>.csv
// with the columns timestamp and value). Writes OUT_DIR/<group>/<file>.json, one score in 0–1 for each row, by one
// streaming detector for each file that knows nothing but the rows before. The threshold of a live detector goes to
// stdout as {"threshold": n}, everything else to stderr. With a scorer, its table by group as well.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createSeriesDetector, NOTEWORTHY_SCORE } from '../src/detect/index.ts'

const [dataDir, outDir, scorer] = process.argv.slice(2)
if (dataDir === undefined || outDir === undefined) {
  console.error('usage: node bench/nab.ts DATA_DIR OUT_DIR [SCORER.py]')
  process.exit(2)
}

type Row = { readonly at: number; readonly value: number }

function rowsOf(text: string): Row[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '')
  const columns = header.trim().split(',')
  const [time, value] = [columns.indexOf('timestamp'), columns.indexOf('value')]
  return lines.map((line) => {
    const cells = line.trim().split(',')
    const at = Date.parse(`${(cells[time] ?? '').replace(' ', 'T')}Z`)
    return { at, value: Number(cells[value]) }
  })
}

let values = 0
let ms = 0
const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.csv'),
)
for (const file of files.sort()) {
  const rows = rowsOf(readFileSync(join(dataDir, file), 'utf8'))
  const detector = createSeriesDetector()
  const began = performance.now()
  const scores = rows.map(({ at, value }) => detector.observe(at, value).score)
  ms += performance.now() - began
  values += rows.length
  const out = join(outDir, dirname(file), `${basename(file, '.csv')}.json`)
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, JSON.stringify(scores))
}
console.error(`${files.length} series, ${values} values, ${Math.round(values / ms)} thousand values/s`)
if (scorer !== undefined) printScores(scorer, outDir)
console.log(JSON.stringify({ threshold: NOTEWORTHY_SCORE }))

type Scored = { normalized: number; windows: number; windows_detected: number; fp_rows: number }
type Report = Record<string, Scored & { per_file: Record<string, number> }>

function printScores(scorer: string, results: string): void {
  const options = ['--threshold', String(NOTEWORTHY_SCORE), '--per-file', '--json']
  const report = JSON.parse(
    execFileSync('python3', [scorer, results, ...options], { encoding: 'utf8' }),
  ) as Report
  for (const [profile, { normalized, windows, windows_detected: found, fp_rows: wrong }] of Object.entries(
    report,
  )) {
    console.error(
      `${profile.padEnd(20)} ${normalized.toFixed(1)}  ${found} of ${windows} windows, ${wrong} rows outside`,
    )
  }
  const groups = new Map<string, number>()
  for (const [file, raw] of Object.entries(report['standard']?.per_file ?? {})) {
    groups.set(dirname(file), (groups.get(dirname(file)) ?? 0) + raw)
  }
  console.error('raw score by group, standard profile (1 for each window found at once, -1 for each missed):')
  for (const [group, raw] of groups) console.error(`  ${group.padEnd(24)} ${raw.toFixed(2)}`)
}
