import { createClient } from '@clickhouse/client'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEngineProcess } from '../../src/store/engine-process.ts'
import type { EngineProcess } from '../../src/store/engine-process.ts'
import { DEFAULT_RETENTION, openTelemetryStore } from '../../src/store/index.ts'
import { superviseEngine } from '../../src/store/engine.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { temporaryFolder } from './firebreak.ts'

const PASSWORD = 'only for this test'
let directory: string
let engine: EngineProcess

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firebreak-engine-'))
  engine = await startEngineProcess({ directory, password: PASSWORD, memoryBytes: 1 << 30, threads: 2 })
})
afterAll(async () => {
  await engine.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** As curl would: statement or data in the body, the rest in the address. */
async function post(
  query: Record<string, string>,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
) {
  const address = `http://127.0.0.1:${engine.port}/?${new URLSearchParams(query).toString()}`
  const key = { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': PASSWORD, ...headers }
  const answer = await fetch(address, { method: 'POST', headers: key, body })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

test('answers as the protocol says', async () => {
  const answer = await post({ query_id: 'q1' }, 'SELECT 1 AS one FORMAT JSONEachRow')
  expect(answer).toMatchObject({ status: 200, text: '{"one":1}\n' })
  expect(answer.headers.get('x-clickhouse-query-id')).toBe('q1')
  expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow')
  expect((await post({ query: 'SELECT 2' }, '')).text).toBe('2\n')
  expect((await post({ default_format: 'CSV' }, "SELECT 'a', 3")).text).toBe('"a",3\n')
})

type Refusal = {
  readonly query?: Record<string, string>
  readonly body: string
  readonly headers?: Record<string, string>
  readonly status: number
  readonly code: number
}

test.each<[string, Refusal]>([
  [
    'a wrong password',
    { body: 'SELECT 1', headers: { 'X-ClickHouse-Key': 'guess' }, status: 403, code: 516 },
  ],
  ['a table that is not there', { body: 'SELECT * FROM nowhere', status: 404, code: 60 }],
  ['what is no statement', { body: 'SELECT FROM WHERE', status: 400, code: 62 }],
  ['nothing', { body: '', status: 400, code: 62 }],
  ['a setting that is none', { query: { no_such: '1' }, body: 'SELECT 1', status: 400, code: 115 }],
  ['a parameter that is missing', { body: 'SELECT {x:String}', status: 400, code: 456 }],
  [
    'an unknown encoding',
    { body: 'SELECT 1', headers: { 'Content-Encoding': 'rot13' }, status: 400, code: 44 },
  ],
])('refuses %s with the server’s number', async (_name, { query = {}, body, headers = {}, status, code }) => {
  const answer = await post(query, body, headers)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(String(code))
  expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: `))
})

test('takes inserts with the statement in the address, in the body, and compressed', async () => {
  await post({}, 'CREATE TABLE IF NOT EXISTS kept (a UInt32, s String) ENGINE = MergeTree ORDER BY a')
  await post({ query: 'INSERT INTO kept FORMAT JSONEachRow' }, '{"a":1,"s":"x"}\n{"a":2,"s":"y\\n\\n;"}')
  await post({}, 'INSERT INTO kept FORMAT CSV\n3,"in the body"\n')
  const packed = gzipSync('4\tpacked\n')
  await post({ query: 'INSERT INTO kept (a, s) FORMAT TSV' }, packed, { 'Content-Encoding': 'gzip' })
  expect(
    (
      await post(
        {},
        'SELECT groupArray(a), groupArray(s) FROM (SELECT * FROM kept ORDER BY a) FORMAT JSONCompactEachRow',
      )
    ).text,
  ).toBe('[[1,2,3,4], ["x","y\\n\\n;","in the body","packed"]]\n')
})

test('values are bound, whatever they hold, and settings last for one statement', async () => {
  const client = createClient({
    url: `http://127.0.0.1:${engine.port}`,
    username: 'default',
    password: PASSWORD,
  })
  const nasty = "a'b\\'c\n\t{x:String}\u0000;DROP TABLE kept"
  const ask = async (settings: Record<string, string>) => {
    const answer = await client.query({
      query: "SELECT {nasty:String} AS nasty, toString(getSetting('max_block_size')) AS size",
      query_params: { nasty },
      clickhouse_settings: settings,
      format: 'JSONEachRow',
    })
    return answer.json()
  }
  expect(await ask({ max_block_size: '77' })).toEqual([{ nasty, size: '77' }])
  const sizes = await Promise.all(Array.from({ length: 20 }, () => ask({})))
  expect(new Set(sizes.map((rows) => JSON.stringify(rows)))).toEqual(
    new Set([JSON.stringify([{ nasty, size: '65409' }])]),
  )
  expect((await client.ping()).success).toBe(true)
  await client.close()
})

test('a long answer comes in parts, and costs the engine no memory', async () => {
  const before = (await engine.residentBytes(PASSWORD)) ?? 0
  const answer = await fetch(`http://127.0.0.1:${engine.port}/?password=${encodeURIComponent(PASSWORD)}`, {
    method: 'POST',
    body: "SELECT number, repeat('x', 100) FROM numbers(8000000) FORMAT TSV",
  })
  let bytes = 0
  for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length
  expect(bytes).toBeGreaterThan(800e6)
  // What its own buffers take, and the pages of the library that it touched first, is about a quarter of that.
  expect(((await engine.residentBytes(PASSWORD)) ?? 0) - before).toBeLessThan(400e6)
})

test('a question that takes too much memory is refused, and the engine lives', async () => {
  const answer = await post({}, 'SELECT groupArray(number) FROM numbers(300000000) FORMAT Null')
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe('241')
  expect((await post({}, 'SELECT 1')).text).toBe('1\n')
})

test('the engine ends with its parent, however that ended', async () => {
  const folder = temporaryFolder()
  const program = `
    import { startEngineProcess } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/engine-process.ts'))}
    const engine = await startEngineProcess({ directory: ${JSON.stringify(folder)}, password: 'p', memoryBytes: 2 ** 30, threads: 1 })
    console.log(engine.pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)))
  expect(() => process.kill(pid, 0)).not.toThrow()
  parent.kill('SIGKILL')
  await expect.poll(() => isGone(pid), { timeout: 10_000 }).toBe(true)
})

function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

test('another retention is applied to tables that are there already, and old rows go', async () => {
  const folder = temporaryFolder()
  const short = { ...DEFAULT_RETENTION, logs: 3_600_000 }
  const first = await openTelemetryStore({ directory: folder, now: Date.now })
  await first.setRetention(short)
  await first.close()
  const again = await openTelemetryStore({ directory: folder, retention: short, now: Date.now }) // nothing to change
  await again.close()
  const supervised = await superviseEngine({ directory: folder, memoryBytes: 1 << 30, onNote: () => {} })
  const client = supervised.client()
  const ddl = async (table: string): Promise<string> => {
    const answer = await client?.query({ query: `SHOW CREATE TABLE ${table}`, format: 'TabSeparatedRaw' })
    return (await answer?.text()) ?? ''
  }
  expect(await ddl('otel_logs')).toContain('toIntervalSecond(3600)')
  expect(await ddl('otel_traces')).toContain('toIntervalSecond(604800)')
  await client?.command({ query: "INSERT INTO otel_logs (Timestamp, Body) SELECT now() - 7200, 'old'" })
  await client?.command({ query: 'OPTIMIZE TABLE otel_logs FINAL' })
  await pause(100)
  const left = await client?.query({ query: 'SELECT count() AS c FROM otel_logs', format: 'JSONEachRow' })
  expect(await left?.json()).toEqual([{ c: '0' }])
  await supervised.close()
})

test('tables that the Collector made are written to and read, and keep their retention', async () => {
  const url = `http://default:${encodeURIComponent(PASSWORD)}@127.0.0.1:${engine.port}/collector`
  await post({}, 'CREATE DATABASE IF NOT EXISTS collector ENGINE = Atomic')
  const columns =
    'Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp), TraceId String, SpanId String, TraceFlags UInt8, SeverityText LowCardinality(String), SeverityNumber UInt8, ServiceName LowCardinality(String), Body String, ResourceSchemaUrl LowCardinality(String), ResourceAttributes Map(LowCardinality(String), String), ScopeSchemaUrl LowCardinality(String), ScopeName String, ScopeVersion LowCardinality(String), ScopeAttributes Map(LowCardinality(String), String), LogAttributes Map(LowCardinality(String), String)'
  await post(
    { database: 'collector' },
    `CREATE TABLE otel_logs (${columns}) ENGINE = MergeTree PARTITION BY toDate(TimestampTime) ORDER BY (ServiceName, TimestampTime, Timestamp) TTL TimestampTime + INTERVAL 30 DAY`,
  )
  await post(
    { database: 'collector' },
    "INSERT INTO otel_logs (Timestamp, ServiceName, Body, LogAttributes) SELECT now64(9) - 60, 'shop', 'from the Collector', map('k', 'v')",
  )
  const store = await openTelemetryStore({ url, now: Date.now })
  const at = Date.now()
  const resource = {
    serviceName: 'shop',
    serviceInstance: '',
    serviceVersion: '',
    attributes: new Map<string, string>(),
  }
  const ours = {
    resource,
    scope: { name: '', version: '', attributes: new Map<string, string>() },
    timestamp: at,
    observedTimestamp: at,
    severityNumber: 9,
    severityText: '',
    body: 'ours',
    attributes: new Map<string, string>(),
    traceId: '',
    spanId: '',
    traceFlags: 0,
    eventName: '',
  }
  expect(await store.append([{ kind: 'logs', items: [ours] }])).toEqual({ kind: 'stored' })
  const { data } = await store.logs({ window: { from: at - 600_000, to: at + 1_000 }, service: 'shop' })
  expect(data.map(({ body }) => body)).toEqual(['ours', 'from the Collector'])
  await store.setRetention({ ...DEFAULT_RETENTION, logs: 3_600_000 })
  expect((await post({ database: 'collector' }, 'SHOW CREATE TABLE otel_logs')).text).toContain(
    'toIntervalDay(30)',
  )
  await store.close()
})

test('two that open an empty server at once agree on its tables', async () => {
  const url = `http://default:${encodeURIComponent(PASSWORD)}@127.0.0.1:${engine.port}/twice`
  await post({}, 'CREATE DATABASE IF NOT EXISTS twice ENGINE = Atomic')
  const stores = await Promise.all([1, 2].map(() => openTelemetryStore({ url, now: Date.now })))
  const report = { id: 'r', at: Date.now(), text: 'it is slow', service: null, url: null, source: 'api' }
  const taken = await Promise.all(stores.map((store) => store.append([{ kind: 'reports', items: [report] }])))
  expect(taken).toEqual([{ kind: 'stored' }, { kind: 'stored' }])
  const window = { from: Date.now() - 60_000, to: Date.now() + 60_000 }
  expect((await stores[0]?.reports({ window }))?.data).toEqual([report])
  await Promise.all(stores.map((store) => store.close()))
})

/** The rollup of metrics as schema 1 had it, which did not know where counters began. */
const OLD_ROLLUP = [
  'DROP TABLE firebreak_sum_1m_view',
  'DROP TABLE firebreak_gauge_1m_view',
  'DROP TABLE firebreak_metrics_1m',
  `CREATE TABLE firebreak_metrics_1m (Minute DateTime, ServiceName LowCardinality(String), MetricName LowCardinality(String), Series UInt64,
    Kind SimpleAggregateFunction(any, LowCardinality(String)), Unit SimpleAggregateFunction(any, LowCardinality(String)),
    Instance SimpleAggregateFunction(any, LowCardinality(String)), Attributes SimpleAggregateFunction(any, Map(String, String)),
    Points SimpleAggregateFunction(sum, UInt64), Total SimpleAggregateFunction(sum, Float64), Least SimpleAggregateFunction(min, Float64),
    Most SimpleAggregateFunction(max, Float64), Last AggregateFunction(argMax, Float64, DateTime64(9)))
    ENGINE = AggregatingMergeTree PARTITION BY toMonday(Minute) ORDER BY (ServiceName, MetricName, Series, Minute)`,
  ...['gauge', 'sum'].map(
    (
      kind,
    ) => `CREATE MATERIALIZED VIEW firebreak_${kind}_1m_view TO firebreak_metrics_1m AS SELECT toStartOfMinute(toDateTime(point.TimeUnix)) AS Minute,
    point.ServiceName AS ServiceName, point.MetricName AS MetricName,
    cityHash64(point.Attributes, if(point.ResourceAttributes['service.instance.id'] != '', point.ResourceAttributes['service.instance.id'], point.ResourceAttributes['host.name'])) AS Series,
    '${kind}' AS Kind, any(point.MetricUnit) AS Unit, any(point.ResourceAttributes['service.instance.id']) AS Instance, any(point.Attributes) AS Attributes,
    count() AS Points, sum(point.Value) AS Total, min(point.Value) AS Least, max(point.Value) AS Most, argMaxState(point.Value, point.TimeUnix) AS Last
    FROM otel_metrics_${kind} AS point GROUP BY Minute, ServiceName, MetricName, Series`,
  ),
  'TRUNCATE TABLE firebreak_schema',
  'INSERT INTO firebreak_schema (Version) VALUES (1)',
]

test('what schema 1 stored of counters is kept, and goes on with what is known of them since', async () => {
  const url = `http://default:${encodeURIComponent(PASSWORD)}@127.0.0.1:${engine.port}/older`
  await post({}, 'CREATE DATABASE IF NOT EXISTS older ENGINE = Atomic')
  const opened = () => openTelemetryStore({ url, now: Date.now })
  await (await opened()).close()
  for (const statement of OLD_ROLLUP)
    expect(await post({ database: 'older' }, statement)).toMatchObject({ status: 200 })
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  const insert = (at: number, value: number): string =>
    `INSERT INTO otel_metrics_sum (ServiceName, MetricName, StartTimeUnix, TimeUnix, Value, AggregationTemporality, IsMonotonic)
SELECT 'shop', 'orders', fromUnixTimestamp64Milli(toInt64(${minute - 3_600_000})), fromUnixTimestamp64Milli(toInt64(${at})), ${value}, 2, true`
  await post({ database: 'older' }, insert(minute - 240_000, 100))
  const store = await opened()
  for (const [ago, value] of [
    [180_000, 130],
    [120_000, 131],
  ] as const)
    await post({ database: 'older' }, insert(minute - ago, value))
  const window = { from: minute - 600_000, to: minute }
  expect(
    await store.metricSeries({ window, service: 'shop', metric: 'orders', stepMs: 60_000 }),
  ).toMatchObject([
    {
      kind: 'sum',
      temporality: 'cumulative',
      isMonotonic: true,
      points: [
        { last: 100, increase: null },
        { last: 130, increase: null }, // measured against nothing: who counted the 100 was not kept
        { last: 131, increase: 1 },
      ],
    },
  ])
  expect(await store.metricNames({ window })).toMatchObject([{ metric: 'orders', kind: 'sum', series: 1 }])
  await store.close()
})
