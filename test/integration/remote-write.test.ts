import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createAdmission, createRemoteWrite, createSourceCounters } from '../../src/telemetry/index.ts'
import { fakeIntake } from '../fake-intake.ts'
import type { FakeIntake } from '../fake-intake.ts'
import { freePort, temporaryFolder } from './firebreak.ts'

// A real Prometheus scrapes a real exporter and writes to us.

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Something to scrape: a counter that counts its scrapes, a gauge, a histogram. */
async function exporter(): Promise<number> {
  const registry = new Registry()
  const registers = [registry]
  const counter = new Counter({ name: 'scrapes_total', help: 'How often it was asked', registers })
  new Gauge({ name: 'queue_count', help: 'A gauge that is called like a counter', registers }).set(7)
  const histogram = new Histogram({
    name: 'work_seconds',
    help: 'How long',
    buckets: [1, 5],
    labelNames: ['route'],
    registers,
  })
  histogram.observe({ route: '/a' }, 3)
  const server = createServer((_request, response) => {
    counter.inc()
    void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text))
  })
  return listening(server)
}

async function startPrometheus(folder: string, ports: { target: number; write: number }): Promise<void> {
  const config = {
    global: { scrape_interval: '500ms' },
    scrape_configs: [
      {
        job_name: 'demo/app',
        static_configs: [{ targets: [`127.0.0.1:${ports.target}`], labels: { zone: 'a' } }],
      },
    ],
    remote_write: [
      {
        url: `http://127.0.0.1:${ports.write}/api/v1/write`,
        queue_config: { batch_send_deadline: '500ms', min_backoff: '100ms' },
        metadata_config: { send_interval: '1s' },
      },
    ],
  }
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, JSON.stringify(config)) // JSON is YAML
  const listen = `127.0.0.1:${await freePort()}`
  const options = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
  ]
  const child = spawn('/usr/bin/prometheus', options, { stdio: 'ignore' })
  onTestFinished(async () => {
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await ended
  })
}

const valuesOf = (intake: FakeIntake, name: string): readonly number[] =>
  intake
    .items('metrics')
    .flatMap((point) => (point.metric.name === name && 'value' in point ? [point.value] : []))

test('what Prometheus scrapes arrives as it is meant, also what we could not take at first', async () => {
  const intake = fakeIntake()
  const counters = createSourceCounters()
  const written = createRemoteWrite({ intake, counters, admission: createAdmission(), now: () => Date.now() })
  const server = createServer((request, response) => void written.handle(request, response))
  let refusals = 5
  intake.answerWith(async () => {
    refusals -= 1
    return refusals >= 0 ? { kind: 'try-later', afterMs: 100, reason: 'full' } : { kind: 'stored' }
  })
  await startPrometheus(temporaryFolder(), { target: await exporter(), write: await listening(server) })
  await expect
    .poll(() => valuesOf(intake, 'scrapes_total').length, { timeout: 40_000, interval: 200 })
    .toBeGreaterThan(12)
  server.closeAllConnections()

  // Each scrape once, none left out: those that were refused came again.
  const scrapes = [...valuesOf(intake, 'scrapes_total')].sort((a, b) => a - b)
  expect(scrapes).toEqual(Array.from({ length: scrapes.length }, (_, index) => index + 1))
  const points = intake.items('metrics')
  expect(points.find(({ metric }) => metric.name === 'scrapes_total')).toMatchObject({
    kind: 'sum',
    isMonotonic: true,
    temporality: 'cumulative',
    attributes: new Map([['zone', 'a']]),
    metric: {
      resource: { serviceName: 'app', serviceInstance: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    },
  })
  expect(
    points.find(
      ({ metric, attributes }) => metric.name === 'work_seconds_bucket' && attributes.get('le') === '5',
    ),
  ).toMatchObject({
    kind: 'sum',
    value: 1,
    attributes: new Map([
      ['le', '5'],
      ['route', '/a'],
      ['zone', 'a'],
    ]),
  })
  // Once the types have been told, a gauge is a gauge, whatever it is called.
  expect(points.findLast(({ metric }) => metric.name === 'queue_count')).toMatchObject({
    kind: 'gauge',
    value: 7,
    metric: { description: 'A gauge that is called like a counter' },
  })
  const [{ refused, accepted } = { refused: new Map(), accepted: 0 }] = counters.snapshot()
  expect(Object.fromEntries(refused)).toEqual({ 'try-later': 5 })
  expect(accepted).toBe(points.length)
})
