// npm run bench:faults: every fault of the catalogue, one after the other, in a lab of its own at a small scale: put in,
// looked at until its check passes, taken back, and watched until the system is normal again. Each result is kept in
// the file named with --out, so that a run that was interrupted goes on where it was.
//
//   node bench/faults.ts [--out FILE] [--data DIR] [--port N] [--rate N] [--level L] [--seed N] [--only a,b] [--again]
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { AppError } from '../src/errors.ts'
import type { LabMetrics, LabSystem } from '../src/lab/platform/lab-system.ts'
import { bringUpLab } from '../test/running-lab.ts'
import type { RunningLab } from '../test/running-lab.ts'

const { values: given } = parseArgs({
  options: {
    out: { type: 'string', default: 'faults.json' },
    data: { type: 'string', default: join(tmpdir(), 'firebreak-bench-lab') },
    port: { type: 'string', default: '4760' },
    rate: { type: 'string', default: '40' },
    level: { type: 'string', default: 'normal' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    again: { type: 'boolean', default: false },
  },
})

/** A fault that does not show by then did not happen. */
const SHOWS_WITHIN_S = 75
/** After its check passed, so that the figures of ten seconds are of the fault alone. */
const LOOK_ON_S = 10
const NORMAL_WITHIN_S = 60
const SETTLE_MS = 11_000

type Figures = {
  readonly errorRate: number
  readonly p95Ms: number
  readonly connections: number
  readonly cpuCores: number
  /** The largest of the app's instances. */
  readonly memoryMb: number
  readonly logErrors: number
}

type Result = {
  readonly name: string
  readonly kind: string
  readonly level: string
  readonly happened: boolean
  readonly evidence: string
  readonly applySeconds: number
  /** From the moment that it was in. */
  readonly showsAfterSeconds: number | null
  readonly before: Figures
  readonly during: Figures
  readonly mendSeconds: number
  /** From the moment that it was out; null: not within a minute. */
  readonly normalAfterSeconds: number | null
  readonly failure: string | null
}

function logSizes({ directories }: LabSystem): ReadonlyMap<string, number> {
  const files = readdirSync(directories.logs).map((name) => join(directories.logs, name))
  return new Map(files.map((file) => [file, statSync(file).size]))
}

function errorsSince(system: LabSystem, sizes: ReadonlyMap<string, number>): number {
  let errors = 0
  for (const file of logSizes(system).keys()) {
    const text = readFileSync(file)
      .subarray(sizes.get(file) ?? 0)
      .toString('utf8')
    errors += text.split('\n').filter((line) => /\b(ERROR|FATAL|PANIC)\b/.test(line)).length
  }
  return errors
}

function figuresOf(metrics: LabMetrics, logErrors: number): Figures {
  const instances = Object.entries(metrics.processes).filter(([name]) => name.startsWith('app-'))
  return {
    errorRate: metrics.errorRate,
    p95Ms: metrics.p95Ms,
    connections: metrics.dbConnections.used,
    cpuCores: metrics.cpuCores,
    memoryMb: Math.max(0, ...instances.map(([, one]) => one.residentBytes)) / 1e6,
    logErrors,
  }
}

/** The worst of two looks, figure by figure. */
function worst(one: Figures, other: Figures): Figures {
  const max = (name: keyof Figures): number => Math.max(one[name], other[name])
  return {
    errorRate: max('errorRate'),
    p95Ms: max('p95Ms'),
    connections: max('connections'),
    cpuCores: max('cpuCores'),
    memoryMb: max('memoryMb'),
    logErrors: max('logErrors'),
  }
}

/** As it was before, within what a busy machine varies by. */
function isNormal(now: LabMetrics, before: Figures, perSecond: number): boolean {
  return (
    now.requestsPerSecond > perSecond * 0.7 &&
    now.errorRate < 0.005 &&
    now.p95Ms < Math.max(150, before.p95Ms * 2) &&
    now.dbConnections.used < 50
  )
}

async function untilNormal(system: LabSystem, before: Figures): Promise<number | null> {
  const from = performance.now()
  while (performance.now() - from < NORMAL_WITHIN_S * 1000) {
    await pause(500)
    if (isNormal(await system.metrics(), before, Number(given.rate))) return secondsSince(from)
  }
  return null
}

function secondsSince(from: number): number {
  return Math.round((performance.now() - from) / 100) / 10
}

async function tryFault(
  { system, desk }: RunningLab,
  entry: { name: string; kind: string; levels: readonly string[] },
): Promise<Result> {
  const level = entry.levels.includes(given.level) ? given.level : 'normal'
  const sizes = logSizes(system)
  const before = figuresOf(await system.metrics(), 0)
  let during = before
  const look = async (): Promise<void> => {
    during = worst(during, figuresOf(await system.metrics(), errorsSince(system, sizes)))
  }
  const result = { name: entry.name, kind: entry.kind, level, before }
  const from = performance.now()
  try {
    await desk.apply({ name: entry.name, level, seed: given.seed })
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    const isRefused = error instanceof AppError && error.code === 'LAB_NOT_POSSIBLE'
    const nothing = {
      happened: false,
      evidence: '',
      applySeconds: secondsSince(from),
      showsAfterSeconds: null,
      mendSeconds: 0,
    }
    return {
      ...result,
      ...nothing,
      during,
      normalAfterSeconds: null,
      failure: `${isRefused ? 'refused' : 'failed'}: ${failure}`,
    }
  }
  const applySeconds = secondsSince(from)
  const inFrom = performance.now()
  let check = await desk.check(entry.name)
  while (!check.happened && secondsSince(inFrom) < SHOWS_WITHIN_S) {
    await look()
    await pause(1_000)
    check = await desk.check(entry.name)
  }
  const showsAfterSeconds = check.happened ? secondsSince(inFrom) : null
  for (let second = 0; second < LOOK_ON_S; second += 1) {
    await look()
    await pause(1_000)
  }
  const mendFrom = performance.now()
  const failure = await desk.mend(entry.name).then(
    () => null,
    (error: unknown) => `mend: ${error instanceof Error ? error.message : String(error)}`,
  )
  const mendSeconds = secondsSince(mendFrom)
  const normalAfterSeconds = await untilNormal(system, before)
  return {
    ...result,
    ...check,
    applySeconds,
    showsAfterSeconds,
    during,
    mendSeconds,
    normalAfterSeconds,
    failure,
  }
}

function readResults(): Result[] {
  try {
    return given.again ? [] : (JSON.parse(readFileSync(given.out, 'utf8')) as Result[])
  } catch {
    return [] // a first run
  }
}

function keep(results: readonly Result[]): void {
  writeFileSync(`${given.out}.new`, `${JSON.stringify(results, null, 2)}\n`)
  renameSync(`${given.out}.new`, given.out)
}

function table(results: readonly Result[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const moved = (from: number, to: number, digits = 0): string =>
    `${from.toFixed(digits)} → ${to.toFixed(digits)}`
  const rows = results.map(({ before, during, ...one }) =>
    [
      one.name,
      one.kind,
      one.happened ? `yes, ${one.showsAfterSeconds} s` : (one.failure ?? 'no').slice(0, 40),
      `${percent(before.errorRate)} → ${percent(during.errorRate)}`,
      moved(before.p95Ms, during.p95Ms),
      moved(before.connections, during.connections),
      moved(before.cpuCores, during.cpuCores, 2),
      moved(before.memoryMb, during.memoryMb),
      String(during.logErrors),
      one.normalAfterSeconds === null ? 'no' : `${(one.mendSeconds + one.normalAfterSeconds).toFixed(1)} s`,
    ].join(' | '),
  )
  const head = [
    'fault',
    'kind',
    'happened',
    'errors',
    'p95 ms',
    'connections',
    'cores',
    'MB',
    'log errors',
    'normal after',
  ]
  return [head, head.map(() => '---')]
    .map((row) => `| ${row.join(' | ')} |`)
    .concat(rows.map((row) => `| ${row} |`))
    .join('\n')
}

const results = readResults()
const lab = await bringUpLab({
  directory: given.data,
  port: Number(given.port),
  perSecond: Number(given.rate),
  seed: given.seed,
  onProgress: (text) => console.error(text),
})
let isEnding = false
process.on('SIGINT', () => {
  isEnding = true
})
process.on('SIGTERM', () => {
  isEnding = true
})
try {
  const only = given.only.split(',').filter(Boolean)
  const wanted = lab.desk
    .catalogue()
    .filter(({ name }) => (only.length === 0 ? name !== 'surprise' : only.includes(name)))
    .filter(({ name }) => !results.some((result) => result.name === name))
  for (const entry of wanted) {
    if (isEnding) break
    await pause(SETTLE_MS) // the figures of ten seconds are to be of an ordinary day
    const result = await tryFault(lab, entry)
    console.error(
      `${result.happened ? 'ok  ' : 'FAIL'} ${result.name}: ${result.failure ?? result.evidence} · in ${result.applySeconds} s, shows ${result.showsAfterSeconds} s, mended ${result.mendSeconds} s, normal ${result.normalAfterSeconds} s`,
    )
    results.push(result)
    keep(results)
  }
} finally {
  await lab.desk.mend().catch(() => {})
  await lab.down()
}
console.log(table(results))
process.exit(results.every((result) => result.happened && result.normalAfterSeconds !== null) ? 0 : 1)
