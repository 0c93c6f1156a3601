// node bench/quiet.ts [--out FILE] [--minutes 30] [--control-minutes 5] [--only nothing,mail-slow,…] [--port N]
//
// Does anybody get woken for nothing? A lab at 10,000 requests a minute, looked at by a `serve` that gets everything:
// access log, process logs, database, probes, and OTLP at 1 s. First an ordinary half hour, then five minutes of each fault
// of kind `control`, which users do not feel. Every detection is kept; P1 to P3 would page. It goes on where it was.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../src/lab/platform/free-port.ts'
import { lab, labDown, labFolder, labUp } from './own-lab.ts'
import { pages, watch } from './watched-serve.ts'
import type { Watcher } from './watched-serve.ts'

const { values: given } = parseArgs({
  options: {
    out: { type: 'string', default: 'quiet.json' },
    minutes: { type: 'string', default: '30' },
    'control-minutes': { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '4890' },
  },
})
const CONTROLS = [
  'harmless-deploy',
  'chatty-warnings',
  'flapping-health-check',
  'mail-slow',
  'unused-route-slow',
]
/** `serve` has to see an ordinary minute before it can say what is not ordinary; what it says in it counts, too. */
const SETTLE_MS = 60_000

type Row = {
  readonly name: string
  readonly minutes: number
  readonly load: number
  readonly told: readonly { readonly afterS: number; readonly text: string; readonly wouldPage: boolean }[]
}

function kept(): Row[] {
  try {
    return JSON.parse(readFileSync(given.out, 'utf8')) as Row[]
  } catch {
    return [] // a first run
  }
}

function keep(rows: readonly Row[]): void {
  writeFileSync(`${given.out}.new`, `${JSON.stringify(rows, null, 2)}\n`)
  renameSync(`${given.out}.new`, given.out)
}

async function look(
  folder: string,
  watcher: Watcher,
  [name, minutes]: readonly [string, number],
): Promise<Row> {
  const from = Date.now()
  if (name !== 'nothing') await lab(folder, 'break', name)
  await pause(minutes * 60_000)
  if (name !== 'nothing') await lab(folder, 'mend', name)
  const told = watcher.events
    .filter((event) => event.at >= from && event.kind !== 'ended')
    .map((event) => ({
      afterS: Math.round((event.at - from) / 1000),
      text: `${event.kind} ${event.urgency} ${event.rule}: ${event.summary}`,
      wouldPage: pages(event),
    }))
  return { name, minutes, load: loadavg()[2] ?? 0, told }
}

const rows = kept()
const only = given.only.split(',').filter(Boolean)
const plan: (readonly [string, number])[] = [
  ['nothing', Number(given.minutes)] as const,
  ...CONTROLS.map((name) => [name, Number(given['control-minutes'])] as const),
]
const left = plan.filter(
  ([name]) => !rows.some((row) => row.name === name) && (only.length === 0 || only.includes(name)),
)
const [folder, own] = [labFolder(), mkdtempSync(join(tmpdir(), 'firebreak-bench-serve-'))]
const port = await freePort()
const child = await labUp(folder, [
  '--port',
  given.port,
  '--otlp',
  `http://127.0.0.1:${port}`,
  '--otlp-interval',
  '1s',
])
const example = readFileSync(new URL('../examples/lab/firebreak.yaml', import.meta.url), 'utf8')
const withoutOtlpPorts = example.replace(
  /^sources:$/m,
  'sources:\n  otlp: { http: { enabled: false }, grpc: { enabled: false } }',
)
let watcher: Watcher | null = null
try {
  watcher = await watch('everything', own, { port, config: withoutOtlpPorts, env: { LAB: folder } })
  await pause(SETTLE_MS)
  for (const step of left) {
    const row = await look(folder, watcher, step)
    console.error(
      `${row.name}: ${row.told.filter(({ wouldPage }) => wouldPage).length} would page of ${row.told.length}`,
    )
    rows.push(row)
    keep(rows)
    await pause(30_000) // what mending brings, counts with nobody
  }
} finally {
  await watcher?.stop()
  await labDown(child)
  for (const each of [folder, own]) rmSync(each, { recursive: true, force: true })
}
console.table(
  Object.fromEntries(
    rows.map(({ name, minutes, load, told }) => [
      name,
      {
        minutes,
        'would page': told.filter(({ wouldPage }) => wouldPage).length,
        'P4, told': told.filter(({ wouldPage }) => !wouldPage).length,
        'load average': load.toFixed(1),
      },
    ]),
  ),
)
for (const { name, told } of rows) for (const one of told) console.log(`${name} +${one.afterS} s ${one.text}`)
process.exit(rows.some(({ told }) => told.some(({ wouldPage }) => wouldPage)) ? 1 : 0)
