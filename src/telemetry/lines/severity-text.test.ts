import { describe, expect, test } from 'vitest'
import {
  inferSeverity,
  severityOfLogback,
  severityOfMonolog,
  severityOfNumber,
  severityOfOpenTelemetry,
  severityOfPino,
  severityOfPython,
  severityOfSyslog,
  severityOfWord,
} from './severity-text.ts'

describe('severityOfWord', () => {
  test.each([
    ['CRITICAL', 'FATAL'],
    ['emerg', 'FATAL'],
    ['FTL', 'FATAL'],
    ['Error', 'ERROR'],
    ['SEVERE', 'ERROR'],
    ['fail', 'ERROR'],
    ['WARNING', 'WARN'],
    ['wrn', 'WARN'],
    ['Info', 'INFO'],
    ['notice', 'INFO'],
    ['dbug', 'DEBUG'],
    ['E', 'ERROR'],
    ['VRB', 'TRACE'],
    ['errors', null],
    ['Infos', null],
    ['constructor', null],
    ['', null],
  ])('%s means %s', (word, severityText) => {
    expect(severityOfWord(word)).toBe(severityText)
  })
})

describe('severities by number', () => {
  test.each([
    [severityOfPino, [10, 20, 30, 40, 50, 60], ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']],
    [severityOfPino, [35, 55, 5, 99], ['INFO', 'ERROR', 'TRACE', 'FATAL']],
    [severityOfPython, [5, 10, 20, 30, 40, 50], ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']],
    [severityOfSyslog, [0, 2, 3, 4, 5, 6, 7], ['FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG']],
    [severityOfLogback, [5000, 10_000, 20_000, 30_000, 40_000], ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']],
    [
      severityOfOpenTelemetry,
      [0, 1, 5, 9, 13, 17, 24],
      ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'],
    ],
    [severityOfMonolog, [100, 200, 300, 400, 550], ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']],
    [severityOfNumber, [3, 50, 400, 40_000, -1], ['ERROR', 'ERROR', 'ERROR', 'ERROR', '']],
  ] as const)('%o', (severityOf, levels, expected) => {
    expect(levels.map((level) => severityOf(level))).toEqual(expected)
  })
})

describe('inferSeverity', () => {
  test.each([
    'ValueError: bad',
    'java.lang.IllegalStateException: no',
    'psycopg2.errors.UniqueViolation: duplicate key',
    'ActiveRecord::RecordNotFound (Could not find User)',
    'App\\CartException: cannot load cart',
    'json.decoder.JSONDecodeError: Expecting value: line 1',
    '/app/cart.rb:25:in `fetch\': key not found: "name" (KeyError)',
    'Traceback (most recent call last):',
    'Exception in thread "main" java.lang.Error: x',
    "thread 'main' panicked at src/main.rs:4:5:",
    'Uncaught exception',
    'Unhandled exception. System.InvalidOperationException: no',
    'PHP Fatal error:  Uncaught Exception: x in /a.php:3',
    'error: could not connect',
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    'ERROR - boom',
    '[error] boom',
    'Error while reading the file',
    'error connecting to the database',
    'An unexpected error occurred',
    'Failed to connect to db',
    "Couldn't open /x",
    'Unable to bind',
    'Out of memory: Killed process 17 (python3)',
    'npm ERR! code ELIFECYCLE',
    'Internal Server Error: /checkout',
  ])('%j is an error', (message) => {
    expect(inferSeverity(message)).toBe('ERROR')
  })

  test.each([
    ['panic: runtime error: index out of range', 'FATAL'],
    ['CRITICAL: disk', 'FATAL'],
    ['Warning: deprecated', 'WARN'],
    ['PHP Warning:  Undefined variable', 'WARN'],
    ['info: listening', 'INFO'],
  ])('%j is %s', (message, severityText) => {
    expect(inferSeverity(message)).toBe(severityText)
  })

  test.each([
    'Error budget remaining 99.2%',
    'error rate 0.2 %',
    'Error handling initialised',
    'Error reporting enabled',
    'errors: 0',
    '0 errors found',
    'failed: 0, passed: 12',
    'Failures: 0',
    'User failed 2 of 3 checks',
    'No error',
    'GET /error 200',
    'Terror alert',
    'Errors are counted per minute',
    'information desk',
    'cache miss key=cart:17',
    '',
    '   ',
  ])('%j tells of no error', (message) => {
    expect(inferSeverity(message)).toBe('')
  })

  test('takes no longer for a long line of junk', () => {
    const started = performance.now()
    for (const unit of ['a.', 'Error', 'A::', 'error ', '[', '\\', 'fail '])
      inferSeverity(unit.repeat(500_000))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
