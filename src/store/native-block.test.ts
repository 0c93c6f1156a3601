import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteSink } from './byte-sink.ts'
import { createBlock, field } from './native-block.ts'
import { attributes, list, text, time, uint8, word } from './native-columns.ts'

const bytesOf = (write: (sink: ByteSink) => void): Buffer => {
  const sink = new ByteSink()
  write(sink)
  return Buffer.from(sink.view())
}

test('writes nanoseconds of any time since 1970 exactly, as whole numbers of 64 bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e12 }), fc.integer({ min: 0, max: 3 }), (ms, quarters) => {
      const written = bytesOf((sink) => sink.nanoseconds(ms + quarters / 4)).readBigInt64LE()
      expect(written).toBe(BigInt(ms) * 1_000_000n + BigInt(quarters) * 250_000n)
    }),
  )
})

test('a time before 1970, or none at all, is 1970', () => {
  for (const time of [-1, Number.NaN, Number.NEGATIVE_INFINITY]) {
    expect(bytesOf((sink) => sink.nanoseconds(time)).readBigInt64LE()).toBe(0n)
  }
})

test('writes counts up to 2^53 exactly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      expect(bytesOf((sink) => sink.uint64(count)).readBigUInt64LE()).toBe(BigInt(count))
    }),
  )
})

function readText(bytes: Buffer): string {
  let length = 0
  let at = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  expect(bytes.length).toBe(at + length)
  return bytes.subarray(at).toString()
}

test('writes any text behind its length in bytes', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ maxLength: 3_000 }),
    // around the lengths at which the length itself takes one byte more
    fc.integer({ min: 40, max: 140 }).map((length) => 'ä'.repeat(length)),
    fc.integer({ min: 5_400, max: 5_500 }).map((length) => '€'.repeat(length)),
  )
  fc.assert(
    fc.property(texts, (value) => {
      const wellFormed = value.toWellFormed()
      expect(readText(bytesOf((sink) => sink.text(wellFormed)))).toBe(wellFormed)
    }),
  )
})

test('writes a block as the engine itself writes it', () => {
  type Row = { map: Map<string, string>; word: string; names: string[] }
  const block = createBlock<Row>('t', [
    field('m', attributes('own'), (row) => row.map),
    field('s', word(), (row) => row.word),
    field('a', list(text()), (row) => row.names),
  ])
  block.add({ map: new Map(), word: 'a', names: [] })
  block.add({ map: new Map([['k', 'v']]), word: 'b', names: ['x', 'yy'] })
  // Taken from `SELECT … INTO OUTFILE … FORMAT Native` of the same two rows.
  const expected = [
    '0302',
    '016d 234d6170284c6f7743617264696e616c69747928537472696e67292c20537472696e6729',
    '0100000000000000 0000000000000000 0100000000000000',
    '0006000000000000 0200000000000000 00 016b 0100000000000000 01 0176',
    '0173 164c6f7743617264696e616c69747928537472696e6729',
    '0100000000000000 0006000000000000 0300000000000000 00 0161 0162 0200000000000000 01 02',
    '0161 0d417272617928537472696e6729 0000000000000000 0200000000000000 0178 027979',
  ]
  expect(block.encode().toString('hex')).toBe(expected.join('').replaceAll(' ', ''))
})

test('an emptied block is as good as a new one', () => {
  const make = () =>
    createBlock<{ at: number; pairs: Map<string, string>; code: string }>('t', [
      field('At', time(), (row) => row.at),
      field('Pairs', attributes('shared'), (row) => row.pairs),
      field('Code', word(), (row) => row.code),
      field('One', uint8(), () => 1),
    ])
  const pairs = new Map([['a', 'b']])
  const used = make()
  used.add({ at: 1, pairs: new Map([['old', 'value']]), code: 'old' })
  used.encode()
  used.clear()
  const fresh = make()
  for (const block of [used, fresh]) {
    for (const code of ['', 'x', 'x', 'y']) block.add({ at: 5, pairs, code })
  }
  expect(used.encode()).toEqual(fresh.encode())
  expect(used.rows()).toBe(4)
})

test('a map that many rows share is written like one of their own', () => {
  const encode = (kind: 'shared' | 'own'): Buffer => {
    const block = createBlock<Map<string, string>>('t', [field('m', attributes(kind), (pairs) => pairs)])
    const first = new Map([
      ['service.name', 'shop'],
      ['host', 'ä'],
    ])
    const second = new Map([['service.name', 'mail']])
    for (const pairs of [first, second, first, new Map<string, string>(), first]) block.add(pairs)
    return Buffer.from(block.encode())
  }
  expect(encode('shared')).toEqual(encode('own'))
})

test('a word has wider numbers where there are more than 256 of them', () => {
  const block = createBlock<string>('t', [field('w', word(), (value) => value)])
  for (let index = 0; index < 70_000; index++) block.add(`w${index}`)
  const encoded = block.encode()
  // The last rows' numbers, 32 bits each: 69 998 + 1 and 69 999 + 1, for 0 is the empty word.
  expect(encoded.readUInt32LE(encoded.length - 4)).toBe(70_000)
  expect(encoded.readUInt32LE(encoded.length - 8)).toBe(69_999)
})
