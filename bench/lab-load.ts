// node bench/lab-load.ts: what the shoppers' process carries against a stub, and what three load generators say about
// a server that stands still for two seconds. wrk (apt) and autocannon (npm) take part where they are on PATH.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadFigures } from '../src/lab/load/load-figures.ts'
import { createShoppersLink } from '../src/lab/load/shoppers-link.ts'
import type { SecondReport } from '../src/lab/load/shoppers-protocol.ts'
import { startProgram } from './child-line.ts'

const file = (name: string): string => new URL(name, import.meta.url).pathname
const HIGH_RATE = Number(process.argv[2] ?? 10_000)
const SECONDS = 10
const STALL_RATE = 400
const STALL_MS = 2_000
const STALL_AT_MS = 4_000

type Run = { readonly seconds: readonly SecondReport[]; readonly cpuCores: number }

/** User and system time of a process, in seconds (proc_pid_stat(5); 100 ticks a second on every Linux we know). */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function runShoppers(port: number, perSecond: number, warmUpSeconds = 0): Promise<Run> {
  const child = spawn(process.execPath, [file('../src/lab/load/shoppers-main.ts')], { stdio: 'pipe' })
  child.stderr.pipe(process.stderr)
  const seconds: SecondReport[] = []
  const link = createShoppersLink({
    write: (line) => void child.stdin.write(line),
    onReport: (report) => report.kind === 'second' && seconds.push(report),
  })
  child.stdout.on('data', (chunk: Buffer) => link.read(chunk))
  link.start({
    target: `http://127.0.0.1:${port}`,
    perSecond,
    seed: 1,
    profile: 'everyday',
    timeoutMs: 15_000,
    reportsFile: null,
    reportsUrl: null,
  })
  while (seconds.length < warmUpSeconds) await pause(5)
  const before = cpuSeconds(child.pid)
  const beganAt = performance.now()
  while (seconds.length < warmUpSeconds + SECONDS) await pause(5)
  const cpuCores = ((cpuSeconds(child.pid) - before) * 1000) / (performance.now() - beganAt)
  link.setRate(0)
  await pause(2_500)
  link.stop()
  await new Promise((resolve) => child.once('exit', resolve))
  return { seconds: seconds.slice(warmUpSeconds), cpuCores }
}

async function carry(): Promise<void> {
  const stub = await startProgram(file('stub-shop.ts'))
  const { seconds, cpuCores } = await runShoppers(stub.port, HIGH_RATE, 3)
  stub.child.stdin.end()
  const steady = seconds.slice(0, SECONDS)
  const figures = loadFigures(steady)
  const { length } = steady
  console.log(
    `\nAgainst a stub, ${HIGH_RATE} requests/s asked for, ${availableParallelism()} cores for both:\n`,
  )
  console.table({
    'requests/s ended': Math.round(figures.requestsPerSecond),
    'started/s': Math.round(steady.reduce((sum, second) => sum + second.started, 0) / length),
    failed: figures.failed,
    missed: steady.reduce((sum, second) => sum + second.missed, 0),
    'p50 ms': round(figures.p50Ms),
    'p99 ms': round(figures.p99Ms),
    'worst lateness of a second, median ms': round(median(steady.map((second) => second.behindMs))),
    'cores used by the shoppers': round(cpuCores),
  })
}

type Told = { sent: number | string; p50: string; p90: string; p99: string; max: string }

async function stallShoppers(): Promise<Told> {
  const stub = await startProgram(file('stub-shop.ts'))
  setTimeout(() => stub.child.stdin.write(`stall ${STALL_MS}\n`), STALL_AT_MS)
  const { seconds } = await runShoppers(stub.port, STALL_RATE)
  stub.child.stdin.end()
  const figures = loadFigures(seconds)
  const at = quantilesOf(seconds)
  return { sent: figures.requests, p50: ms(at(0.5)), p90: ms(at(0.9)), p99: ms(at(0.99)), max: ms(at(1)) }
}

function quantilesOf(seconds: readonly SecondReport[]): (share: number) => number {
  const counts = new Map<number, number>()
  for (const second of seconds)
    for (const route of Object.values(second.routes))
      for (const [bucket, count] of route.latency) counts.set(bucket, (counts.get(bucket) ?? 0) + count)
  const sorted = [...counts].sort(([one], [other]) => one - other)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  return (share) => {
    let seen = 0
    const [bucket] = sorted.find(([, count]) => (seen += count) >= share * total) ?? [0]
    return 0.05 * 1.05 ** (bucket + 0.5)
  }
}

async function stallAutocannon(): Promise<Told | null> {
  if (spawnSync('autocannon', ['--version']).error !== undefined) return null
  const stub = await startProgram(file('stub-shop.ts'))
  const args = ['-R', `${STALL_RATE}`, '-c', '50', '-d', `${SECONDS}`, '-t', '15', '-j']
  const output = run('autocannon', [...args, `http://127.0.0.1:${stub.port}/`])
  setTimeout(() => stub.child.stdin.write(`stall ${STALL_MS}\n`), STALL_AT_MS + 500) // it takes a moment to start
  const text = await output
  stub.child.stdin.end()
  const { latency, requests } = JSON.parse(text) as {
    latency: { p50: number; p90: number; p99: number; max: number }
    requests: { sent: number }
  }
  const { p50, p90, p99, max } = latency
  return { sent: requests.sent, p50: ms(p50), p90: ms(p90), p99: ms(p99), max: ms(max) }
}

/** wrk knows no rate: each of its connections waits between requests, so that all together come to the rate. */
async function stallWrk(): Promise<Told | null> {
  if (spawnSync('wrk', ['-v']).error !== undefined) return null
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-wrk-'))
  const script = join(folder, 'rate.lua')
  const connections = 50
  writeFileSync(script, `function delay() return ${Math.round((connections * 1000) / STALL_RATE)} end\n`)
  const stub = await startProgram(file('stub-shop.ts'))
  setTimeout(() => stub.child.stdin.write(`stall ${STALL_MS}\n`), STALL_AT_MS)
  const args = [
    '-t',
    '1',
    '-c',
    `${connections}`,
    '-d',
    `${SECONDS}s`,
    '--latency',
    '--timeout',
    '15s',
    '-s',
    script,
  ]
  const text = await run('wrk', [...args, `http://127.0.0.1:${stub.port}/`])
  stub.child.stdin.end()
  rmSync(folder, { recursive: true })
  const at = (share: string): string => new RegExp(`^\\s+${share}%\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '?'
  const max = /Latency\s+\S+\s+\S+\s+(\S+)/.exec(text)?.[1] ?? '?'
  return {
    sent: /(\d+) requests in/.exec(text)?.[1] ?? '?',
    p50: at('50'),
    p90: at('90'),
    p99: at('99'),
    max,
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  return text
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

function ms(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

await carry()
console.log(
  `\n${STALL_RATE} requests/s for ${SECONDS} s; the server stands still for ${STALL_MS / 1000} s after ${STALL_AT_MS / 1000} s.`,
)
console.log('Who came during the stall waited for its end: of all, a fifth waited 0 to 2 s, evenly spread.\n')
const arithmetic = { sent: STALL_RATE * SECONDS, p50: '-', p90: '1000 ms', p99: '1900 ms', max: '2000 ms' }
console.table({
  'what users felt (arithmetic)': arithmetic,
  'shoppers of the lab': await stallShoppers(),
  'autocannon -R': (await stallAutocannon()) ?? { sent: 'not installed' },
  'wrk with delay()': (await stallWrk()) ?? { sent: 'not installed' },
})
