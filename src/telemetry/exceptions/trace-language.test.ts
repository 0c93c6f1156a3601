import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayBelongToTrace, mayBelongToTraceBytes } from './may-belong.ts'
import { parseTrace, traceLanguages } from './parse-trace.ts'

/** One small trace per language, first line first; the conformance suite below is run on each. */
const samples: Readonly<Record<string, string>> = {
  python: `Traceback (most recent call last):
  File "/app/a.py", line 3, in f
    g()
ValueError: bad`,
  java: `java.lang.IllegalStateException: bad
	at com.acme.A.f(A.java:3)
Caused by: java.io.IOException: worse
	at com.acme.B.g(B.java:4)
	... 3 more`,
  javascript: `TypeError: bad
    at f (/app/a.js:3:1)
    at async /app/b.js:4:2`,
  go: `panic: bad

goroutine 1 [running]:
main.(*T).f(0x1)
	/app/a.go:3 +0x1
main.main()
	/app/a.go:9 +0x1`,
  ruby: `/app/a.rb:3:in 'f': bad (ArgumentError)
	from /app/a.rb:9:in '<main>'`,
  php: `PHP Fatal error:  Uncaught Exception: bad in /app/a.php:3
Stack trace:
#0 /app/a.php(9): f()
#1 {main}
  thrown in /app/a.php on line 3`,
  csharp: `System.InvalidOperationException: bad
   at Acme.A.F(String s) in /src/A.cs:line 3
   --- End of inner exception stack trace ---
   at Acme.B.G()`,
  rust: `thread 'main' panicked at src/main.rs:3:1:
bad
stack backtrace:
   0: app::f
             at ./src/main.rs:3:1
note: Some details are omitted`,
}

describe.each(traceLanguages.map((language) => ({ name: language.name, language })))(
  '$name',
  ({ name, language }) => {
    const lines = (samples[name] ?? '').split('\n')

    test('has a sample with a frame', () => {
      expect(lines.some((line) => language.isFrame(line))).toBe(true)
    })

    test('is what its sample is taken for', () => {
      expect(language.parse(lines)).not.toBeNull()
      expect(parseTrace(lines.join('\n'))?.[0]?.message).toBe('bad')
    })

    test('follows its sample line by line, from its announcement or its first frame', () => {
      const announced = language.opens(lines[0] ?? '')
      const start = announced === null ? lines.findIndex((line) => language.isFrame(line)) : 0
      let state = announced ?? 'message'
      for (const line of lines.slice(announced === null ? start : 1)) {
        const next = language.follows(line, state)
        expect({ line, next }).not.toEqual({ line, next: null })
        if (next !== null && next !== 'maybe') state = next
      }
      const isNamed = announced !== null || lines.slice(0, start).some((line) => language.isHead(line))
      expect(isNamed).toBe(true)
    })

    test('does not take an ordinary line for a part of a complete trace', () => {
      for (const line of ['2026-03-03 09:00:00 INFO ready', 'GET /healthz 200 1ms']) {
        expect(language.follows(line, 'ended')).toBeNull()
        expect(language.opens(line)).toBeNull()
        expect(language.isFrame(line)).toBe(false)
      }
    })

    test('every line of it passes the first-bytes test, but blank lines and bare messages', () => {
      for (const line of lines.filter((one) => one !== '' && one !== 'bad')) {
        expect({ line, may: mayBelongToTrace(line) }).toEqual({ line, may: true })
      }
    })
  },
)

describe('mayBelongToTrace', () => {
  test.each([
    '',
    'GET /api/orders 200 31.2 ms - 17',
    'worker heartbeat ok',
    'INFO: ready',
    'flushed 12 events',
    '127.0.0.1 - - [20/Nov/2026 10:00:00] "GET / HTTP/1.1" 200 -',
    'level=info msg="cache miss"',
    '{"level":30}',
    'Error budget remaining 99.2%',
  ])('says no to %j', (line) => {
    expect(mayBelongToTrace(line)).toBe(false)
  })

  test.each([
    'KeyError',
    "KeyError: 'sku'",
    'shop.cart.CartError: no cart',
    'App\\Cart\\Missing: no cart',
    'JSON::ParserError: unexpected token',
    'TypeError [ERR_INVALID_URL]: Invalid URL',
    'NoMethodError (undefined method):',
    'main.rb:9:in `f`',
    'github.com/acme/shop/cart.(*Cart).At(0x1, 0x2)',
    'app/db.Open',
    'Caused by: java.io.IOException',
    '[cause]: Error: x',
    '} {',
    '... 3 more',
    '#0 /var/www/a.php(3): f()',
  ])('says yes to %j', (line) => {
    expect(mayBelongToTrace(line)).toBe(true)
  })

  test('says of bytes in a buffer what it says of the text', () => {
    const words = fc.constantFrom(
      'Error',
      'at',
      ':',
      ' ',
      '\t',
      '#1',
      '/a.rb:3',
      '(',
      'java.lang.X',
      'x',
      'é',
      '"',
      '.',
      '-',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.nat(9), (parts, offset) => {
        const text = parts.join('')
        const bytes = new TextEncoder().encode('z'.repeat(offset) + text + '\nTraceback (')
        const end = offset + new TextEncoder().encode(text).length
        expect(mayBelongToTraceBytes(bytes, offset, end)).toBe(mayBelongToTrace(text))
      }),
    )
  })
})

describe('junk', () => {
  const shards = Object.values(samples).flatMap((sample) => sample.split('\n'))
  const pieces = fc.constantFrom(
    ...shards,

    'at ',
    '(',
    ')',
    ':1:2',
    ' ---> ',
    '[cause]: [',
    '} {',
    '  | ',
    '  +-+----',
    'File "',
    'in <',
    '\u0000',
    "'",
    '`',
    '\\n',
    '#012',
    '::',
  )

  test('never throws, whatever it reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }),
        fc.boolean(),
        (parts, broken) => {
          const text = parts.join(broken ? '\n' : '')
          for (const link of parseTrace(text) ?? []) expect(typeof link.type).toBe('string')
        },
      ),
      { numRuns: 400 },
    )
  })

  test.each([
    ['at ', 'a '],
    ['', '('],
    ['', 'at ('],
    ['    at ', 'a.b('],
    ['', 'Error: '],
    ['', ' ---> A'],
    ['', "'"],
    ['/a.rb:1:in `', "': "],
    ['', 'a.A'],
    ['#0 ', '/a('],
    ['File "', '", line '],
    ["thread '", "' panicked at "],
    ['', 'eval at ('],
    ['\t', ' '],
  ])('takes linear time on %j and many %j', (start, repeated) => {
    const line = start + repeated.repeat(Math.ceil(60_000 / repeated.length))
    const began = process.hrtime.bigint()
    parseTrace(`TypeError: x\n    at f (/a.js:1:2)\n${line}\n    at g (/a.js:3:4)`)
    parseTrace(line)
    // Quadratic time on 60,000 characters takes seconds; linear a few milliseconds. The bound forgives a busy machine.
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(1500)
  })
})
