// node bench/detection-delay.ts [--out FILE] [--runs N] [--shares 0.45,0.02] [--ways access,sdk-1s,sdk] [--prometheus]
//
// From the first failing request of the lab to the detection that pages, as a client of the event stream gets it. Two
// `serve` look at one lab side by side: one reads the balancer's access log and probes the shop, one gets OTLP from the
// shop's SDKs (at 1 s export, or at their defaults). --prometheus: Prometheus and Alertmanager beside them, one run of
// each share, and as long as it takes. Results are kept in the file; a run that was interrupted goes on where it was.
import type { ChildProcess } from 'node:child_process'
import {
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../src/lab/platform/free-port.ts'
import { deployFailingShare } from './failing-share.ts'
import type { FailingShare } from './failing-share.ts'
import { median } from './measured-run.ts'
import { labDown, labFolder, labUp } from './own-lab.ts'
import { pages, watch } from './watched-serve.ts'
import type { Event, Watcher } from './watched-serve.ts'
import { startPrometheus } from './prometheus-beside.ts'
import type { PrometheusBeside } from './prometheus-beside.ts'

const { values: given } = parseArgs({
  options: {
    out: { type: 'string', default: 'detection-delay.json' },
    runs: { type: 'string', default: '10' },
    shares: { type: 'string', default: '0.45,0.02' },
    ways: { type: 'string', default: 'access,sdk-1s,sdk' },
    port: { type: 'string', default: '4870' },
    prometheus: { type: 'boolean', default: false },
  },
})
const SETTLE_MS = 60_000
const GIVE_UP_MS = 120_000
/** Rates over five minutes of somebody who has just begun to look flatter him. */
const PROMETHEUS_SETTLE_MS = 6 * 60_000
const PROMETHEUS_GIVE_UP_MS = 15 * 60_000
/** After the last failure, until everybody is calm again. */
const CALM_MS = 25_000

type Row = {
  readonly way: string
  readonly share: number
  /** From the first failing request; null: not within the time given. */
  readonly delayMs: number | null
  readonly rule: string
}

function keep(rows: readonly Row[]): void {
  writeFileSync(`${given.out}.new`, `${JSON.stringify(rows, null, 2)}\n`)
  renameSync(`${given.out}.new`, given.out)
}

function kept(): Row[] {
  try {
    return JSON.parse(readFileSync(given.out, 'utf8')) as Row[]
  } catch {
    return [] // a first run
  }
}

/** When the first request after `position` of the access log came that then failed. */
function firstFailureAfter(log: string, position: number): number | null {
  const file = openSync(log, 'r')
  const bytes = Buffer.alloc(Math.max(0, statSync(log).size - position))
  readSync(file, bytes, 0, bytes.length, position)
  const failed = bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => / (?:5\d\d|-1) \d+ - - /.test(line))
    .map((line) => /\[(\d+)\/(\w+)\/(\d+):([\d:.]+)\]/.exec(line))
    .flatMap((found) =>
      found === null ? [] : [Date.parse(`${found[1]} ${found[2]} ${found[3]} ${found[4]} UTC`)],
    )
  return failed.length === 0 ? null : Math.min(...failed)
}

type Scene = {
  readonly failing: FailingShare
  readonly log: string
  readonly watchers: readonly Watcher[]
  readonly share: number
}

/** One outage, until every watcher has noticed. */
async function outage({ failing, log, watchers, share }: Scene): Promise<readonly Row[]> {
  const position = statSync(log).size
  const from = Date.now()
  failing.set(share)
  const seen = ({ events }: Watcher): Event | undefined =>
    events.find((event) => event.at > from && pages(event))
  while (!watchers.every(seen) && Date.now() - from < GIVE_UP_MS) await pause(50)
  failing.set(0)
  const first = firstFailureAfter(log, position)
  return watchers.map((watcher) => {
    const event = seen(watcher)
    const delayMs = event === undefined || first === null ? null : event.at - first
    return { way: watcher.way, share, delayMs, rule: event?.rule ?? '' }
  })
}

const NO_OTLP = 'otlp: { http: { enabled: false }, grpc: { enabled: false } }'
const accessConfig = (log: string, shop: number): string => `
sources:
  ${NO_OTLP}
  logs: [{ service: shop, paths: ${JSON.stringify(log)} }]
  probes: [{ name: front page, service: shop, every: 5s, http: { url: 'http://127.0.0.1:${shop}/' } }]
`
/** On the API's own port. */
const sdkConfig = `
sources:
  ${NO_OTLP}
`

