import { expect, test } from 'vitest'
import type { DetectionJson } from '../contract/api.ts'
import { detectionTable, eventLine } from './detection-table.ts'

const NOON = Date.UTC(2026, 2, 3, 12)
const detection: DetectionJson = {
  id: 'd1',
  rule: 'error-rate',
  subject: { service: 'shop', route: 'GET /', instance: null, resource: null },
  urgency: 'P2',
  startedAt: '2026-03-03T11:59:00Z',
  detectedAt: '2026-03-03T11:59:02Z',
  endedAt: null,
  summary: '8 % of requests failed',
  evidence: [],
  group: 'd1',
  suppressedBy: null,
}

test('says so when nothing is wrong', () => {
  expect(detectionTable([], NOON)).toBe('nothing is wrong')
})

test('what goes on comes before what ended, and the most urgent first', () => {
  const table = detectionTable(
    [
      { ...detection, summary: 'ended', urgency: 'P1', endedAt: '2026-03-03T11:59:30Z' },
      { ...detection, summary: 'ticket', urgency: 'P3' },
      { ...detection, summary: 'page', urgency: 'P1', suppressedBy: 'silence s1' },
    ],
    NOON,
  )
  expect(table).toMatchInlineSnapshot(`
    "P1  2026-03-03T11:59:00Z  for 60 s                error-rate  shop GET / [silence s1]
        page
    P3  2026-03-03T11:59:00Z  for 60 s                error-rate  shop GET /
        ticket
    P1  2026-03-03T11:59:00Z  ended, lasted 30 s      error-rate  shop GET /
        ended"
  `)
})

test('what happens is one line', () => {
  const event = { at: '2026-03-03T11:59:02Z', kind: 'detected', detection } as const
  expect(eventLine(event)).toBe(
    '2026-03-03T11:59:02Z  detected  P2  error-rate  shop GET /  8 % of requests failed',
  )
})
