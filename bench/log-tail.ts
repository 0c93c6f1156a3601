import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startLogTail } from '../src/telemetry/index.ts'
import type { Intake } from '../src/telemetry/index.ts'

/**
 * Following log files: `node bench/log-tail.ts [LINES]`. One row per kind of log: records per second from the file to
 * an intake that takes 20 ms for each call, CPU per 100,000 lines, and the time from an appended line to intake.
 */
const LINES = Number(process.argv[2] ?? 300_000)
const INTAKE_MS = 20
const APPENDED = 10

const two = (number: number): string => String(number).padStart(2, '0')
const time = (index: number): string => `10:${two(Math.floor(index / 60) % 60)}:${two(index % 60)}`
const makers: Readonly<Record<string, (index: number) => string>> = {
  'proxy access log': (index) =>
    `10.0.1.2:33317 [06/Feb/2026:${time(index)}.123] shop app/app-1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /products/${index} HTTP/1.1"`,
  'web server access log': (index) =>
    `172.17.0.1 - - [20/Nov/2026:${time(index)} +0000] "GET /cart/${index} HTTP/1.1" 200 17 "-" "Mozilla/5.0 (X11; Linux x86_64)" 0.031`,
  'JSON lines': (index) =>
    JSON.stringify({
      level: 30,
      time: 1_795_168_800_123 + index,
      msg: `request ${index} completed`,
      ms: 12.3,
    }),
  'text, 2 % stack traces': (index) =>
    index % 50 === 0
      ? `2026-11-20 ${time(index)},000 ERROR shop: failed\nTraceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    x = y[z]\nKeyError: 'k${index % 7}'`
      : `2026-11-20 ${time(index)},000 INFO shop: cart ${index} saved in 12 ms`,
}

type Row = Readonly<Record<string, number>>

async function measure(make: (index: number) => string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
  const file = join(folder, 'app.log')
  for (let index = 0; index < LINES; index += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, LINES - index) }, (_, at) => make(index + at))
    appendFileSync(file, `${lines.join('\n')}\n`)
  }
  let wake = (): void => {}
  let delay = INTAKE_MS
  const intake: Intake = {
    async take() {
      await pause(delay)
      wake()
      return { kind: 'stored' }
    },
  }
  const deps = { intake, now: () => Date.now(), random: () => 0, signal: new AbortController().signal }
  const options = { paths: [file], service: 'shop', stateFile: join(folder, 'state.json'), fromStart: true }
  const cpuBefore = process.cpuUsage()
  const beganAt = performance.now()
  const source = startLogTail(deps, options)
  while (source.state().taken < LINES) await pause(50)
  const seconds = ((source.state().lastAt ?? 0) - (performance.timeOrigin + beganAt)) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  delay = 0
  const delays: number[] = []
  for (let index = 0; index < APPENDED; index++) {
    const woken = new Promise<void>((resolve) => (wake = resolve))
    const appendedAt = performance.now()
    appendFileSync(file, `${make(index + 1)}\n`)
    await woken
    delays.push(performance.now() - appendedAt)
    await pause(400)
  }
  await source.stop()
  rmSync(folder, { recursive: true })
  return {
    'lines/s': Math.round(LINES / seconds / 1000) * 1000,
    'CPU ms per 100,000 lines': Math.round((user + system) / 1000 / (LINES / 100_000)),
    'median delay, ms': Math.round(delays.sort((a, b) => a - b)[APPENDED / 2] ?? 0),
    'longest delay, ms': Math.round(delays.at(-1) ?? 0),
  }
}

const rows: Record<string, Row> = {}
for (const [name, make] of Object.entries(makers)) rows[name] = await measure(make)
console.table(rows)
