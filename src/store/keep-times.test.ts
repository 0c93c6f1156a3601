import { expect, test } from 'vitest'
import type { LoggedRequests, TelemetryBatch } from '../telemetry/index.ts'
import { keepTimes } from './keep-times.ts'

const NOW = Date.UTC(2026, 10, 20)
const TIMES = { from: NOW - 7 * 86_400_000, to: NOW + 86_400_000, now: NOW }

function logsAt(...times: number[]): TelemetryBatch {
  const items = times.map((timestamp) => ({ timestamp, attributes: new Map() }))
  return { kind: 'logs', items } as unknown as TelemetryBatch // the rest of a record plays no part
}

test('the very same batch comes back where all times can be kept', () => {
  const batch = logsAt(NOW, NOW - 6 * 86_400_000)
  expect(keepTimes(batch, TIMES)).toEqual({ batch, moved: 0 })
  expect(keepTimes(batch, TIMES).batch).toBe(batch)
})

test.each([
  ['1970', 0, '1970-01-01T00:00:00Z'],
  ['2100', Date.UTC(2100, 0, 1), '2100-01-01T00:00:00Z'],
  ['no time at all', Number.NaN, 'NaN'],
])('a record of %s is taken as of now, and says what it said', (_name, at, said) => {
  const { batch, moved } = keepTimes(logsAt(NOW - 5, at), TIMES)
  expect(moved).toBe(1)
  expect(batch.items).toMatchObject([{ timestamp: NOW - 5 }, { timestamp: NOW }])
  expect(
    (batch.items[1] as unknown as { attributes: Map<string, string> }).attributes.get(
      'firebreak.original_timestamp',
    ),
  ).toBe(said)
})

test('requests are moved one by one', () => {
  const outcome = { route: 'GET /', status: 200, noAnswer: null, durationMs: 1, client: null }
  const items: LoggedRequests[] = [
    {
      service: 'lb',
      outcomes: [
        { ...outcome, at: 0 },
        { ...outcome, at: NOW - 1 },
      ],
    },
  ]
  const { batch, moved } = keepTimes({ kind: 'requests', items }, TIMES)
  expect(moved).toBe(1)
  expect(batch.items).toMatchObject([{ outcomes: [{ at: NOW }, { at: NOW - 1 }] }])
})
