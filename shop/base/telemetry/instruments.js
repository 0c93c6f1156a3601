// The metrics of a program, under the names of OpenTelemetry's semantic conventions.
import { ValueType } from '@opentelemetry/api'
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/** The boundaries that the conventions advise for seconds. */
const SECONDS = {
  unit: 's',
  advice: {
    explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
}
const WHOLE = { valueType: ValueType.INT }

export function createInstruments(meter) {
  const serverDuration = meter.createHistogram('http.server.request.duration', SECONDS)
  const clientDuration = meter.createHistogram('http.client.request.duration', SECONDS)
  const queryDuration = meter.createHistogram('db.client.operation.duration', SECONDS)
  const connectionWait = meter.createHistogram('db.client.connection.wait_time', SECONDS)
  let active = 0
  meter
    .createObservableUpDownCounter('http.server.active_requests', { unit: '{request}', ...WHOLE })
    .addCallback((result) => result.observe(active))
  observeProcess(meter)

  return {
    serverRequestStarted() {
      active += 1
    },
    serverRequestEnded(seconds, attributes) {
      active -= 1
      serverDuration.record(seconds, attributes)
    },
    clientRequestEnded: (seconds, attributes) => clientDuration.record(seconds, attributes),
    queryEnded: (seconds, attributes) => queryDuration.record(seconds, attributes),
    connectionWaited: (pool, seconds) => connectionWait.record(seconds, poolName(pool)),
    observePool: (pool) => observePool(meter, pool),
  }
}

function poolName(pool) {
  return { 'db.client.connection.pool.name': pool.options.application_name ?? 'shop' }
}

function observePool(meter, pool) {
  const name = poolName(pool)
  const count = meter.createObservableUpDownCounter('db.client.connection.count', {
    unit: '{connection}',
    ...WHOLE,
  })
  const max = meter.createObservableUpDownCounter('db.client.connection.max', {
    unit: '{connection}',
    ...WHOLE,
  })
  const pending = meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
    unit: '{request}',
    ...WHOLE,
  })
  count.addCallback((result) => {
    result.observe(pool.idleCount, { ...name, 'db.client.connection.state': 'idle' })
    result.observe(pool.totalCount - pool.idleCount, { ...name, 'db.client.connection.state': 'used' })
  })
  max.addCallback((result) => result.observe(pool.options.max, name))
  pending.addCallback((result) => result.observe(pool.waitingCount, name))
}

function observeProcess(meter) {
  meter.createObservableCounter('process.cpu.time', { unit: 's' }).addCallback((result) => {
    const { user, system } = process.cpuUsage()
    result.observe(user / 1e6, { 'cpu.mode': 'user' })
    result.observe(system / 1e6, { 'cpu.mode': 'system' })
  })
  const bytes = { unit: 'By', ...WHOLE }
  meter
    .createObservableUpDownCounter('process.memory.usage', bytes)
    .addCallback((result) => result.observe(process.memoryUsage.rss()))
  meter
    .createObservableUpDownCounter('v8js.memory.heap.used', bytes)
    .addCallback((result) => result.observe(getHeapStatistics().used_heap_size))
  meter
    .createObservableUpDownCounter('v8js.memory.heap.limit', bytes)
    .addCallback((result) => result.observe(getHeapStatistics().heap_size_limit))
  meter
    .createObservableUpDownCounter('process.unix.file_descriptor.count', {
      unit: '{file_descriptor}',
      ...WHOLE,
    })
    .addCallback((result) => {
      const count = openFiles()
      if (count !== null) result.observe(count)
    })
  observeEventLoop(meter)
}

function observeEventLoop(meter) {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let before = performance.eventLoopUtilization()
  meter
    .createObservableGauge('nodejs.eventloop.delay.p99', { unit: 's' })
    .addCallback((result) => result.observe(delay.percentile(99) / 1e9))
  meter.createObservableGauge('nodejs.eventloop.delay.max', { unit: 's' }).addCallback((result) => {
    result.observe(delay.max / 1e9)
    delay.reset() // each export tells of its own interval; runs after the one above
  })
  meter.createObservableGauge('nodejs.eventloop.utilization', { unit: '1' }).addCallback((result) => {
    const now = performance.eventLoopUtilization()
    result.observe(performance.eventLoopUtilization(now, before).utilization)
    before = now
  })
}

/** Null where there is no /proc, or no descriptor left to read it with. */
function openFiles() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
