import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { superviseEngine } from '../src/store/engine.ts'
import { openTelemetryStore } from '../src/store/index.ts'
import type { Paging, TelemetryStore } from '../src/store/index.ts'

// A day of a shop's telemetry at 167 requests a second, made by the engine itself, and then every question of the API:
// the slowest must stay under 300 ms.
//
//     node bench/store-day.ts [--data DIR] [--hours 24] [--remove]
//
// The day is kept in DIR (some 6 GB) and used again.

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(tmpdir(), 'firebreak-store-day') },
    hours: { type: 'string', default: '24' },
    remove: { type: 'boolean', default: false },
  },
})

const PER_SECOND = 167
const HOURS = Number(values.hours)
const START = Date.UTC(2026, 10, 20)
const END = START + HOURS * 3_600_000
const directory = values.data
const done = join(directory, `day-${HOURS}h-made`)
const histogramsDone = join(directory, `histograms-${HOURS}h-made`)

const RESOURCE =
  "map('service.name', svc, 'service.instance.id', concat(svc, '-', toString(cityHash64(n) % 3)), 'service.version', '1.4.2', 'host.name', 'host-1', 'telemetry.sdk.language', 'nodejs')"
const ROUTE =
  "['/products', '/products/:id', '/cart', '/checkout', '/orders/:id', '/search', '/login', '/'][1 + r % 8]"

/** Small enough for a busy machine to make within the time that one statement has. */
const CHUNK_SECONDS = 600
const CHUNKS = (HOURS * 3600) / CHUNK_SECONDS
/** The numbers of a chunk's requests. */
const chunkOf = (chunk: number): string =>
  `numbers(${chunk * CHUNK_SECONDS * PER_SECOND}, ${CHUNK_SECONDS * PER_SECOND})`
const at = `fromUnixTimestamp64Nano(toInt64(${START}) * 1000000 + toInt64(n * ${1e9 / PER_SECOND}))`

function statements(chunk: number): readonly string[] {
  const from = `(SELECT number AS n, cityHash64(number) AS r, ${at} AS t, hex(sipHash128(n)) AS trace FROM ${chunkOf(chunk)})`
  const spans = `(SELECT *, lower(trace) AS id, arrayJoin([1, 2, 3, 4]) AS part, ['lb', 'shop', 'shop', 'payment'][part] AS svc, ${ROUTE} AS route, if(r % 500 = 0, '500', '200') AS status FROM ${from})`
  return [
    `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration, StatusCode)
SELECT t + toIntervalMicrosecond(part * 100), id, lower(hex(cityHash64(n, part))), if(part = 1, '', lower(hex(cityHash64(n, part - 1)))), if(part = 3, 'pg.query:SELECT shop', concat('GET ', route)), if(part IN (1, 2, 4), 'Server', 'Client'), svc, ${RESOURCE}, 'instrumentation-http',
  map('http.request.method', 'GET', 'http.route', route, 'http.response.status_code', status, 'url.path', concat('/products/', toString(r % 1000)), 'server.address', '127.0.0.1'), 1000000 + r % 80000000, if(status = '500', 'Error', 'Unset') FROM ${spans}`,
    `INSERT INTO otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, LogAttributes)
SELECT t, lower(trace), lower(hex(cityHash64(n, 2))), 1, if(r % 500 = 0, 'ERROR', 'INFO'), if(r % 500 = 0, 17, 9), ['shop', 'shop', 'payment'][1 + r % 3] AS svc,
  if(n = 7000000, 'the needle in the haystack', concat(if(r % 500 = 0, 'could not handle ', 'handled '), 'request ', toString(n), ' for user ', toString(r % 5000), ' in ', toString(r % 300), ' ms')), ${RESOURCE}, 'pino', map('http.route', ${ROUTE}, 'user.id', toString(r % 5000)) FROM ${from}`,
    `INSERT INTO firebreak_requests (At, ServiceName, Route, Status, NoAnswer, DurationMs, Client)
SELECT t, 'lb', concat('GET ', ${ROUTE}), if(r % 500 = 0, 500, 200), '', 1 + r % 80, concat('10.0.', toString(r % 200), '.', toString(r % 250)) FROM ${from}`,
    `INSERT INTO otel_metrics_gauge (ResourceAttributes, ServiceName, MetricName, MetricUnit, Attributes, StartTimeUnix, TimeUnix, Value)
SELECT ${RESOURCE}, 'shop' AS svc, concat('process.figure.', toString(n % 40)), 'By', map('state', toString(r % 5)), t, t, r % 1000 FROM (SELECT * FROM ${from} WHERE n % 4 = 0)`,
  ]
}

