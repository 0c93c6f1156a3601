import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogDigester } from '../src/telemetry/index.ts'

/**
 * Grouping accuracy on labelled logs: `node bench/grouping.ts DATA_DIR [OUT_DIR]`, where each folder of DATA_DIR has
 * a log.txt and a truth.csv (columns LineId, EventId, …: one row per line). Prints one table; with OUT_DIR, also
 * writes the group of each line as OUT_DIR/<folder>.json.
 */
const [dataDir, outDir] = process.argv.slice(2)
if (dataDir === undefined) {
  console.error('usage: node bench/grouping.ts DATA_DIR [OUT_DIR]')
  process.exit(2)
}

type Score = {
  readonly ga: number
  readonly fga: number
  readonly truth: number
  readonly found: number
  readonly correct: number
}

/** GA: share of lines whose group is exactly a true one; FGA: harmonic mean of that by groups (Jiang et al., ISSTA 2024). */
function score(truth: readonly string[], found: readonly number[]): Score {
  const sizes = {
    truth: new Map<string, number>(),
    found: new Map<number, number>(),
    both: new Map<string, number>(),
  }
  const add = <Key>(map: Map<Key, number>, key: Key) => map.set(key, (map.get(key) ?? 0) + 1)
  truth.forEach((kind, at) => {
    add(sizes.truth, kind)
    add(sizes.found, found[at] ?? -1)
    add(sizes.both, `${kind} ${found[at] ?? -1}`)
  })
  let lines = 0
  let correct = 0
  for (const [pair, count] of sizes.both) {
    const [kind = '', group = ''] = pair.split(' ')
    if (sizes.truth.get(kind) !== count || sizes.found.get(Number(group)) !== count) continue
    lines += count
    correct++
  }
  const precision = correct / sizes.found.size
  const recall = correct / sizes.truth.size
  const fga = correct === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { ga: lines / truth.length, fga, truth: sizes.truth.size, found: sizes.found.size, correct }
}

const systems = readdirSync(dataDir)
  .filter((name) => existsSync(join(dataDir, name, 'truth.csv')))
  .sort()
const rows: Score[] = []
console.log(`${'system'.padEnd(14)}     GA    FGA  kinds  found  exact`)
for (const system of systems) {
  const digester = createLogDigester({ now: Date.UTC(2027, 0, 1), withGroups: true })
  digester.write(system, readFileSync(join(dataDir, system, 'log.txt')))
  digester.end(system)
  const groups = digester.digest().groups ?? []
  const rowsOfTruth = readFileSync(join(dataDir, system, 'truth.csv'), 'utf8')
    .split('\n')
    .slice(1)
  const truth = rowsOfTruth.filter((row) => /^\d+,/.test(row)).map((row) => row.split(',')[1] ?? '')
  if (outDir) {
    const { mkdirSync, writeFileSync } = await import('node:fs')
    mkdirSync(outDir, { recursive: true })
    writeFileSync(join(outDir, `${system}.json`), JSON.stringify(groups))
  }
  const row = score(truth, groups)
  rows.push(row)
  const counts = [row.truth, row.found, row.correct].map((count) => String(count).padStart(6)).join(' ')
  console.log(`${system.padEnd(14)} ${row.ga.toFixed(4)} ${row.fga.toFixed(4)} ${counts}`)
}
const mean = (of: (row: Score) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length
console.log(
  `${'average'.padEnd(14)} ${mean((row) => row.ga).toFixed(4)} ${mean((row) => row.fga).toFixed(4)}`,
)
console.log('peers on raw lines: Drain3 0.61; with content cut out and tuned by hand: Drain 0.85, Brain 0.98')