async function session(ways: readonly string[], rows: Row[]): Promise<void> {
  const [folder, own] = [labFolder(), mkdtempSync(join(tmpdir(), 'firebreak-bench-serve-'))]
  const shop = Number(given.port)
  const sdkPort = await freePort()
  const isFast = ways.includes('sdk-1s')
  const sdk = ways.find((way) => way.startsWith('sdk'))
  const watchers: Watcher[] = []
  let child: ChildProcess | null = null
  try {
    if (sdk !== undefined) watchers.push(await watch(sdk, own, { port: sdkPort, config: sdkConfig }))
    child = await labUp(folder, [
      '--port',
      given.port,
      ...(sdk === undefined ? [] : ['--otlp', `http://127.0.0.1:${sdkPort}`]),
      ...(isFast ? ['--otlp-interval', '1s'] : []),
    ])
    const log = join(folder, 'logs', 'balancer.log')
    const failing = await deployFailingShare(folder)
    if (ways.includes('access')) {
      const config = accessConfig(log, shop)
      watchers.push(await watch('access', own, { port: await freePort(), config }))
    }
    await pause(SETTLE_MS)
    for (const share of given.shares.split(',').map(Number))
      await repeat({ failing, log, watchers, share }, rows)
  } finally {
    for (const watcher of watchers) await watcher.stop()
    if (child !== null) await labDown(child)
    for (const each of [folder, own]) rmSync(each, { recursive: true, force: true })
  }
}

async function repeat(scene: Scene, rows: Row[]): Promise<void> {
  for (;;) {
    const done = Math.min(
      ...scene.watchers.map(
        ({ way }) => rows.filter((row) => row.way === way && row.share === scene.share).length,
      ),
    )
    if (done >= Number(given.runs)) return
    const results = await outage(scene)
    for (const { way, delayMs, rule } of results)
      console.error(
        `${way} ${scene.share * 100} %: ${delayMs === null ? 'not seen' : `${(delayMs / 1000).toFixed(1)} s`} (${rule})`,
      )
    rows.push(...results)
    keep(rows)
    await pause(CALM_MS)
    await untilCalm(scene.watchers)
  }
}

/** A page that is still open would hide the next one. */
async function untilCalm(watchers: readonly Watcher[]): Promise<void> {
  const from = Date.now()
  const isOpen = ({ events }: Watcher): boolean => {
    const newest = new Map(events.map((event) => [event.id, event]))
    return [...newest.values()].some(pages)
  }
  while (watchers.some(isOpen) && Date.now() - from < GIVE_UP_MS) await pause(200)
}

/** The rules of Prometheus that fired by the time given, and when. */
async function allFired(prometheus: PrometheusBeside, from: number): Promise<ReadonlyMap<string, number>> {
  const fired = new Map<string, number>()
  while (fired.size < 3 && Date.now() - from < PROMETHEUS_GIVE_UP_MS) {
    for (const [name, { firingAt }] of await prometheus.alerts()) fired.set(name, fired.get(name) ?? firingAt)
    await pause(500)
  }
  return fired
}

/** The peers, one run of each share: they look at averages of five minutes and more. */
async function beside(rows: Row[]): Promise<void> {
  const folder = labFolder()
  const child = await labUp(folder, ['--port', given.port])
  const log = join(folder, 'logs', 'balancer.log')
  const failing = await deployFailingShare(folder)
  const prometheus = await startPrometheus(join(folder, 'prometheus'), log)
  try {
    await pause(PROMETHEUS_SETTLE_MS)
    for (const share of given.shares.split(',').map(Number)) {
      const position = statSync(log).size
      const from = Date.now()
      failing.set(share)
      const fired = await allFired(prometheus, from)
      failing.set(0)
      const first = firstFailureAfter(log, position) ?? from
      for (const [rule, at] of fired) {
        rows.push({ way: 'Prometheus', share, delayMs: at - first, rule })
        console.error(`Prometheus ${share * 100} %, ${rule}: ${((at - first) / 1000).toFixed(0)} s`)
      }
      keep(rows)
      while ((await prometheus.alerts()).size > 0 && Date.now() - from < 2 * PROMETHEUS_GIVE_UP_MS)
        await pause(1_000)
    }
  } finally {
    prometheus.stop()
    await labDown(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

const rows = kept()
console.error(`load average before: ${loadavg()[0]?.toFixed(1)}`)
const ways = given.ways.split(',').filter(Boolean)
const together = ways.filter((way) => way !== 'sdk')
if (together.length > 0) await session(together, rows)
if (ways.includes('sdk')) await session(['sdk'], rows)
if (given.prometheus) await beside(rows)
const keys = [
  ...new Set(rows.map(({ way, share, rule }) => `${way}|${share}|${way === 'Prometheus' ? rule : ''}`)),
]
console.table(
  Object.fromEntries(
    keys.map((key) => {
      const [way = '', share = '', rule = ''] = key.split('|')
      const own = rows.filter(
        (row) => row.way === way && row.share === Number(share) && (rule === '' || row.rule === rule),
      )
      const delays = own.map(({ delayMs }) => delayMs ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b)
      const seconds = (ms: number | undefined): string => ((ms ?? Number.NaN) / 1000).toFixed(1)
      const figures = {
        runs: own.length,
        median: seconds(median(delays)),
        least: seconds(delays[0]),
        most: seconds(delays.at(-1)),
      }
      return [
        `${way} ${Number(share) * 100} % ${rule}`,
        { ...figures, by: [...new Set(own.map((row) => row.rule))].join(', ') },
      ]
    }),
  ),
)
