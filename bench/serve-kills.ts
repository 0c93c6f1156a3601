import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { encode } from '../test/otlp-schema.ts'
import { countStored, engineOf, startServe } from './served.ts'
import type { Served } from './served.ts'

// kill -9 of `firebreak serve`, and of its engine, while senders send at full rate: is every record that was
// acknowledged there, and how often does one come twice that was sent once?
//
//     node bench/serve-kills.ts [--times 10] [--port 14900] [--between 2000]

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    port: { type: 'string', default: '14900' },
    between: { type: 'string', default: '2000' },
  },
})
const PORT = Number(values.port)
const PER_BATCH = 500
const SENDERS = 12
const PATIENCE_MS = 120_000

type Tally = { readonly acknowledged: Map<string, number>; later: number; broken: number }

function bodyOf(batch: string): Uint8Array {
  const timeUnixNano = `${Date.now()}000000`
  const logRecords = Array.from({ length: PER_BATCH }, (_, at) => ({
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: `record ${at} of ${batch}` },
    // The batch is told apart by this; ids of hexadecimal digits survive redaction.
    traceId: batch.padStart(32, 'a'),
  }))
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }]
  return encode('ExportLogs', { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] })
}

/** Sends until it is told to stop; what is not acknowledged is given up, and the next batch is a new one. */
function sendAll(tally: Tally, from: number): () => Promise<void> {
  let next = from
  const stopping = new AbortController()
  const one = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const batch = String(next++)
      const answer = await request(`http://127.0.0.1:${PORT}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: bodyOf(batch),
      }).catch(() => null)
      const isRead = await answer?.body.dump().then(
        () => true,
        () => false,
      )
      if (answer === null || isRead !== true) tally.broken++
      else if (answer.statusCode === 200) tally.acknowledged.set(batch.padStart(32, 'a'), PER_BATCH)
      else tally.later++
      if (answer?.statusCode !== 200) await pause(50)
    }
  }
  const sending = Array.from({ length: SENDERS }, one)
  return async () => {
    stopping.abort()
    await Promise.all(sending)
  }
}

/** Waits until so many more batches were acknowledged. */
async function untilTaken(tally: Tally, more: number): Promise<void> {
  const goal = tally.acknowledged.size + more
  const until = Date.now() + PATIENCE_MS
  while (tally.acknowledged.size < goal) {
    if (Date.now() > until)
      throw new Error(`nothing is taken any more after ${tally.acknowledged.size} batches`)
    await pause(20)
  }
}

async function run(target: 'serve' | 'engine'): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-serve-kills-'))
  const config = join(folder, 'firebreak.yaml')
  writeFileSync(
    config,
    `listen: {port: ${PORT}}\nsources: {host: {enabled: false}, otlp: {http: {enabled: false}, grpc: {enabled: false}}}\n`,
  )
  const options = { config, data: join(folder, 'data') }
  const tally: Tally = { acknowledged: new Map(), later: 0, broken: 0 }
  let served: Served = await startServe(options)
  const began = performance.now()
  const stop = sendAll(tally, 1)
  try {
    for (let time = 0; time < Number(values.times); time++) {
      await untilTaken(tally, 20)
      await pause(Number(values.between) * ((time % 5) / 5 + 0.1)) // at another moment of the group commit each time
      if (target === 'engine') process.kill(engineOf(served.pid), 'SIGKILL')
      else {
        await served.kill()
        served = await startServe(options)
      }
    }
    await untilTaken(tally, 20)
    await stop()
    const seconds = (performance.now() - began) / 1_000
    await served.stop()
    const stored = await countStored(options.data)
    const lost = [...tally.acknowledged].filter(([id, rows]) => (stored.get(id) ?? 0) < rows)
    const twice = [...tally.acknowledged].filter(([id, rows]) => (stored.get(id) ?? 0) > rows)
    const rows = tally.acknowledged.size * PER_BATCH
    console.log(
      `${target} killed ${values.times} times in ${seconds.toFixed(0)} s: ${rows} records acknowledged, ${lost.length} batches with records lost, ${twice.length} with records twice; ${tally.later} told to come later, ${tally.broken} connections broken; load ${loadavg()[0]?.toFixed(0)}`,
    )
    return lost.length === 0 && rows > 0
  } finally {
    await stop()
    await served.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

const isWhole = [await run('serve'), await run('engine')].every(Boolean)
process.exitCode = isWhole ? 0 : 1
