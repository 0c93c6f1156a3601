import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recogniseFormat } from '../lines/recognise.ts'
import { createRecordLines } from './record-lines.ts'
import type { LineRecord } from './record-lines.ts'

const context = { timeZone: 'UTC', now: Date.UTC(2026, 2, 3, 9) }

/** Records of lines, all at once; with the end of each as one text. */
function recordsOf(lines: readonly string[]): readonly LineRecord[] {
  const format = recogniseFormat(lines)
  const records = createRecordLines()
  let start = 0
  for (const line of lines) {
    const parsed = format.parse(line, context)
    if (parsed !== null) records.push({ start, parsed })
    start += line.length + 1
  }
  records.flush()
  return records.take()
}

const textOf = ({ parsed, more }: LineRecord): string => [parsed.message, ...more].join('\n')

const TRACE = [
  'java.lang.IllegalStateException: no stock',
  '\tat shop.Cart.take(Cart.java:17)',
  '\tat shop.Main.run(Main.java:3)',
  'Caused by: java.io.IOException: closed',
  '\tat shop.Store.read(Store.java:9)',
  '\t... 2 more',
]
const stamp = (second: number, text: string): string => `2026-03-03 08:59:0${second}.000 ${text}`
const docker = (log: string, second: number): string =>
  JSON.stringify({ log: `${log}\n`, stream: 'stderr', time: `2026-03-03T08:59:0${second}Z` })

describe('createRecordLines', () => {
  test('keeps ordinary lines apart', () => {
    const lines = [stamp(1, 'INFO a'), stamp(2, 'INFO b'), stamp(3, 'WARN c')]
    expect(recordsOf(lines).map(textOf)).toEqual(['a', 'b', 'c'])
  })

  test('joins indented lines with the record above', () => {
    const lines = [stamp(1, 'INFO query'), '  SELECT 1', '  FROM x', stamp(2, 'INFO b')]
    expect(recordsOf(lines).map(textOf)).toEqual(['query\n  SELECT 1\n  FROM x', 'b'])
  })

  test('joins a trace below its line, and says what it is', () => {
    const records = recordsOf([stamp(1, 'ERROR failed'), ...TRACE, stamp(2, 'INFO next')])
    expect(records.map(textOf)).toEqual([['failed', ...TRACE].join('\n'), 'next'])
    expect(records[0]?.chain?.map(({ type }) => type)).toEqual([
      'java.lang.IllegalStateException',
      'java.io.IOException',
    ])
  })

  test('joins a trace whose lines have an envelope each', () => {
    const records = recordsOf([
      docker('ready', 1),
      ...TRACE.map((line) => docker(line, 2)),
      docker('next', 3),
    ])
    expect(records.map(textOf)).toEqual(['ready', TRACE.join('\n'), 'next'])
  })

  test('joins a trace in a file without any headers', () => {
    const records = recordsOf(['ready', ...TRACE, 'next one', 'and another'])
    expect(records.map(textOf)).toEqual(['ready', TRACE.join('\n'), 'next one', 'and another'])
  })

  test('gives a request at once, and no line below it belongs to it', () => {
    const records = createRecordLines()
    const format = recogniseFormat([])
    const push = (line: string, start: number): void => {
      const parsed = format.parse(line, context)
      if (parsed !== null) records.push({ start, parsed })
    }
    push('10.0.0.7 - - [03/Mar/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 17', 0)
    expect(records.take()).toHaveLength(1)
    expect(records.openFrom()).toBeNull()
    push('  indented', 70)
    expect(records.openFrom()).toBe(70)
    records.flush()
    expect(records.take().map(textOf)).toEqual(['  indented'])
  })

  test('loses no line and doubles none, whatever comes, however it is taken', () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...TRACE,
        ...TRACE.map((one) => docker(one, 4)),
        'Traceback (most recent call last):',
        '  File "a.py", line 1, in f',
        "KeyError: 'x'",
      ),
      fc.constantFrom(
        stamp(1, 'INFO x'),
        stamp(2, 'ERROR Unhandled exception'),
        'plain',
        '  indented',
        'Retrying: soon',
        '10.0.0.7 - - [03/Mar/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 17',
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.boolean(), fc.boolean()), { maxLength: 60 }), (steps) => {
        const format = recogniseFormat(steps.map(([text]) => text))
        const records = createRecordLines()
        const given: string[] = []
        const taken: string[] = []
        const take = (): void => {
          for (const { parsed, more } of records.take()) taken.push(parsed.message, ...more)
        }
        for (const [start, [text, isTaken, isFlushed]] of steps.entries()) {
          const parsed = format.parse(text, context)
          if (parsed === null) continue
          given.push(parsed.message)
          records.push({ start, parsed })
          if (isFlushed) records.flush()
          if (isTaken) take()
          expect(records.openFrom() ?? start).toBeLessThanOrEqual(start)
        }
        records.flush()
        take()
        expect(records.openFrom()).toBeNull()
        expect(taken.sort()).toEqual(given.sort())
      }),
      { numRuns: 300 },
    )
  })
})
