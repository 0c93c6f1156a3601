import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinerFor, recordDepth } from './json-document.ts'

function join(text: string, chunkBytes = 1_000_000): string {
  const bytes = Buffer.from(text)
  const joiner = joinerFor(bytes)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    parts.push(joiner(bytes.subarray(at, at + chunkBytes)))
  return Buffer.concat(parts).toString()
}

const RECORDS = [
  { timestamp: 1_795_168_800_123, message: 'a {brace}, a "quote"\nand a line' },
  { timestamp: 1_795_168_800_124, message: 'boom', tags: [1, { deep: true }] },
]

describe('recordDepth', () => {
  test.each([
    [JSON.stringify(RECORDS, null, 2), 1],
    [JSON.stringify(RECORDS), 1],
    [JSON.stringify({ events: RECORDS, nextToken: 'x' }, null, 4), 2],
    [JSON.stringify({ Records: RECORDS }), 2],
    [RECORDS.map((record) => JSON.stringify(record, null, '\t')).join('\n'), 0],
    [`[\n${RECORDS.map((record) => JSON.stringify(record)).join(',\n')}\n]`, 1],
    [RECORDS.map((record) => JSON.stringify(record)).join('\n'), null],
    ['{"events":[{"a":1}]}\n{"events":[{"a":2}]}\n', null],
    ['{\n  "name": "package"\n}\n', null],
    ['[2026-11-20 10:00:00] INFO x', null],
    ['2026-11-20 10:00:00 INFO x', null],
    ['', null],
  ])('%j', (head, depth) => {
    expect(recordDepth(head)).toBe(depth)
  })
})

describe('joinerFor', () => {
  test.each([
    JSON.stringify(RECORDS, null, 2),
    JSON.stringify({ events: RECORDS, nextToken: 'x' }, null, 4),
    RECORDS.map((record) => JSON.stringify(record, null, 2)).join('\n'),
  ])('brings each record to one line and keeps the number of lines: %j', (document) => {
    const joined = join(`${document}\n`)
    const lines = joined.split('\n')
    expect(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)).toEqual(RECORDS)
    expect(lines).toHaveLength(`${document}\n`.split('\n').length)
  })

  test('records of a minified list get a line each', () => {
    expect(
      join(JSON.stringify(RECORDS))
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(RECORDS)
  })

  test('a record stands on the line on which it began', () => {
    const lines = join(JSON.stringify(RECORDS, null, 2)).split('\n')
    expect([lines[1]?.includes('brace'), lines[5]?.includes('boom')]).toEqual([true, true])
  })

  test('leaves every other text alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(join(`x${text}`)).toBe(`x${text}`)
      }),
    )
  })

  test('chunks may end anywhere', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 3 })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (records, size) => {
          const document = JSON.stringify(records, null, 2)
          const lines = join(document, size).split('\n')
          const read = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)
          expect(read).toEqual(JSON.parse(document))
          expect(lines).toHaveLength(document.split('\n').length)
        },
      ),
    )
  })
})
