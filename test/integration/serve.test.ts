import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SeverityNumber } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished, test } from 'vitest'
import { firebreak, freePort, leftRunning, start, temporaryFolder } from './firebreak.ts'
import { eventually, startServer, type RunningServer } from './serve.ts'

type List<Item> = { readonly data: readonly Item[] }
type Log = { readonly body: string; readonly service: string }
type Detection = { readonly id: string; readonly rule: string; readonly endedAt: string | null }

const logsOf = async (server: RunningServer, query = ''): Promise<readonly Log[]> =>
  ((await server.get(`/api/v1/logs?limit=1000${query}`)) as List<Log>).data

async function say(exporter: LogRecordExporter, bodies: readonly string[]): Promise<void> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    processors: [new BatchLogRecordProcessor({ exporter })],
  })
  const logger = provider.getLogger('test')
  for (const body of bodies) logger.emit({ body, severityNumber: SeverityNumber.INFO, severityText: 'INFO' })
  await provider.shutdown()
}

test('what an SDK sends is found through the API, without its secrets, and Ctrl-C leaves nothing', async () => {
  const server = await startServer()
  await say(new OTLPLogExporter({ url: `${server.url}/v1/logs` }), ['over HTTP', 'token=abcdef123456'])
  await say(new GrpcLogExporter({ url: `http://${server.grpc}` }), ['over gRPC'])
  const bodies = (await logsOf(server, '&service=shop')).map(({ body }) => body)
  expect(bodies.toSorted()).toEqual(['over HTTP', 'over gRPC', 'token=[redacted]'])
  const services = (await server.get('/api/v1/services')) as List<{ service: string; logs: number }>
  expect(services.data.find(({ service }) => service === 'shop')?.logs).toBe(3)

  const since = Date.now()
  const ended = await server.kill('SIGINT')
  expect(ended.code).toBe(0)
  expect(Date.now() - since).toBeLessThan(10_000)
  expect(leftRunning(server.folder)).toEqual([])
  expect(existsSync(join(server.data, 'serve.json'))).toBe(false)
})

test('a histogram of an SDK is asked for by its quantiles, and a counter by what it added', async () => {
  const server = await startServer()
  const exporter = new OTLPMetricExporter({ url: `${server.url}/v1/metrics` })
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    readers: [reader],
  })
  const durations = meters.getMeter('test').createHistogram('http.server.request.duration', { unit: 's' })
  const orders = meters.getMeter('test').createCounter('orders')
  for (let index = 0; index < 100; index++) {
    durations.record(index < 90 ? 3 : 30, { 'http.route': index % 2 === 0 ? '/' : '/cart' })
    orders.add(2)
  }
  // A count that is told in the millisecond in which it began is, as OpenTelemetry has it, one whose beginning is not known.
  await pause(5)
  await meters.shutdown()
  const { data: names } = (await server.get('/api/v1/metrics?service=shop')) as List<object>
  expect(names).toMatchObject([
    { metric: 'http.server.request.duration', kind: 'histogram', unit: 's', series: 2 },
    { metric: 'orders', kind: 'sum', series: 1 },
  ])
  const points = async (query: string): Promise<readonly object[]> => {
    const found = await server.get(`/api/v1/metrics/series?service=shop&${query}`)
    return (found as List<{ points: readonly object[] }>).data.flatMap((one) => one.points)
  }
  expect(await points('metric=http.server.request.duration')).toHaveLength(2)
  // The SDK's bounds are 0, 5, 10, 25, 50, …: half of 100 is the 50th of 90 in (0, 5].
  expect(await points('metric=http.server.request.duration&by=')).toMatchObject([
    { count: 100, average: 5.7, p50: (5 * 50) / 90, p95: 37.5 },
  ])
  expect(await points('metric=orders')).toMatchObject([{ increase: 200 }])
})

test('after kill -9 what was acknowledged is there, and what was open is still open', async () => {
  const server = await startServer()
  server.configure(
    `sources:\n  $OTLP\n  probes: [{ name: home, service: shop, every: 1s, tcp: { host: 127.0.0.1, port: 9 } }]\n`,
  )
  await server.said('configuration read again')
  const detections = async (): Promise<readonly Detection[]> =>
    ((await server.get('/api/v1/detections?active=true')) as List<Detection>).data
  await eventually(detections, (found) => found.some(({ rule }) => rule === 'probe'), 20_000)
  const acknowledged: string[] = []
  for (let at = 0; at < 20; at++) {
    const text = `report ${at}`
    if ((await server.post('/api/v1/reports', { text })).status === 201) acknowledged.push(text)
  }
  const open = (await detections()).find(({ rule }) => rule === 'probe')?.id
  await server.kill('SIGKILL')
  await server.startAgain()
  const reports = (await server.get('/api/v1/reports?limit=1000')) as List<{ text: string }>
  expect(reports.data.map(({ text }) => text)).toEqual(expect.arrayContaining(acknowledged))
  expect(acknowledged).toHaveLength(20)
  expect((await detections()).map(({ id }) => id)).toContain(open)
})

