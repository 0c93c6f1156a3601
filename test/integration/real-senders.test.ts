import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, temporaryFolder } from './firebreak.ts'
import { eventually, startServer } from './serve.ts'

// Everybody at once: what is sent by Prometheus, Alertmanager and the SDK is what the API then tells.

type List = { readonly data: readonly Readonly<Record<string, unknown>>[] }

function run(program: string, options: readonly string[]): void {
  const child = spawn(program, options, { stdio: 'ignore' })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
}

/** Something for Prometheus to scrape. */
async function target(port: number): Promise<void> {
  const server = createServer((_request, response) => void response.end('# TYPE jobs gauge\njobs 4711\n'))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
}

async function prometheus(url: string): Promise<void> {
  const [folder, scraped, own] = [temporaryFolder(), await freePort(), await freePort()]
  await target(scraped)
  const config = {
    global: { scrape_interval: '500ms' },
    scrape_configs: [{ job_name: 'batch', static_configs: [{ targets: [`127.0.0.1:${scraped}`] }] }],
    remote_write: [{ url: `${url}/api/v1/write`, queue_config: { batch_send_deadline: '500ms' } }],
  }
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, JSON.stringify(config)) // JSON is YAML
  const storage = `--storage.tsdb.path=${join(folder, 'data')}`
  run('/usr/bin/prometheus', [`--config.file=${file}`, storage, `--web.listen-address=127.0.0.1:${own}`])
}

/** Tells an Alertmanager of an alert; it tells us. */
async function alertmanager(url: string): Promise<void> {
  const [folder, own] = [temporaryFolder(), await freePort()]
  const file = join(folder, 'alertmanager.yml')
  const config = {
    route: { receiver: 'firebreak', group_wait: '0s', group_interval: '1s' },
    receivers: [{ name: 'firebreak', webhook_configs: [{ url: `${url}/webhooks/alertmanager` }] }],
  }
  writeFileSync(file, JSON.stringify(config))
  const options = [`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`]
  const listen = [`--web.listen-address=127.0.0.1:${own}`, '--cluster.listen-address=']
  run('/usr/bin/prometheus-alertmanager', [...options, ...listen])
  const labels = { alertname: 'DiskFull', service: 'batch', severity: 'warning' }
  const told = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${own}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels }]),
    }).then(
      ({ ok }) => ok,
      () => false,
    )
  await eventually(told, (isTold) => isTold, 20_000)
}

async function sdk(url: string, grpc: string): Promise<void> {
  const resource = resourceFromAttributes({ 'service.name': 'shop' })
  const exporter = new ProtoTraces({ url: `${url}/v1/traces` })
  const tracers = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] })
  tracers.getTracer('t').startSpan('GET /over-http').end()
  const reader = new PeriodicExportingMetricReader({ exporter: new GrpcMetrics({ url: `http://${grpc}` }) })
  const meters = new MeterProvider({ resource, readers: [reader] })
  meters.getMeter('m').createGauge('orders.over.grpc').record(42)
  await Promise.all([tracers.shutdown(), meters.shutdown()])
}

test('what Prometheus, Alertmanager and the SDK send is what the API tells', async () => {
  const server = await startServer()
  await Promise.all([prometheus(server.url), alertmanager(server.url), sdk(server.url, server.grpc)])
  const says = async (path: string, ...words: readonly string[]): Promise<void> => {
    const isThere = ({ data }: List): boolean =>
      words.every((word) => data.some((item) => JSON.stringify(item).includes(word)))
    await eventually(() => server.get(path) as Promise<List>, isThere, 20_000)
  }
  await says('/api/v1/spans?service=shop', 'GET /over-http')
  await says('/api/v1/metrics', '"orders.over.grpc"', '"jobs"')
  const orders = '/api/v1/metrics/series?service=shop&metric=orders.over.grpc'
  const jobs = '/api/v1/metrics/series?service=batch&metric=jobs'
  for (const [series, value] of [
    [orders, 42],
    [jobs, 4711],
  ] as const)
    await says(series, `${value}`)
  await says('/api/v1/alerts', '"DiskFull"')
  await says('/api/v1/detections', 'alertmanager says: DiskFull')
  expect(server.pid()).toBeGreaterThan(0)
}, 90_000)
