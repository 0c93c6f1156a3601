import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainFromFields } from './chain-from-fields.ts'

const node = 'TypeError: bad\n    at f (/app/a.js:3:1)\n    at g (/app/a.js:9:1)'
const java =
  'com.acme.Bad: no\n\tat com.acme.A.f(A.java:3)\nCaused by: java.io.IOException: worse\n\t... 1 more'
const python =
  'Traceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    g()\nValueError: bad'
const go = 'goroutine 1 [running]:\nmain.f(0x1)\n\t/app/a.go:3 +0x1\nmain.main()\n\t/app/a.go:9 +0x1'
const zap = 'main.f\n\t/app/a.go:3\nmain.main\n\t/app/a.go:9'

const cases: readonly (readonly [name: string, fields: Record<string, unknown>, want: readonly string[]])[] =
  [
    [
      'pino',
      { level: 50, err: { type: 'TypeError', message: 'bad', stack: node }, msg: 'request errored' },
      ['TypeError: bad 3 9'],
    ],
    [
      'pino with a cause',
      {
        err: {
          type: 'Error',
          message: 'a',
          stack: 'Error: a\n    at f (/app/a.js:1:1)',
          cause: { type: 'TypeError', message: 'bad', stack: node },
        },
      },
      ['Error: a 1', 'TypeError: bad 3 9'],
    ],
    ['winston', { level: 'error', message: 'uncaughtException: bad', stack: node }, ['TypeError: bad 3 9']],
    [
      'bunyan',
      { name: 'app', msg: 'bad', err: { message: 'bad', name: 'TypeError', stack: node } },
      ['TypeError: bad 3 9'],
    ],
    [
      'zap with a goroutine',
      { msg: 'panic recovered', error: 'no stock [recovered]', stacktrace: go },
      ['panic: no stock 3 9'],
    ],
    [
      'zap with errorVerbose',
      { msg: 'failed', error: 'no stock', errorVerbose: `no stock\n${zap}` },
      ['error: no stock 3 9'],
    ],
    [
      'python-json-logger',
      { levelname: 'ERROR', message: 'Internal Server Error', exc_info: python },
      ['ValueError: bad 3'],
    ],
    [
      'structlog frames, outermost call first',
      {
        event: 'x',
        exception: [
          {
            exc_type: 'KeyError',
            exc_value: "'k'",
            frames: [
              { filename: '/app/a.py', lineno: 9, name: 'main' },
              { filename: '/app/b.py', lineno: 2, name: 'f' },
            ],
          },
        ],
      },
      ["KeyError: 'k' 2 9"],
    ],
    [
      'logback',
      { level: 'ERROR', message: 'Servlet failed', stack_trace: java },
      ['com.acme.Bad: no 3', 'java.io.IOException: worse '],
    ],
    [
      'logback, a type without a message',
      { message: 'Servlet failed', stack_trace: 'com.acme.Bad\n\tat com.acme.A.f(A.java:3)' },
      ['com.acme.Bad:  3'],
    ],
    [
      'log4j thrown',
      {
        thrown: {
          name: 'com.acme.Bad',
          message: 'no',
          extendedStackTrace: [{ class: 'com.acme.A', method: 'f', file: 'A.java', line: 3 }],
        },
      },
      ['com.acme.Bad: no 3'],
    ],
    [
      'ECS, dotted',
      { 'error.type': 'com.acme.Bad', 'error.message': 'no', 'error.stack_trace': java },
      ['com.acme.Bad: no 3', 'java.io.IOException: worse '],
    ],
    [
      'ECS, nested',
      { error: { type: 'TypeError', message: 'bad', stack_trace: node } },
      ['TypeError: bad 3 9'],
    ],
    [
      'OpenTelemetry',
      { 'exception.type': 'ValueError', 'exception.message': 'bad', 'exception.stacktrace': python },
      ['ValueError: bad 3'],
    ],
    [
      'OpenTelemetry in attributes',
      {
        body: 'failed',
        attributes: {
          'exception.type': 'ValueError',
          'exception.message': 'bad',
          'exception.stacktrace': python,
        },
      },
      ['ValueError: bad 3'],
    ],
    [
      'an exception without a stack',
      { exception: { type: 'ValueError', message: 'bad' } },
      ['ValueError: bad '],
    ],
    [
      'Google Cloud',
      { severity: 'ERROR', jsonPayload: { message: 'x', stack_trace: python } },
      ['ValueError: bad 3'],
    ],
    ['Google Cloud, in the message', { severity: 'ERROR', message: node }, ['TypeError: bad 3 9']],
    [
      'Serilog',
      { '@mt': 'x', Exception: 'System.Exception: bad\n   at Acme.A.F() in /src/A.cs:line 3' },
      ['System.Exception: bad 3'],
    ],
    [
      'Serilog compact',
      { '@x': 'System.Exception: bad\n   at Acme.A.F() in /src/A.cs:line 3' },
      ['System.Exception: bad 3'],
    ],
    [
      'Lambda: a stack of lines',
      {
        errorType: 'TypeError',
        errorMessage: 'bad',
        stack: ['TypeError: bad', '    at f (/var/task/a.js:3:1)'],
      },
      ['TypeError: bad 3'],
    ],
    [
      'Lambda, Python: a list of frames',
      {
        errorType: 'KeyError',
        errorMessage: "'k'",
        stackTrace: ['  File "/var/task/a.py", line 3, in f\n    g()\n'],
      },
      ["KeyError: 'k' 3"],
    ],
  ]

describe('chainFromFields', () => {
  test.each(cases)('%s', (_name, fields, want) => {
    const chain = chainFromFields({ ...fields }) ?? []
    expect(
      chain.map((link) => `${link.type}: ${link.message} ${link.frames.map((one) => one.line).join(' ')}`),
    ).toEqual(want)
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'an ordinary record',
      { level: 30, msg: 'request completed', req: { method: 'GET', url: '/' }, res: { statusCode: 200 } },
    ],
    ['an error that is a sentence', { level: 'error', error: 'connection refused', msg: 'could not save' }],
    ['an error that is a number', { error: 42, err: null, exception: false }],
    ['a caller', { caller: 'http/server.go:88', msg: 'request' }],
    ['a kind of thing that is no exception', { error: { type: 'warning', message: 'low' } }],
  ])('finds none in %s', (_name, fields) => {
    expect(chainFromFields(fields)).toBeNull()
  })

  test('never throws, and ends on records that hold themselves', () => {
    const cyclic: Record<string, unknown> = { type: 'AError', message: 'x' }
    cyclic['cause'] = cyclic
    cyclic['error'] = cyclic
    expect(chainFromFields({ err: cyclic })?.length).toBeLessThan(20)
    const keys = fc.constantFrom(
      'err',
      'error',
      'stack',
      'exc_info',
      'exception',
      'cause',
      'type',
      'message',
      'frames',
      'x',
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.string(),
        fc.constant(node),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(keys, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(
      fc.property(fc.dictionary(keys, value), (fields) => {
        expect(chainFromFields(fields)?.length).not.toBe(0)
      }),
    )
  })
})
