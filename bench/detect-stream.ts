// node bench/detect-stream.ts: what streaming detection takes in a second on one core, and what it keeps.
import { rulesSchema } from '../src/contract/rules.ts'
import { createLiveDetection } from '../src/detect/index.ts'
import type { TelemetryBatch } from '../src/telemetry/index.ts'
import { gaugeOf, logOf, resourceOf, spanOf, START } from '../test/telemetry-story.ts'

const BATCH = 1000
const SECONDS = 20
const settings = { services: new Map(), silences: [], maintenance: [] }

function detector() {
  return createLiveDetection({ ...settings, rules: rulesSchema.parse({}), now: START })
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0')
}

/** Batches of one second each, made beforehand: making them is not what is measured. */
function measure(name: string, perSecond: number, make: (index: number, at: number) => TelemetryBatch) {
  const stream = Array.from({ length: SECONDS }, (_, second) =>
    Array.from({ length: Math.ceil(perSecond / BATCH) }, (_, part) =>
      make(
        second * Math.ceil(perSecond / BATCH) + part,
        START + second * 1000 + (part * BATCH * 1000) / perSecond,
      ),
    ),
  )
  const live = detector()
  const times: number[] = []
  stream.forEach((batches, second) => {
    const began = process.hrtime.bigint()
    batches.forEach((batch, index) => {
      live.observe([batch], START + second * 1000 + 500)
      if (index % Math.ceil(batches.length / 3) === 0) live.tick(START + second * 1000 + 600)
    })
    times.push(Number(process.hrtime.bigint() - began) / 1e9)
  })
  const steady = times.slice(5)
  const items = Math.ceil(perSecond / BATCH) * BATCH
  const median = steady.toSorted((a, b) => a - b)[Math.floor(steady.length / 2)] ?? Number.NaN
  return { [name]: { 'per second': Math.round(items / median), active: live.active().length } }
}

const services = Array.from({ length: 20 }, (_, index) => resourceOf(`service-${index}`))
const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item

const spans = measure('spans', 50_000, (batch, at) => {
  const resource = pick(services, batch)
  const items = Array.from({ length: BATCH }, (_, index) => {
    const number = batch * BATCH + index
    const kind = index % 3 === 0 ? 'server' : 'client'
    const status = index % 900 === 0 ? '500' : '200'
    const attributes = new Map([
      ['http.request.method', 'GET'],
      ['url.path', `/products/${number % 97}`],
      ['url.scheme', 'http'],
      ['http.route', `/r${index % 30}/:id`],
      ['http.response.status_code', status],
    ])
    const [traceId, spanId] = [hex(number * 7919, 32), hex(number, 16)]
    return spanOf({ resource, startedAt: at + index / 50, traceId, spanId, kind, attributes })
  })
  return { kind: 'spans', items }
})

const logs = measure('logs, 2 % errors', 50_000, (batch, at) => {
  const resource = pick(services, batch)
  const items = Array.from({ length: BATCH }, (_, index) => {
    const severityNumber = index % 50 === 0 ? 17 : 9
    return logOf(resource, {
      at,
      body: `order ${batch * BATCH + index} of user ${index} was not found`,
      severityNumber,
    })
  })
  return { kind: 'logs', items }
})

const storm = measure('logs, all errors', 50_000, (batch, at) => {
  const resource = pick(services, batch)
  const items = Array.from({ length: BATCH }, (_, index) => {
    const word = hex(batch * BATCH + index, 6).replaceAll(
      /\d/g,
      (digit) => 'ghijklmnop'[Number(digit)] ?? 'q',
    )
    return logOf(resource, { at, body: `cannot ${word} the ${word} in ${index} s` })
  })
  return { kind: 'logs', items }
})

const points = measure('metric points, 10,000 series', 50_000, (batch, at) => {
  const resource = pick(services, batch)
  const items = Array.from({ length: BATCH }, (_, index) =>
    gaugeOf(resource, {
      name: `m${index % 20}`,
      at,
      value: index,
      attributes: { shard: `${(batch * 50 + index) % 25}` },
    }),
  )
  return { kind: 'metrics', items }
})

const million = measure('metric points, each a series of its own', 50_000, (batch, at) => {
  const resource = pick(services, batch)
  const items = Array.from({ length: BATCH }, (_, index) =>
    gaugeOf(resource, { name: 'm', at, value: index, attributes: { user: `${batch * BATCH + index}` } }),
  )
  return { kind: 'metrics', items }
})

function offered(): Record<string, number> {
  globalThis.gc?.()
  const before = process.memoryUsage()
  const live = detector()
  for (let index = 0; index < 100_000; index += BATCH) {
    const items = Array.from({ length: BATCH }, (_, place) =>
      gaugeOf(resourceOf(`service-${index % 7}`), {
        name: 'm',
        at: START,
        value: 1,
        attributes: { user: `${index + place}` },
      }),
    )
    live.observe([{ kind: 'metrics', items }], START)
    live.tick(START + index)
  }
  globalThis.gc?.()
  const after = process.memoryUsage()
  const { metricSeries = 0, metricSeriesRefused = 0 } = live.figures()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  return { MB: Math.round(bytes / 1e6), kept: metricSeries, refused: metricSeriesRefused }
}

console.log('\nobserve and tick on one core, median of 15 seconds of telemetry:\n')
console.table({ ...spans, ...logs, ...storm, ...points, ...million })
console.log('memory with 100,000 series offered:', offered(), globalThis.gc ? '' : '(run with --expose-gc)')
