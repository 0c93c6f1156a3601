import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLogDigester } from './log-digester.ts'
import type { LogDigest, LogDigesterOptions } from '../log-digest.ts'
import type { RequestOutcome } from '../request.ts'

const NOW = Date.UTC(2026, 10, 21)

function digest(text: string | Uint8Array, options: Partial<LogDigesterOptions> = {}): LogDigest {
  const digester = createLogDigester({ now: NOW, withGroups: true, ...options })
  digester.write('app.log', typeof text === 'string' ? Buffer.from(text) : text)
  digester.end('app.log')
  return digester.digest()
}

function templates(found: LogDigest): string[] {
  return found.fingerprints.map(({ template, count }) => `${count} ${template}`)
}

const FLASK = `2026-03-03 09:00:00,100 INFO Request received from 10.0.0.7
2026-03-03 09:00:01,100 ERROR Exception on / [GET]
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/flask/app.py", line 1473, in wsgi_app
    response = self.full_dispatch_request()
  File "/app/app.py", line 15, in home
    raise Exception("App crashed due to random error 17")
Exception: App crashed due to random error 17
2026-03-03 09:00:02,100 INFO Request received from 10.0.0.8
2026-03-03 09:00:13,100 WARNING Slow answer took 812 ms
`

describe('a digest', () => {
  test('takes a missing year from other lines of the file', () => {
    const lines = Array.from({ length: 30 }, (_, at) =>
      at % 3 === 1
        ? `2023-05-03 09:00:${10 + at},123 INFO full ${at}`
        : `May  3 09:00:${10 + at} web app[7]: short ${at}`,
    )
    const found = digest(lines.join('\n'))
    expect(found.firstSeen).toBe(Date.UTC(2023, 4, 3, 9, 0, 10))
    expect(found.lastSeen).toBe(Date.UTC(2023, 4, 3, 9, 0, 39))
    const turn = `2024-12-31 23:59:58,000 INFO old\nDec 31 23:59:59 web app[7]: a\nJan  1 00:00:01 web app[7]: b\n`
    expect(digest(turn).lastSeen).toBe(Date.UTC(2025, 0, 1, 0, 0, 1))
  })

  test('says once how often the clock jumped back', () => {
    const hours = [12, 9, 12, 8, 12, 7]
    const text = hours.map((hour) => `2026-03-03 ${String(hour).padStart(2, '0')}:00:00 INFO tick\n`).join('')
    expect(digest(text).files[0]?.notes).toEqual(['clock jumped back 3 times, first at line 2 by 3 h'])
  })

  test('leaves out the piece of a line at the end of a damaged archive', () => {
    const digester = createLogDigester({ now: NOW })
    digester.write('a.gz', Buffer.from('2026-03-03 09:00:00 INFO line 41\n2026-03-03 09:00:0'))
    digester.end('a.gz', { isCut: true })
    expect(templates(digester.digest())).toEqual(['1 line <*>'])
  })

  test('puts exceptions first, then warnings, then the rest', () => {
    expect(templates(digest(FLASK))).toEqual([
      '1 Exception: App crashed due to random error <*>',
      '1 Slow answer took <*>',
      '2 Request received from <*>',
    ])
  })

  test('keeps the chain, the head line and all lines of a trace as one', () => {
    const found = digest(FLASK)
    const [exception] = found.fingerprints
    expect(exception?.exception?.[0]?.frames[0]).toMatchObject({
      file: '/app/app.py',
      line: 15,
      function: 'home',
      inApp: true,
    })
    expect(exception?.examples[0]).toMatchObject({ file: 'app.log', line: 2 })
    expect(new Set(found.groups?.slice(1, 8)).size).toBe(1)
    expect(found.lines).toBe(10)
  })

  test('knows when each kind was seen, in windows of ten seconds', () => {
    const found = digest(FLASK)
    const info = found.fingerprints.at(-1)
    expect(info?.firstSeen).toBe(Date.UTC(2026, 2, 3, 9, 0, 0, 100))
    expect(info?.lastSeen).toBe(Date.UTC(2026, 2, 3, 9, 0, 2, 100))
    expect([...(info?.windows ?? [])]).toEqual([[Date.UTC(2026, 2, 3, 9), 2]])
    expect(found.files[0]).toMatchObject({ firstSeen: Date.UTC(2026, 2, 3, 9, 0, 0, 100), lines: 10 })
  })

  test('counts a repeated trace as one fingerprint, whatever ids and line numbers it has', () => {
    const other = FLASK.replaceAll('error 17', 'error 99')
      .replaceAll('line 15', 'line 18')
      .replaceAll('09:00', '09:01')
    const [exception, ...rest] = digest(FLASK + other + FLASK).fingerprints
    expect(exception).toMatchObject({ count: 3 })
    expect(rest.some((fingerprint) => fingerprint.exception)).toBe(false)
    expect(exception?.windows.size).toBe(2)
  })

  test('tells apart exceptions of other functions', () => {
    const other = FLASK.replaceAll('in home', 'in checkout')
    expect(digest(FLASK + other).fingerprints.filter(({ exception }) => exception)).toHaveLength(2)
  })

  test('finds the same exception in a log line and in a JSON record', () => {
    const stack = 'TypeError: x is null\n    at charge (/app/pay.js:10:5)\n    at main (/app/index.js:3:1)'
    const json = JSON.stringify({
      level: 50,
      time: NOW,
      msg: 'failed',
      err: { type: 'TypeError', message: 'x is null', stack },
    })
    const found = digest(
      `2026-03-03T09:00:00Z ERROR failed\n${stack}\n2026-03-03T09:00:01Z INFO ok\n${json}\n`,
    )
    expect(templates(found)).toEqual(['2 TypeError: x is null', '1 ok'])
  })

  test('separates traces whose lines are mixed', () => {
    const line = (pid: number, text: string) => `Mar  3 09:00:00 web shop[${pid}]: ${text}\n`
    const trace = (pid: number, name: string) =>
      [
        'Traceback (most recent call last):',
        `  File "/app/${name}.py", line 3, in ${name}`,
        `    ${name}()`,
        `ValueError: ${name}`,
      ].map((text) => line(pid, text))
    const [a, b] = [trace(1, 'cart'), trace(2, 'mail')]
    const mixed = a.flatMap((text, at) => [text, b[at] ?? ''])
    const found = digest([...mixed, line(1, 'ok 1'), line(2, 'ok 2')].join('').repeat(3))
    expect(templates(found).slice(0, 2)).toEqual(['3 ValueError: cart', '3 ValueError: mail'])
  })

  test('shows what stood around an error', () => {
    const lines = Array.from(
      { length: 9 },
      (_, at) =>
        `2026-03-03T09:00:0${at}Z ${at === 4 ? 'ERROR payment declined' : `INFO step${'abcdefghi'[at]}`}\n`,
    )
    const [error] = digest(lines.join('')).fingerprints
    expect(error?.examples[0]?.before.map((line) => line.slice(-5))).toEqual(['stepb', 'stepc', 'stepd'])
    expect(error?.examples[0]?.after.map((line) => line.slice(-5))).toEqual(['stepf', 'stepg', 'steph'])
  })

  test('takes secrets out of templates and examples', () => {
    const text =
      '2026-03-03T09:00:00Z ERROR login of bob@example.com failed password=hunter2 at postgres://u:s3cret@db/x\n'
    const shown = JSON.stringify(digest(text).fingerprints, (_, value: unknown) =>
      value instanceof Map ? [...value] : value,
    )
    for (const secret of ['bob@', 'hunter2', 's3cret']) expect(shown).not.toContain(secret)
  })

  test('counts only what lies between since and until', () => {
    const lines = [1, 2, 3, 4].map((second) => `2026-03-03T09:00:0${second}Z INFO tick\n`).join('')
    const found = digest(lines, {
      since: Date.UTC(2026, 2, 3, 9, 0, 2),
      until: Date.UTC(2026, 2, 3, 9, 0, 3),
    })
    expect(templates(found)).toEqual(['2 tick'])
    expect(found.lines).toBe(4)
  })

  test('leaves out exceptions before since and after until', () => {
    const later = FLASK.replaceAll('09:00', '10:00')
    const found = digest(FLASK + later, { since: Date.UTC(2026, 2, 3, 9, 30) })
    expect(found.fingerprints.map(({ count, firstSeen }) => [count, firstSeen])).toEqual([
      [1, Date.UTC(2026, 2, 3, 10, 0, 1, 100)],
      [1, Date.UTC(2026, 2, 3, 10, 0, 13, 100)],
      [2, Date.UTC(2026, 2, 3, 10, 0, 0, 100)],
    ])
    expect(digest(FLASK, { until: Date.UTC(2026, 2, 3, 8) }).fingerprints).toEqual([])
  })

  test('asked for in the middle of a trace, splits nothing', () => {
    const digester = createLogDigester({ now: NOW })
    for (const line of FLASK.split(/(?<=\n)/)) {
      digester.write('app.log', Buffer.from(line))
      digester.digest()
    }
    digester.end('app.log')
    expect(templates(digester.digest())).toEqual(templates(digest(FLASK)))
  })

  test('hands on the requests of access logs, the same with and without having learned them', () => {
    const line = (at: number) =>
      `10.0.0.${at % 9} - - [20/Nov/2026:10:00:${String(at % 60).padStart(2, '0')} +0000] "GET /users/${at}?a=b HTTP/1.1" ${at % 7 ? 200 : 500} 12 "-" "curl/8" 0.${100 + at}\n`
    const seen: RequestOutcome[] = []
    digest(Array.from({ length: 300 }, (_, at) => line(at)).join(''), {
      onRequest: (outcome) => seen.push(outcome),
    })
    expect(seen).toHaveLength(300)
    seen.forEach((outcome, at) => {
      expect(outcome).toMatchObject({
        route: 'GET /users/{id}',
        status: at % 7 ? 200 : 500,
        client: `10.0.0.${at % 9}`,
      })
      expect(outcome.durationMs).toBeCloseTo(100 + at)
      expect(outcome.at).toBe(Date.UTC(2026, 10, 20, 10, 0, at % 60))
    })
  })
})

