import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { encode } from '../test/otlp-schema.ts'

// How much telemetry `serve` takes from bytes on the wire until it is acknowledged and can be asked for: decoding,
// redaction, the store and detection included, on this machine's cores, which the senders share.
//
// Where others use the machine, the rate says more about them than about us: the processor time of each item is
// printed beside it, and the load average.
//
//     node bench/serve-ingest.ts [--seconds 10] [--port 14800] [--only logs,traces,metrics,both] [--profile DIR]

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    port: { type: 'string', default: '14800' },
    only: { type: 'string', default: 'logs,traces,metrics,both' },
    profile: { type: 'string' },
  },
})
const SECONDS = Number(values.seconds)
const PORT = Number(values.port)
const URL_OF_IT = `http://127.0.0.1:${PORT}`
/** What one export of a Collector holds. */
const BATCH = 1_000
const SENDERS = 24
/** Bodies that differ, so that nothing is fast only because it was seen before. */
const BODIES = 60

type Kind = 'logs' | 'traces' | 'metrics'

const text = (value: string) => ({ stringValue: value })
const attributes = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs).map(([key, value]) => ({ key, value: text(value) }))
const resource = (at: number) => ({
  attributes: attributes({
    'service.name': `service-${at % 5}`,
    'service.instance.id': `instance-${at % 20}`,
    'deployment.environment.name': 'production',
  }),
})
const hex = (length: number, at: number) => at.toString(16).padStart(length, '7')
const nanos = (ms: number) => `${ms}000000`
const routes = ['/', '/products/{id}', '/search', '/carts/{id}', '/checkout']

function logsBody(batch: number, now: number): Uint8Array {
  const logRecords = Array.from({ length: BATCH }, (_, at) => ({
    timeUnixNano: nanos(now),
    observedTimeUnixNano: nanos(now),
    severityNumber: at % 500 === 0 ? 17 : 9,
    severityText: at % 500 === 0 ? 'ERROR' : 'INFO',
    body: text(
      `GET ${routes[at % 5] ?? '/'} answered 200 in ${(at * 7) % 131} ms for session ${batch}-${at}`,
    ),
    attributes: attributes({
      'http.route': routes[at % 5] ?? '/',
      'http.request.method': 'GET',
      'http.response.status_code': '200',
      'url.path': `/products/${batch * BATCH + at}`,
      'client.address': `10.0.${at % 16}.${at % 250}`,
    }),
    traceId: hex(32, batch * BATCH + at),
    spanId: hex(16, at),
  }))
  return encode('ExportLogs', { resourceLogs: [{ resource: resource(batch), scopeLogs: [{ logRecords }] }] })
}

function tracesBody(batch: number, now: number): Uint8Array {
  const spans = Array.from({ length: BATCH }, (_, at) => ({
    traceId: hex(32, batch * BATCH + Math.floor(at / 3)),
    spanId: hex(16, batch * BATCH + at),
    parentSpanId: at % 3 === 0 ? '' : hex(16, batch * BATCH + at - (at % 3)),
    name: at % 3 === 0 ? `GET ${routes[at % 5] ?? '/'}` : 'pg.query',
    kind: at % 3 === 0 ? 2 : 3,
    startTimeUnixNano: nanos(now),
    endTimeUnixNano: nanos(now + (at % 40)),
    attributes: attributes({
      'http.route': routes[at % 5] ?? '/',
      'http.request.method': 'GET',
      'http.response.status_code': '200',
      'server.address': `db-${at % 3}`,
      'db.query.text': 'SELECT id, name, price FROM products WHERE id = $1',
    }),
    status: { code: 0 },
  }))
  return encode('ExportSpans', { resourceSpans: [{ resource: resource(batch), scopeSpans: [{ spans }] }] })
}

function metricsBody(batch: number, now: number): Uint8Array {
  const dataPoints = Array.from({ length: BATCH / 10 }, (_, at) => ({
    attributes: attributes({ 'http.route': routes[at % 5] ?? '/', worker: `w${at}` }),
    startTimeUnixNano: nanos(now - 60_000),
    timeUnixNano: nanos(now),
    asDouble: Math.sin(batch + at),
  }))
  const metrics = Array.from({ length: 10 }, (_, at) => ({
    name: `app.gauge.${at}`,
    unit: '1',
    gauge: { dataPoints },
  }))
  return encode('ExportMetrics', {
    resourceMetrics: [{ resource: resource(batch), scopeMetrics: [{ metrics }] }],
  })
}

const makers = { logs: logsBody, traces: tracesBody, metrics: metricsBody } as const

type Figures = { readonly acknowledged: number; readonly later: number; readonly seconds: number }

