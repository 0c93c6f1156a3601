import { expect, test } from 'vitest'
import { createLogDigester, type ExceptionChain, type LogDigest } from '../src/telemetry/index.ts'
import { traceLayouts, type TraceLayout } from './trace-layouts.ts'
import { traceSamples } from './trace-samples.ts'

const ORDINARY = 8
const TIMES = 3

type Log = { readonly lines: readonly string[]; readonly traceLines: readonly number[] }

/** Ordinary lines, the trace, ordinary lines, three times over; with `mixed`, others write into the trace. */
function logOf(layout: TraceLayout, text: string, mixed: boolean): Log {
  const lines: string[] = []
  const traceLines: number[] = []
  for (let second = 0; second < TIMES * (ORDINARY + 1); second++) {
    if (second % (ORDINARY + 1) < ORDINARY) {
      lines.push(layout.line(second, `order ${100 + second} shipped to user ${second}`))
      continue
    }
    for (const [index, line] of layout.trace(second, text).entries()) {
      traceLines.push(lines.length)
      lines.push(line)
      if (mixed && index % 3 === 1 && layout.stranger) lines.push(layout.stranger(second))
    }
  }
  return { lines: [...lines, layout.line(59, 'order 1 shipped to user 2')], traceLines }
}

function digest(lines: readonly string[]): LogDigest {
  const digester = createLogDigester({ now: Date.UTC(2026, 10, 21), withGroups: true })
  digester.write('app.log', Buffer.from(`${lines.join('\n')}\n`))
  digester.end('app.log')
  return digester.digest()
}

function shown(chain: ExceptionChain | null | undefined): unknown {
  return chain?.map(({ type, message, frames }) => [
    type,
    message,
    frames.map((frame) => `${frame.file}:${frame.line} ${frame.function}`),
  ])
}

const cases = Object.entries(traceSamples).flatMap(([sample, text]) => {
  const want = shown(digest(text.split('\n')).fingerprints.find((one) => one.exception)?.exception)
  return Object.entries(traceLayouts).flatMap(([name, layout]) =>
    [false, ...(layout.stranger ? [true] : [])].map((mixed) => ({ sample, text, want, name, layout, mixed })),
  )
})

test('the samples are read by themselves', () => {
  expect(cases.length).toBeGreaterThan(300)
  for (const { want } of cases) expect(want).toBeDefined()
})

test.each(cases)('$sample in $name, mixed: $mixed, is one exception', ({ text, want, layout, mixed }) => {
  const { lines, traceLines } = logOf(layout, text, mixed)
  const found = digest(lines)
  const exceptions = found.fingerprints.filter(({ exception }) => exception !== null)
  expect(exceptions.map(({ count, exception }) => ({ count, chain: shown(exception) }))).toEqual([
    { count: TIMES, chain: want },
  ])
  expect(new Set(traceLines.map((line) => found.groups?.[line])).size).toBe(1)
})
