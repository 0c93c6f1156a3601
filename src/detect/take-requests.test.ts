import { expect, test } from 'vitest'
import type { ProbeResult } from '../telemetry/index.ts'
import { createRequestBoard } from './request-board.ts'
import { serviceView } from './service-view.ts'
import { createRequestTaker } from './take-requests.ts'

const NOON = Date.UTC(2026, 2, 3, 12)

function probe(over: Partial<ProbeResult>): ProbeResult {
  return {
    at: NOON,
    probe: 'home',
    kind: 'http',
    target: 'http://shop/',
    service: 'shop',
    succeeded: false,
    durationMs: 12,
    reason: 'refused',
    expiresInSeconds: null,
    ...over,
  }
}

test.each<[string, Partial<ProbeResult>, number | null]>([
  ['a page that is asked for counts as a request of the service', { kind: 'http' }, 1],
  ['so does a connection', { kind: 'tcp' }, 1],
  ['a certificate does not', { kind: 'tls' }, null],
  ['a name does not', { kind: 'dns' }, null],
  ['a database does not', { kind: 'database' }, null],
  ['nor does a page of nobody in particular', { service: null }, null],
])('%s', (_name, over, failed) => {
  const board = createRequestBoard(() => 1_000)
  board.setNow(NOON)
  createRequestTaker(board).probe(probe(over))
  expect([...board.services()]).toEqual(failed === null ? [] : ['shop'])
  expect(serviceView(board, 'shop', NOON)?.failed ?? null).toBe(failed)
})