/** As an SDK sends it, once a minute: 100 series (three instances, routes, methods and states) of five histograms. */
function histograms(hour: number): string {
  const start = START + hour * 3_600_000
  return `INSERT INTO otel_metrics_histogram (ResourceAttributes, ServiceName, MetricName, MetricUnit, Attributes, StartTimeUnix, TimeUnix, Count, Sum, BucketCounts, ExplicitBounds, Min, Max, AggregationTemporality)
SELECT map('service.name', 'shop', 'service.instance.id', concat('shop-', toString(s % 3)), 'service.version', '1.4.2', 'host.name', 'host-1', 'telemetry.sdk.language', 'nodejs'),
  'shop', concat(['http.server.request.duration', 'http.client.request.duration', 'db.client.operation.duration', 'nodejs.eventloop.delay', 'payment.duration'][1 + metric]), 's',
  map('http.request.method', 'GET', 'http.route', concat('/products/', toString(s)), 'http.response.status_code', '200', 'url.scheme', 'http', 'network.protocol.version', '1.1'),
  fromUnixTimestamp64Milli(toInt64(${START - 3_600_000})), fromUnixTimestamp64Milli(toInt64(${start} + minute * 60000 + s * 500)), ${hour} * 60000 + minute * 1000, minute * 3.5,
  arrayMap(i -> toUInt64((${hour} * 60 + minute) * (i + 1) * 5), range(15)), [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], nan, nan, 2
FROM (SELECT number % 100 AS s, intDiv(number, 100) % 60 AS minute, intDiv(number, 6000) AS metric FROM numbers(30000))`
}

/** Also of a day that an earlier version of this program made. */
async function makeHistograms(): Promise<void> {
  const engine = await superviseEngine({ directory, memoryBytes: 4 * 2 ** 30, onNote: console.error })
  for (let hour = 0; hour < HOURS; hour++) await engine.client()?.command({ query: histograms(hour) })
  await engine.close()
  writeFileSync(histogramsDone, '')
}

async function makeDay(): Promise<void> {
  const engine = await superviseEngine({ directory, memoryBytes: 4 * 2 ** 30, onNote: console.error })
  const client = engine.client()
  if (client === null) throw new Error('the engine is away')
  const progress = join(directory, 'chunks-made')
  const first = existsSync(progress) ? Number(readFileSync(progress, 'utf8')) : 0
  const settings = { max_insert_block_size: '300000', min_insert_block_size_rows: '300000' }
  for (let chunk = first; chunk < CHUNKS; chunk++) {
    const start = performance.now()
    for (const query of statements(chunk)) await client.command({ query, clickhouse_settings: settings })
    writeFileSync(progress, String(chunk + 1))
    console.log(`${chunk + 1} of ${CHUNKS} in ${((performance.now() - start) / 1_000).toFixed(1)} s`)
  }
  await engine.close()
  writeFileSync(done, '')
}

type Question = readonly [name: string, ask: (store: TelemetryStore) => Promise<unknown>]

