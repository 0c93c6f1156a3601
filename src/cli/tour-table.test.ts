import { expect, test } from 'vitest'
import { tourHead, tourLine, tourRow, tourSummary } from './tour-table.ts'

const row = {
  atSeconds: 47.4,
  requestsPerSecond: 134.64,
  errorRate: 0.554,
  p50Ms: 4_870,
  p95Ms: 4_912,
  dbConnections: { used: 95, limit: 100 },
  cpuCores: 0.4,
}
const calm = { ...row, atSeconds: 12, errorRate: 0, p50Ms: 2.4, p95Ms: 22 }

test('a row stands below its head', () => {
  expect(`${tourHead()}\n${tourRow(row)}\n${tourRow(calm)}`).toBe(
    ` time  requests/s   failed      p50      p95   connections  cores  failing
 0:47       134.6   55.4 %    4.9 s    4.9 s     95 of 100   0.40  ███████████
 0:12       134.6    0.0 %     2 ms    22 ms     95 of 100   0.40`,
  )
})

test('a long sentence is wrapped below itself', () => {
  const lines = tourLine(61, 'word '.repeat(30).trim()).split('\n')
  expect(lines[0]).toMatch(/^ 1:01 {2}» word/)
  expect(lines[1]).toMatch(/^ {9}word/)
  expect(lines.every((line) => line.length <= 95)).toBe(true)
})

test('the summary says how long, how bad, and what helped', () => {
  const report = {
    schema: 1,
    fault: { name: 'connection-leak', level: 'normal' },
    remedy: 'rollback',
    secondsToBreak: 25.1,
    secondsBroken: 38.7,
    secondsToNormal: null,
    calm,
    worst: row,
    userReports: 8,
    rows: [],
    story: [],
  } as const
  const text = tourSummary(report)
  expect(text).toContain('connection-leak (normal); users felt it after 25 s')
  expect(text).toContain('55.4 % fail, p50 4.9 s, p95 4.9 s, 95 of 100 connections, 0.40 cores')
  expect(text).toContain('back to the release before')
  expect(text).toContain('normal     not seen')
  expect(tourSummary({ ...report, secondsToBreak: null })).toContain('users felt nothing')
})
