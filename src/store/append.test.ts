import { expect, test } from 'vitest'
import type { LogRecord, TelemetryBatch } from '../telemetry/index.ts'
import { createAppender } from './append.ts'
import type { InsertBlock } from './lane.ts'

const TIMING = { gatherMs: 0, apartMs: 0, backMs: 0, fullBytes: 1 << 20, abreast: 2 }

function appenderInto(insert: InsertBlock, limitBytes = 1 << 20) {
  return createAppender({ insert, limitBytes, timing: TIMING, now: () => performance.now() })
}

function logs(count: number, body = 'x'): TelemetryBatch {
  const resource = {
    serviceName: 'shop',
    serviceInstance: '',
    serviceVersion: '',
    attributes: new Map<string, string>(),
  }
  const record: LogRecord = {
    resource,
    scope: { name: '', version: '', attributes: new Map() },
    timestamp: 1,
    observedTimestamp: 1,
    severityNumber: 9,
    severityText: 'INFO',
    body,
    attributes: new Map(),
    traceId: '',
    spanId: '',
    traceFlags: 0,
    eventName: '',
  }
  return { kind: 'logs', items: Array.from({ length: count }, () => record) }
}

const report: TelemetryBatch = {
  kind: 'reports',
  items: [{ id: 'r', at: 1, text: 'slow', service: null, url: null, source: 'api' }],
}

test('a batch of several kinds is stored when all of its tables have it', async () => {
  const tables: string[] = []
  const appender = appenderInto(async ({ table }) => void tables.push(table))
  expect(await appender.append([logs(2), report])).toEqual({ kind: 'stored' })
  expect(tables.sort()).toEqual(['firebreak_reports', 'otel_logs'])
})

test('nothing to keep is kept at once', async () => {
  const appender = appenderInto(() => Promise.reject(new Error('nobody asks the engine')))
  expect(await appender.append([])).toEqual({ kind: 'stored' })
  expect(await appender.append([{ kind: 'logs', items: [] }])).toEqual({ kind: 'stored' })
})

test.each([
  ['away', 'the telemetry engine is away', 2_000],
  ['full', 'Code: 243. DB::Exception: Cannot reserve 1.00 MiB. (NOT_ENOUGH_SPACE)', 15_000],
])('an engine that is %s makes senders come later, with its reason', async (_name, reason, afterMs) => {
  const appender = appenderInto(() => Promise.reject(new Error(reason)))
  expect(await appender.append([logs(1)])).toEqual({ kind: 'try-later', afterMs, reason })
})

test('one table that fails makes the whole batch come again', async () => {
  const appender = appenderInto(async ({ table }) => {
    if (table === 'otel_logs') throw new Error('no')
  })
  expect(await appender.append([logs(1), report])).toMatchObject({ kind: 'try-later' })
  expect(await appender.append([report])).toEqual({ kind: 'stored' })
})

test('what waits is bounded: beyond it senders are told to come later, until there is room', async () => {
  const gate = Promise.withResolvers<void>()
  const appender = appenderInto(() => gate.promise, 50_000)
  const first = appender.append([logs(10, 'y'.repeat(10_000))])
  expect(appender.queue().bytes).toBeGreaterThan(50_000)
  expect(await appender.append([logs(1)])).toMatchObject({ kind: 'try-later' })
  gate.resolve()
  expect(await first).toEqual({ kind: 'stored' })
  await appender.idle()
  expect(appender.queue().bytes).toBe(0)
  expect(await appender.append([logs(1)])).toEqual({ kind: 'stored' })
})

test('a full disk is said of the store until rows are kept again, or nobody tried for half a minute', async () => {
  let now = 0
  let insert: InsertBlock = () => Promise.reject(new Error('ENOSPC: no space left on device, write'))
  const appender = createAppender({
    insert: (block) => insert(block),
    limitBytes: 1 << 20,
    timing: TIMING,
    now: () => now,
  })
  expect(appender.isFull()).toBe(false)
  await appender.append([logs(1)])
  expect(appender.isFull()).toBe(true)
  now += 30_000
  expect(appender.isFull()).toBe(false)
  await appender.append([logs(1)])
  expect(appender.isFull()).toBe(true)
  insert = async () => {}
  await appender.append([logs(1)])
  expect(appender.isFull()).toBe(false)
})
