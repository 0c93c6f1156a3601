import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ResponseReader } from './response-reader.ts'

type Row = {
  readonly name: string
  readonly text: string
  readonly expected: readonly [number, string, boolean]
}

const OK = 'HTTP/1.1 200 OK\r\n'
const rows: readonly Row[] = [
  { name: 'a length', text: `${OK}Content-Length: 5\r\n\r\nhello`, expected: [200, 'hello', true] },
  { name: 'no content', text: 'HTTP/1.1 204 No Content\r\n\r\n', expected: [204, '', true] },
  {
    name: 'a length of zero',
    text: 'HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n',
    expected: [302, '', true],
  },
  {
    name: 'chunks',
    text: `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n`,
    expected: [200, 'hello', true],
  },
  {
    name: 'chunks and a trailer',
    text: `${OK}transfer-encoding: chunked\r\n\r\n1\r\nh\r\n0\r\nx: y\r\n\r\n`,
    expected: [200, 'h', true],
  },
  {
    name: 'a wish to close',
    text: 'HTTP/1.1 503 Gone\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno',
    expected: [503, 'no', false],
  },
  {
    name: 'an old server',
    text: 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
    expected: [200, 'ok', false],
  },
  {
    name: 'a word before',
    text: `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    expected: [200, 'ok', true],
  },
]

test.each(rows)('reads an answer with $name, in whatever pieces it comes', ({ text, expected }) => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length - 1), { maxLength: 6 }), (cuts) => {
      const reader = new ResponseReader()
      reader.expect({ keepsBody: true })
      const bytes = Buffer.from(text)
      const edges = [0, ...cuts.sort((one, other) => one - other), text.length]
      const states = edges.slice(1).map((edge, at) => reader.push(bytes.subarray(edges[at], edge)))
      expect(states.at(-1)).toBe('done')
      expect([reader.status, reader.body(), reader.mayStayOpen]).toEqual(expected)
    }),
  )
})

test('an answer without a length ends with its connection', () => {
  const reader = new ResponseReader()
  reader.expect({ keepsBody: true })
  expect(reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nall of'))).toBe('more')
  expect(reader.push(Buffer.from(' it'))).toBe('more')
  expect(reader.end()).toBe('done')
  expect([reader.body(), reader.mayStayOpen]).toEqual(['all of it', false])
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['more than was announced', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'],
  ['a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
])('refuses %s', (_name, text) => {
  const reader = new ResponseReader()
  reader.expect({ keepsBody: false })
  expect(reader.push(Buffer.from(text))).toBe('invalid')
})

test('an answer that is cut off is not an answer', () => {
  const reader = new ResponseReader()
  reader.expect({ keepsBody: true })
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel'))
  expect(reader.end()).toBe('invalid')
})