function questions(traceId: string): readonly Question[] {
  const window = { from: START, to: END }
  const hour = { from: END - 3_600_000, to: END }
  const sixHours = { from: END - 6 * 3_600_000, to: END }
  const page: Paging = { limit: 100 }
  return [
    ['services, a day', (store) => store.services(window)],
    ['newest logs, a day', (store) => store.logs({ window, ...page })],
    ['newest logs of a service', (store) => store.logs({ window, service: 'shop', ...page })],
    [
      'error logs of a service',
      (store) => store.logs({ window, service: 'payment', minSeverityNumber: 17, ...page }),
    ],
    ['error logs, a thousand', (store) => store.logs({ window, minSeverityNumber: 17, limit: 1_000 })],
    ['logs with a frequent word', (store) => store.logs({ window, text: 'could not', ...page })],
    [
      'logs with a word that is nowhere, an hour',
      (store) => store.logs({ window: hour, text: 'nowhere', ...page }),
    ],
    [
      'logs with a word of long ago: first page',
      (store) => store.logs({ window, text: 'needle in the', ...page }),
    ],
    ['logs of a trace, a day', (store) => store.logs({ window, traceId, ...page })],
    ['newest spans of a service', (store) => store.spans({ window, service: 'shop', ...page })],
    ['failed spans', (store) => store.spans({ window, onlyErrors: true, ...page })],
    [
      'slow spans of a name',
      (store) => store.spans({ window, service: 'shop', name: 'GET /cart', minDurationMs: 79, ...page }),
    ],
    ['spans that are nowhere', (store) => store.spans({ window, service: 'nobody', ...page })],
    ['a trace by its id', (store) => store.trace(traceId)],
    ['metric names, a day', (store) => store.metricNames({ window })],
    [
      'series of a metric, a day',
      (store) => store.metricSeries({ window, service: 'shop', metric: 'process.figure.8' }),
    ],
    [
      'series of a metric, six hours by the minute',
      (store) =>
        store.metricSeries({ window: sixHours, service: 'shop', metric: 'process.figure.8', stepMs: 60_000 }),
    ],
    [
      'a histogram of 100 series, a day',
      (store) => store.metricSeries({ window, service: 'shop', metric: 'http.server.request.duration' }),
    ],
    [
      'a histogram of 100 series, six hours by the minute',
      (store) =>
        store.metricSeries({
          window: sixHours,
          service: 'shop',
          metric: 'http.server.request.duration',
          stepMs: 60_000,
        }),
    ],
    [
      'a histogram of 100 series, an hour',
      (store) =>
        store.metricSeries({ window: hour, service: 'shop', metric: 'http.server.request.duration' }),
    ],
    ['requests of all routes, a day', (store) => store.requests({ window })],
    [
      'requests of a service, six hours by the minute',
      (store) => store.requests({ window: sixHours, service: 'lb', stepMs: 60_000 }),
    ],
    ['detections', (store) => store.detections({})],
    ['changes, a day', (store) => store.changes({ window })],
    ['probes, a day', (store) => store.probes({ window })],
    ['status', (store) => store.stats()],
  ]
}

async function ask(): Promise<void> {
  const store = await openTelemetryStore({ directory, now: () => END, onNote: console.error })
  const middle = START + (HOURS * 3_600_000) / 2
  const { data } = await store.spans({ window: { from: middle, to: middle + 1_000 }, limit: 1 })
  let slowest = 0
  for (const [name, question] of questions(data[0]?.traceId ?? '')) {
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      await question(store)
      times.push(performance.now() - start)
    }
    const [first = 0] = times
    const median = times.toSorted((one, other) => one - other)[2] ?? 0
    slowest = Math.max(slowest, median)
    console.log(
      `${name.padEnd(45)} ${first.toFixed(0).padStart(6)} ms at first, ${median.toFixed(0).padStart(5)} ms`,
    )
  }
  for (const { table, rows, bytes, parts } of (await store.stats()).tables) {
    console.log(`  ${table}: ${rows} rows, ${(bytes / 1e6).toFixed(0)} MB, ${parts} parts`)
  }
  console.log(`slowest: ${slowest.toFixed(0)} ms`)
  await store.close()
}

if (!existsSync(done)) {
  await (await openTelemetryStore({ directory, now: () => END })).close() // the tables
  await makeDay()
}
if (!existsSync(histogramsDone)) await makeHistograms()
await ask()
if (values.remove) rmSync(directory, { recursive: true, force: true })
