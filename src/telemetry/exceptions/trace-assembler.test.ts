import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTraceAssembler, mayBelongToTrace, type TraceBlock } from './trace-assembler.ts'

type Line = { text: string; stream?: string; headed?: boolean }

/** Gives the lines to an assembler as the digester does: what cannot belong is an ordinary line. */
function assemble(lines: readonly Line[]): TraceBlock[] {
  const blocks: TraceBlock[] = []
  const assembler = createTraceAssembler({ onTrace: (block) => blocks.push(block) })
  lines.forEach(({ text, stream = '', headed = false }, index) => {
    const line = { number: index + 1, text, stream, headed }
    if (!headed || mayBelongToTrace(text) || assembler.isOpen(stream)) assembler.push(line)
    else assembler.boundary(stream, line)
  })
  assembler.flush()
  return blocks.toSorted((left, right) => (left.lines[0] ?? 0) - (right.lines[0] ?? 0))
}

const headed = (text: string, stream = ''): Line => ({ text, stream, headed: true })
const raw = (text: string): Line[] => text.split('\n').map((line) => ({ text: line }))
const records = (text: string, stream = ''): Line[] => text.split('\n').map((line) => headed(line, stream))
const summary = (blocks: readonly TraceBlock[]) =>
  blocks.map((block) => `${block.lines.join(' ')} ${block.chain.map((link) => link.type).join(' < ')}`)

const python = `Traceback (most recent call last):
  File "/app/a.py", line 3, in f
    g()
ValueError: bad`
const java = `com.acme.Bad: no
  detail
	at com.acme.A.f(A.java:3)
Caused by: java.io.IOException: worse
	... 3 more`
const node = `TypeError: bad
    at f (/app/a.js:3:1)
    at g (/app/a.js:9:1)`

describe('createTraceAssembler', () => {
  test('counts the log line above a trace without headers as its first', () => {
    expect(
      summary(assemble([headed('ready'), headed('Unhandled exception'), ...raw(python), headed('ready')])),
    ).toEqual(['2 3 4 5 6 ValueError'])
  })

  test('does not count the line above where every line of the trace has a header', () => {
    expect(summary(assemble([headed('ready'), ...records(python), headed('ready')]))).toEqual([
      '2 3 4 5 ValueError',
    ])
  })

  test('opens with the line that names the exception, however long its message', () => {
    expect(
      summary(assemble([headed('ready'), headed('Request failed'), ...raw(java), headed('ready')])),
    ).toEqual(['2 3 4 5 6 7 com.acme.Bad < java.io.IOException'])
  })

  test.each([false, true])(
    'finds the exception at the end of a log line (frames with headers: %s)',
    (withHeaders) => {
      const frames = node
        .split('\n')
        .slice(1)
        .map((text) => ({ text, headed: withHeaders }))
      expect(
        summary(assemble([headed('ready'), headed('checkout failed TypeError: bad'), ...frames])),
      ).toEqual(['2 3 4 TypeError'])
    },
  )

  test('separates writers by stream', () => {
    const [a, b] = [records(python, 'a'), records(java, 'b')]
    const mixed = a.flatMap((line, index) => [line, ...b.slice(index, index + 1)]).concat(b.slice(a.length))
    expect(summary(assemble([headed('ready', 'a'), ...mixed]))).toEqual([
      '2 4 6 8 ValueError',
      '3 5 7 9 10 com.acme.Bad < java.io.IOException',
    ])
  })

  test('skips the records of other writers where streams are not known', () => {
    const lines = records(python).flatMap((line, index) =>
      index === 0 ? [line] : [headed('GET / 200 1ms'), line],
    )
    expect(summary(assemble(lines))).toEqual(['1 3 5 7 ValueError'])
  })

  test('keeps two traces apart that follow each other, with ordinary lines between or without', () => {
    const ruby = "/app/a.rb:3:in 'f': bad (ArgumentError)\n\tfrom /app/a.rb:9:in '<main>'"
    expect(summary(assemble([...records(ruby), headed('GET / 500'), ...records(ruby)]))).toEqual([
      '1 2 ArgumentError',
      '4 5 ArgumentError',
    ])
    expect(summary(assemble([...raw(node), ...raw(node)]))).toEqual(['1 2 3 TypeError', '4 5 6 TypeError'])
    expect(summary(assemble([...raw(python), ...raw(java)]))).toHaveLength(2)
  })

  test('takes a trace that is on one line, its line breaks escaped or decoded', () => {
    const escaped = headed("/app/a.rb:3:in 'f': bad (ArgumentError)#012#011from /app/a.rb:9:in '<main>'")
    expect(summary(assemble([headed('ready'), escaped, headed('ready'), headed(node)]))).toEqual([
      '2 ArgumentError',
      '4 TypeError',
    ])
  })

  test('ends with a trace, not with the lines that were held back in case more came', () => {
    expect(summary(assemble([headed('x'), ...raw(`${java}\n\n`), ...raw('bye')]))).toEqual([
      '1 2 3 4 5 6 com.acme.Bad < java.io.IOException',
    ])
  })

  test('keeps 1,000 lines of an endless trace and still knows where it ends', () => {
    const frames = Array.from({ length: 5000 }, (_, index) => `    at f (/app/a.js:${index + 1}:1)`)
    const blocks = assemble([...raw(`RangeError: deep\n${frames.join('\n')}`), headed('ready'), ...raw(node)])
    expect(blocks.map((block) => block.lines.length)).toEqual([1000, 4])
    expect(blocks[0]?.chain[0]?.frames).toHaveLength(999)
  })

  test('waits for nothing after ordinary lines', () => {
    const assembler = createTraceAssembler({ onTrace: () => {} })
    for (const text of ['Retrying: soon', 'GET /', 'GET /'])
      assembler.push({ number: 1, text, stream: '', headed: true })
    for (let count = 0; count < 30; count += 1) assembler.boundary('')
    expect(assembler.openCount).toBe(0)
    assembler.push({ number: 9, text: 'Traceback (most recent call last):', stream: 'a' })
    expect([assembler.isOpen('a'), assembler.isOpen(''), assembler.openCount]).toEqual([true, false, 1])
  })

  test('never throws, never invents a line, and reports lines in order', () => {
    const texts = [python, java, node].flatMap((sample) => sample.split('\n'))
    const line = fc.record({
      text: fc.oneof(fc.constantFrom(...texts, '', 'GET / 200', '  indented'), fc.string()),
      stream: fc.constantFrom('', 'a', 'b'),
      headed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        for (const block of assemble(lines)) {
          expect(block.lines).toEqual([...new Set(block.lines)].toSorted((a, b) => a - b))
          expect(block.lines.every((number) => lines[number - 1]?.stream === block.stream)).toBe(true)
          expect(block.chain.length).toBeGreaterThan(0)
        }
      }),
    )
  })
})