test('who follows along misses nothing when the connection breaks, and waits for a server that is away', async () => {
  const server = await startServer()
  const following = start(['detections', '--follow', '--json', '--data', server.data], { cwd: server.folder })
  onTestFinished(() => following.kill('SIGKILL'))
  await following.said('following')
  await server.post('/webhooks/alerts', {
    name: 'disk',
    status: 'firing',
    severity: 'critical',
    service: 'shop',
  })
  await eventually(
    async () => ((await server.get('/api/v1/detections?active=true')) as List<Detection>).data,
    (found) => found.some(({ rule }) => rule === 'alert'),
  )
  await server.kill('SIGTERM')
  await following.said('trying again')
  await server.startAgain()
  await following.said('connected again')
  following.kill('SIGINT')
  const { stdout, code } = await following.ended
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; detection: Detection })
  expect(events[0]).toMatchObject({ kind: 'detected', detection: { rule: 'alert' } })
  expect(code).toBe(0)
})

test('a configuration is read again when it changes; a broken one is refused, and the one before stays', async () => {
  const answered: string[] = []
  const target = createServer((request, response) => {
    answered.push(request.url ?? '')
    response.end('ok')
  })
  await new Promise<void>((listening) => target.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void target.close())
  const address = target.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const probe = (path: string): string =>
    `sources:\n  $OTLP\n  probes: [{ name: p, every: 1s, http: { url: "http://127.0.0.1:${port}${path}" } }]\n`
  const server = await startServer(probe('/first'))
  await eventually(
    async () => answered,
    (paths) => paths.includes('/first'),
  )

  server.configure(`${probe('/second')}nonsense: 1\n`)
  await server.said('nonsense: unknown key')
  expect(await server.get('/api/v1/status')).toMatchObject({
    refusedConfiguration: expect.stringContaining('nonsense'),
  })
  answered.length = 0
  await eventually(
    async () => answered,
    (paths) => paths.includes('/first'),
  )
  expect(answered).not.toContain('/second')

  server.configure(probe('/second'))
  await eventually(
    async () => answered,
    (paths) => paths.includes('/second'),
  )
  expect(await server.get('/api/v1/status')).toMatchObject({ refusedConfiguration: null })
})

test('SIGHUP reads the configuration again, too', async () => {
  const server = await startServer()
  process.kill(server.pid(), 'SIGHUP')
  await server.said('configuration read again')
  expect(await server.get('/healthz')).toEqual({ status: 'alive' })
})

test('a second server on one data directory is refused, and the first goes on', async () => {
  const server = await startServer()
  const port = await freePort()
  const second = await firebreak(['serve', '--port', String(port), '--data', server.data], {
    cwd: server.folder,
  })
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`found one at ${server.url}`)
  expect(await server.get('/readyz')).toEqual({ status: 'ready' })
})

test('a taken port is named, and nothing is left behind', async () => {
  const server = await startServer()
  const folder = temporaryFolder()
  const ended = await firebreak(
    ['serve', '--port', new URL(server.url).port, '--data', join(folder, 'data')],
    {
      cwd: folder,
    },
  )
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/expected to listen on 127\.0\.0\.1:\d+: .*in use/)
  expect(leftRunning(folder)).toEqual([])
})

test.each([
  [['--config', 'nowhere.yaml'], 1, 'expected a configuration at'],
  [['--config', 'broken.yaml'], 1, 'broken.yaml:1:16: listen.port'],
  [['--host', '0.0.0.0'], 2, 'expected a token'],
  [['--port', 'http'], 2, '--port: expected a whole number'],
  [['--token', 'short'], 2, '16 characters'],
])('serve %j leaves with %i and says why', async (args, code, words) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'broken.yaml'), 'listen: {port: many}\n')
  const ended = await firebreak(['serve', ...args, '--data', join(folder, 'data')], { cwd: folder })
  expect(ended.stderr).toContain(words)
  expect(ended.code).toBe(code)
})

test('the command line tells, lists and checks', async () => {
  const server = await startServer()
  const run = (args: readonly string[]) => firebreak([...args, '--data', server.data], { cwd: server.folder })
  const reported = await run(['report', 'nothing', 'loads', '--service', 'shop', '--json'])
  expect(JSON.parse(reported.stdout)).toMatchObject({ text: 'nothing loads', service: 'shop', source: 'cli' })
  expect((await run(['detections'])).stdout).toContain('nothing is wrong')
  const tested = await run(['rules', 'test', '--since', '1h', '--json'])
  expect(JSON.parse(tested.stdout)).toMatchObject({ schema: 1, events: [], unmet: [] })
  const doctor = await run(['doctor', '--config', server.configFile])
  expect(doctor.stdout).toContain('the running server')
  expect([doctor.code, doctor.stderr]).toEqual([0, ''])
  const away = await firebreak(['detections', '--url', 'http://127.0.0.1:1'], { cwd: server.folder })
  expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('expected a Firebreak server')])
})

test('the example for the lab is a good configuration', async () => {
  const file = join(import.meta.dirname, '..', '..', 'examples', 'lab', 'firebreak.yaml')
  const folder = temporaryFolder()
  const lab = {
    shopUrl: 'http://127.0.0.1:4500',
    databaseUrl: 'postgresql://monitor:secret@127.0.0.1:1/shop',
  }
  writeFileSync(join(folder, 'lab.json'), JSON.stringify(lab))
  const ended = await firebreak(['config', 'check', file], { cwd: folder, env: { LAB: folder } })
  expect([ended.code, ended.stderr]).toEqual([0, ''])
})
