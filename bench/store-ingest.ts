import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openTelemetryStore } from '../src/store/index.ts'
import type { TelemetryStore } from '../src/store/index.ts'
import type { TelemetryBatch } from '../src/telemetry/index.ts'
import { makeLog, makePoint, makeSpan } from './store-telemetry.ts'

// How many rows a second the store takes until they can be asked for, and whether a row costs the same when many are
// stored already.
//
//     node bench/store-ingest.ts [--seconds 10]               rows/s of each kind, and of logs and spans together
//     node bench/store-ingest.ts --rows 50000000 [--data DIR] flatness: seconds of each million, up to so many log rows
//
// The second goes on where it was stopped, with the same --data; --remove removes it at the end.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rows: { type: 'string' },
    data: { type: 'string' },
    remove: { type: 'boolean', default: false },
  },
})

type Kind = 'logs' | 'spans' | 'metrics'
/** What one export of an SDK or a Collector holds. */
const BATCH = 2_000
const SENDERS = 24

/** Batches are made beforehand and used again: what is measured is the store. */
function prepared(kind: Kind): readonly TelemetryBatch[] {
  const at = Date.now()
  return Array.from({ length: 30 }, (_, batch): TelemetryBatch => {
    const indices = Array.from({ length: BATCH }, (_, index) => batch * BATCH + index)
    const time = (index: number): number => at + index * 0.02
    if (kind === 'logs') return { kind, items: indices.map((index) => makeLog(index, time(index))) }
    if (kind === 'spans') return { kind, items: indices.map((index) => makeSpan(index, time(index))) }
    return { kind, items: indices.map((index) => makePoint(index, time(index))) }
  })
}

/** Sends until `isDone`; a sender that is told to come later does. Returns rows that were acknowledged. */
async function send(
  store: TelemetryStore,
  batches: readonly TelemetryBatch[],
  isDone: (sent: number) => boolean,
) {
  let sent = 0
  let refused = 0
  let next = 0
  const sender = async (): Promise<void> => {
    while (!isDone(sent)) {
      const batch = batches[next++ % batches.length]
      if (batch === undefined) return
      const taken = await store.append([batch])
      if (taken.kind === 'stored') sent += batch.items.length
      else {
        refused += 1
        await new Promise((resolve) => setTimeout(resolve, taken.afterMs))
      }
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
  return { sent, refused }
}

async function count(store: TelemetryStore): Promise<Readonly<Record<Kind, number>>> {
  const { tables } = await store.stats()
  const rows = (name: string): number => tables.find(({ table }) => table === name)?.rows ?? 0
  return { logs: rows('otel_logs'), spans: rows('otel_traces'), metrics: rows('otel_metrics_gauge') }
}

/** Processor time of the engine so far; Linux tells it, elsewhere it is 0. */
function engineSeconds(directory: string): number {
  try {
    const { pid } = JSON.parse(readFileSync(join(directory, 'engine.json'), 'utf8')) as { pid: number }
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

const megabytes = (bytes: number | null): string => (bytes === null ? '?' : `${Math.round(bytes / 1e6)} MB`)

async function rates(): Promise<void> {
  const ms = Number(values.seconds) * 1_000
  for (const kinds of [['logs'], ['spans'], ['metrics'], ['logs', 'spans']] as const) {
    const directory = join(tmpdir(), `firebreak-store-ingest-${process.pid}`)
    const store = await openTelemetryStore({ directory, now: Date.now, onNote: console.error })
    const batches = kinds.map(prepared)
    await Promise.all(batches.map((some) => send(store, some, (sent) => sent >= BATCH * 30))) // warm
    const before = await count(store)
    const engineBefore = engineSeconds(directory)
    const cpuBefore = process.cpuUsage()
    const start = performance.now()
    const results = await Promise.all(
      batches.map((some) => send(store, some, () => performance.now() - start > ms)),
    )
    const seconds = (performance.now() - start) / 1_000
    const cpu = process.cpuUsage(cpuBefore)
    const engineUsed = engineSeconds(directory) - engineBefore
    const stored = await count(store)
    const { engine, diskBytes } = await store.stats()
    kinds.forEach((kind, index) => {
      const sent = results[index]?.sent ?? 0
      if (stored[kind] - before[kind] !== sent) {
        console.log(`  ${kind}: ${sent} were acknowledged, ${stored[kind] - before[kind]} are there`)
      }
      console.log(`${kinds.join(' + ')}: ${kind} ${Math.round(sent / seconds)} rows/s until queryable`)
    })
    const ours = ((cpu.user + cpu.system) / 1e6 / seconds).toFixed(2)
    console.log(
      `  ${ours} cores in this process, ${(engineUsed / seconds).toFixed(2)} in the engine, ${megabytes(process.memoryUsage().rss)} here, ${megabytes(engine.residentBytes)} in the engine, ${megabytes(diskBytes)} on disk`,
    )
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

type Progress = {
  rows: number
  steps: { rows: number; seconds: number; engineBytes: number | null; diskBytes: number }[]
}

async function flatness(goal: number): Promise<void> {
  const directory = values.data ?? join(tmpdir(), 'firebreak-store-flatness')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'progress.json')
  const progress: Progress = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Progress)
    : { rows: 0, steps: [] }
  const store = await openTelemetryStore({
    directory: join(directory, 'store'),
    now: Date.now,
    onNote: console.error,
  })
  const batches = prepared('logs')
  const STEP = 1_000_000
  while (progress.rows < goal) {
    const start = performance.now()
    const { sent } = await send(store, batches, (some) => some >= STEP)
    const seconds = (performance.now() - start) / 1_000
    const { engine, diskBytes } = await store.stats()
    progress.rows += sent
    progress.steps.push({ rows: progress.rows, seconds, engineBytes: engine.residentBytes, diskBytes })
    writeFileSync(file, JSON.stringify(progress))
    const rate = Math.round(sent / seconds)
    console.log(
      `${(progress.rows / 1e6).toFixed(1)} M rows: ${rate} rows/s, engine ${megabytes(engine.residentBytes)}, disk ${megabytes(diskBytes)}`,
    )
  }
  await store.close()
  if (values.remove) rmSync(directory, { recursive: true, force: true })
}

console.log(`${cpus().length} cores, Node ${process.version}`)
await (values.rows === undefined ? rates() : flatness(Number(values.rows)))