async function sendAll(kinds: readonly Kind[]): Promise<Figures> {
  const bodies = kinds
    .flatMap((kind) =>
      Array.from({ length: BODIES }, (_, at) => ({ kind, bytes: makers[kind](at, Date.now()) })),
    )
    .toSorted((one, other) => (one.bytes[40] ?? 0) - (other.bytes[40] ?? 0))
  const dispatcher = new Agent({ connections: SENDERS })
  const since = performance.now()
  let [later, next] = [0, 0]
  const one = async (): Promise<void> => {
    while (performance.now() - since < SECONDS * 1000) {
      const body = bodies[next++ % bodies.length]
      if (!body) return
      const answer = await request(`${URL_OF_IT}/v1/${body.kind}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: body.bytes,
        dispatcher,
      })
      await answer.body.dump()
      if (answer.statusCode !== 200) later++
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, one))
  const seconds = (performance.now() - since) / 1000
  await dispatcher.close()
  return { acknowledged: await accepted(), later, seconds }
}

/** What the server says that it stored: a 200 may tell of items that it refused. */
async function accepted(): Promise<number> {
  const answer = await request(`${URL_OF_IT}/api/v1/status`)
  const { received } = (await answer.body.json()) as {
    received: { accepted: number; refused: Record<string, number> }[]
  }
  for (const { refused } of received) {
    if (Object.keys(refused).length > 0) console.error('refused:', refused)
  }
  return received.reduce((sum, one) => sum + one.accepted, 0)
}

function residentOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kilobytes) * 1024
}

/** Processor seconds of a process so far. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\)\s/s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Processor seconds that all programs of the machine used so far. */
function processorSecondsOfAll(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.split(/\s+/).map(Number) ?? []
  return (user + nice + system + irq + softirq) / 100
}

function childOf(pid: number): number {
  const found = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return (
        readFileSync(`/proc/${name}/stat`, 'latin1')
          .replace(/^.*\)\s/s, '')
          .split(' ')[1] === String(pid)
      )
    } catch {
      return false
    }
  })
  return Number(found)
}

async function withServer(measure: (pid: number) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
  const config = join(folder, 'firebreak.yaml')
  writeFileSync(
    config,
    `listen: {port: ${PORT}}\nsources: {host: {enabled: false}, otlp: {http: {enabled: false}, grpc: {enabled: false}}}\n`,
  )
  const main = resolve(import.meta.dirname, '..', 'src', 'main.ts')
  const { profile } = values
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = spawn(
    process.execPath,
    [...profiling, main, 'serve', '--config', config, '--data', join(folder, 'data')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  await new Promise<void>((ready, failed) => {
    child.stderr.on('data', (chunk: Buffer) => chunk.includes('listens on') && ready())
    child.once('exit', () => failed(new Error('the server ended')))
  })
  try {
    await measure(child.pid ?? -1)
  } finally {
    child.kill('SIGINT')
    await new Promise((ended) => child.once('exit', ended))
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

const RUNS = {
  logs: ['logs'],
  traces: ['traces'],
  metrics: ['metrics'],
  both: ['logs', 'traces'],
} as const satisfies Record<string, readonly Kind[]>

/** Processor seconds of programs that are neither these nor the senders. */
function othersThan(pids: readonly number[]): number {
  return processorSecondsOfAll() - [process.pid, ...pids].reduce((sum, pid) => sum + processorSeconds(pid), 0)
}

const asked = values.only.split(',')
const load = (): string => loadavg()[0]?.toFixed(0) ?? '?'
const cell = (value: string | number, width: number): string => String(value).padStart(width)
console.log(`${cpus().length} cores, ${SENDERS} senders, ${BATCH} a request, ${SECONDS} s each`)
console.log(
  'µs: processor time of each item, in the server and in the engine; others: cores that other programs used',
)
console.log('what              items/s   later  server MB   µs  engine MB   µs  others   load')
for (const [name, kinds] of Object.entries(RUNS)) {
  if (!asked.includes(name)) continue
  await withServer(async (pid) => {
    const pids = [pid, childOf(pid)]
    const before = pids.map(processorSeconds)
    const othersBefore = othersThan(pids)
    const loadBefore = load()
    const { acknowledged, later, seconds } = await sendAll(kinds)
    const [server, engine] = pids.map((one, at) => ({
      megabytes: Math.round(residentOf(one) / 1e6),
      micros: (((processorSeconds(one) - (before[at] ?? 0)) / acknowledged) * 1e6).toFixed(1),
    }))
    const others = (othersThan(pids) - othersBefore) / seconds
    const rate = Math.round(acknowledged / seconds)
    console.log(
      kinds.join(' + ').padEnd(14),
      cell(rate, 10),
      cell(later, 7),
      cell(server?.megabytes ?? 0, 10),
      cell(server?.micros ?? '', 4),
      cell(engine?.megabytes ?? 0, 10),
      cell(engine?.micros ?? '', 4),
      cell(others.toFixed(1), 7),
      ` ${loadBefore}–${load()}`,
    )
  })
}
