import { describe, expect, test } from 'vitest'
import { readJsonRecord } from './json-shape.ts'
import { beginShape, createLineShape, readText } from './line-shape.ts'

function shapeOf(line: string, keepPaths = false): string {
  const shape = createLineShape()
  beginShape(shape, 0)
  shape.keepPaths = keepPaths
  readText(Buffer.from(`${line}\n`), shape)
  expect(shape.at).toBe(Buffer.byteLength(line))
  return `${shape.lane1} ${shape.lane2}`
}

function recordOf(line: string): string {
  const shape = createLineShape()
  beginShape(shape, 0)
  expect(readJsonRecord(Buffer.from(`${line}\n`), shape)).toBe(true)
  return `${shape.lane1} ${shape.lane2}`
}

describe('the shape of a line', () => {
  test.each([
    ['numbers', 'took 5 ms', 'took 1234 ms'],
    ['times', '2026-03-03T09:00:00.123Z up', '2027-12-31T23:59:59.999Z up'],
    ['addresses', 'from 10.0.0.7 port 22', 'from 192.168.100.200 port 61234'],
    ['UUIDs', 'id 550e8400-e29b-41d4-a716-446655440000 x', 'id aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeee01 x'],
    ['hexadecimal ids', 'commit a489c868 done', 'commit 0fb3417c done'],
    ['random ids', 'mail jA9J1UvC004306: sent', 'mail kB7QxZ2w104999: sent'],
    ['ids with a prefix', 'run attempt_14_0020_m_000009', 'run attempt_99_0001_r_000001'],
    ['paths', 'open /srv/a/b.json failed', 'open /var/lib/x failed'],
    ['numbers in words', 'worker3 idle', 'worker17 idle'],
  ])('masks %s', (_, a, b) => {
    expect(shapeOf(a)).toBe(shapeOf(b))
  })

  test.each([
    ['words', 'cache hit', 'cache miss'],
    ['the order of words', 'a b', 'b a'],
    ['punctuation', 'a: b', 'a, b'],
    ['where blanks are', 'ab c', 'a bc'],
    ['letter case', 'Error', 'ERROR'],
    ['prefixes of ids', 'start task_14_0020_m_9', 'start job_14_0020_m_9'],
    ['scripts', 'grün 1', 'grau 1'],
  ])('tells apart %s', (_, a, b) => {
    expect(shapeOf(a)).not.toBe(shapeOf(b))
  })

  test('keeps paths where frames differ by them alone', () => {
    expect(shapeOf('  File "/app/a.py", line 3', true)).not.toBe(shapeOf('  File "/app/b.py", line 3', true))
    expect(shapeOf('  File "/app/a.py", line 3', true)).toBe(shapeOf('  File "/app/a.py", line 99', true))
  })
})

describe('the shape of a JSON record', () => {
  test.each([
    ['other fields', '{"msg":"ok","user":"ann"}', '{"msg":"ok","user":"bob"}'],
    ['other numbers', '{"msg":"order 7","took":1}', '{"msg":"order 12","took":99.5}'],
    [
      'nested values',
      '{"msg":"ok","req":{"url":"/a","ids":[1,"]"]}}',
      '{"msg":"ok","req":{"url":"/b","ids":[]}}',
    ],
    ['escapes', '{"msg":"ok","q":"a\\"b"}', '{"msg":"ok","q":"c"}'],
  ])('is the same with %s', (_, a, b) => {
    expect(recordOf(a)).toBe(recordOf(b))
  })

  test.each([
    ['message', '{"msg":"ok"}', '{"msg":"not ok"}'],
    ['level', '{"level":30,"msg":"ok"}', '{"level":50,"msg":"ok"}'],
    ['level in words', '{"level":"info","msg":"ok"}', '{"level":"error","msg":"ok"}'],
    ['keys', '{"msg":"ok","a":1}', '{"msg":"ok","b":1}'],
    ['error', '{"msg":"ok","err":{"type":"TypeError"}}', '{"msg":"ok","err":{"type":"RangeError"}}'],
    [
      'frames',
      '{"msg":"x","stack":"E: a\\n    at f (/app/a.js:1:1) and much more of it, so that the text is long enough to be a stack trace"}',
      '{"msg":"x","stack":"E: a\\n    at f (/app/b.js:1:1) and much more of it, so that the text is long enough to be a stack trace"}',
    ],
  ])('differs by %s', (_, a, b) => {
    expect(recordOf(a)).not.toBe(recordOf(b))
  })

  test('ends at the line feed, whatever is broken before it', () => {
    for (const broken of ['{"a', '{"a":"b', '{"a":["', '{"a":[1,', '{"a":"\\', '{{{[[', '{"msg":"x"} rest']) {
      const shape = createLineShape()
      beginShape(shape, 0)
      readJsonRecord(Buffer.from(`${broken}\nnext "line"\n`), shape)
      expect(shape.at).toBe(broken.length)
    }
  })
})