describe('input of any kind', () => {
  test('counts requests that are told on two lines', () => {
    const lines = Array.from({ length: 40 }, (_, at) => {
      const head = `I, [2026-11-20T1${at % 3}:00:${10 + at}.1 #17]  INFO -- : [${at}-x]`
      return `${head} Started GET "/orders/${at}" for 10.0.0.9 at 2026-11-20 10:00:00 +0000
${head} Completed ${at % 4 === 0 ? '500 Internal Server Error' : '200 OK'} in ${at}ms (Views: 1ms)
`
    })
    const seen: RequestOutcome[] = []
    digest(lines.join(''), { onRequest: (request) => seen.push(request) })
    expect(seen).toHaveLength(40)
    expect(seen.filter(({ status }) => status === 500)).toHaveLength(10)
    expect(seen[7]).toMatchObject({ status: 200, durationMs: 7, client: '10.0.0.9' })
  })

  test('is the same however it is cut into chunks', () => {
    const text = Buffer.from(
      (FLASK + FLASK.replaceAll('in home', 'in café')).repeat(4) + 'no line feed at the end',
    )
    const whole = digest(text)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 12 }), (cuts) => {
        const digester = createLogDigester({ now: NOW, withGroups: true })
        const borders = [0, ...cuts.sort((a, b) => a - b), text.length]
        borders.slice(1).forEach((to, at) => digester.write('app.log', text.subarray(borders[at], to)))
        digester.end('app.log')
        expect(digester.digest()).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })

  test('never makes it throw, and every line is in a group', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...FLASK.split('\n')), fc.json())),
        (lines) => {
          const found = digest(lines.map((line) => line.replaceAll('\n', ' ')).join('\n'))
          expect(found.groups).toHaveLength(found.lines)
          expect(found.fingerprints.every(({ count }) => count > 0)).toBe(true)
        },
      ),
    )
  })

  test('may be binary', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        expect(digest(bytes).bytes).toBe(bytes.length)
      }),
    )
  })

  test.each([
    ['CRLF', Buffer.from('2026-03-03T09:00:00Z ERROR failed\r\n2026-03-03T09:00:01Z ERROR failed\r\n')],
    [
      'a byte-order mark',
      Buffer.from('\uFEFF2026-03-03T09:00:00Z ERROR failed\n2026-03-03T09:00:01Z ERROR failed\n'),
    ],
    [
      'UTF-16',
      Buffer.from('\uFEFF2026-03-03T09:00:00Z ERROR failed\n2026-03-03T09:00:01Z ERROR failed\n', 'utf16le'),
    ],
    [
      'colours',
      Buffer.from(
        '2026-03-03T09:00:00Z \u001B[31mERROR\u001B[0m failed\n2026-03-03T09:00:01Z \u001B[31mERROR\u001B[0m failed\n',
      ),
    ],
  ])('is read with %s', (_, bytes) => {
    const found = digest(bytes)
    expect(templates(found)).toEqual(['2 failed'])
    expect(found.fingerprints[0]).toMatchObject({ severityText: 'ERROR', firstSeen: Date.UTC(2026, 2, 3, 9) })
  })

  test('is cut where a line is longer than 1 MB, and goes on after it', () => {
    const digester = createLogDigester({ now: NOW })
    digester.write('a', Buffer.from('2026-03-03T09:00:00Z ERROR failed '))
    for (let at = 0; at < 100; at++) digester.write('a', Buffer.alloc(100_000, 'x'))
    digester.write('a', Buffer.from('\n2026-03-03T09:00:01Z INFO fine\n'))
    digester.end('a')
    const found = digester.digest()
    expect(found.lines).toBe(2)
    expect(found.fingerprints.at(-1)?.template).toBe('fine')
    expect(found.files[0]?.notes).toEqual(['1 line was cut at 1 MB'])
  })

  test('without any time is grouped all the same, and a note says so', () => {
    const found = digest('started\nserving 1\nserving 2\n')
    expect(templates(found)).toEqual(['1 started', '2 serving <*>'])
    expect(found.fingerprints[0]).toMatchObject({ firstSeen: null, lastSeen: null })
    expect(found.files[0]?.notes).toEqual(['no line has a time'])
  })

  test('of several sources keeps their lines apart', () => {
    const digester = createLogDigester({ now: NOW, withGroups: true })
    digester.write('a', Buffer.from('2026-03-03T09:00:00Z INFO one\n2026-03-03T09'))
    digester.write('b', Buffer.from('2026-03-03T08:00:00Z INFO two\n'))
    digester.write('a', Buffer.from(':00:05Z INFO one\n'))
    digester.end('a')
    digester.end('b')
    const found = digester.digest()
    expect(templates(found)).toEqual(['2 one', '1 two'])
    expect(found.groups).toEqual([0, 0, 1])
    expect(found.firstSeen).toBe(Date.UTC(2026, 2, 3, 8))
  })

  test('with ever new words stays bounded', () => {
    const words = Array.from(
      { length: 80_000 },
      (_, at) =>
        `2026-03-03T09:00:00Z INFO user ${'abcdefghij'[at % 10]}${at.toString(26).replaceAll(/\d/g, (d) => 'qrstuvwxyz'[Number(d)] ?? '')} left\n`,
    )
    const found = digest(words.join(''))
    expect(found.fingerprints.length).toBeLessThan(50)
    expect(found.fingerprints.reduce((sum, { count }) => sum + count, 0)).toBe(80_000)
  })

  test('with more kinds than can be told apart counts the rest by severity, and says so', () => {
    const word = (at: number) =>
      at.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')
    const lines = Array.from({ length: 11_500 }, (_, at) => {
      const words = [1, 7, 31, 111, 1237, 7919].map((factor) => word((at + 1) * factor * 7717))
      return `2026-03-03T09:00:00Z ${at % 2 === 0 ? 'ERROR' : 'INFO'} ${words.join(' ')}\n`
    })
    const found = digest(lines.join(''))
    const others = found.fingerprints.filter(({ template }) => template.startsWith('(other kinds of'))
    expect(found.fingerprints.length).toBeLessThanOrEqual(10_002)
    expect(others.map(({ template, severityText }) => [template, severityText])).toEqual([
      ['(other kinds of ERROR lines in text: too many to tell apart)', 'ERROR'],
      ['(other kinds of INFO lines in text: too many to tell apart)', 'INFO'],
    ])
    expect(others.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(1000)
    expect(found.fingerprints.reduce((sum, { count }) => sum + count, 0)).toBe(11_500)
  })
})
