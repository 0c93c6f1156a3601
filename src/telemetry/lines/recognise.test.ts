import { describe, expect, test } from 'vitest'
import { recogniseFormat } from './recognise.ts'

const CONTEXT = { timeZone: 'UTC', now: Date.UTC(2026, 10, 20, 12) }

function parseAll(lines: readonly string[], context = CONTEXT) {
  const format = recogniseFormat(lines)
  return lines.map((line) => format.parse(line, context))
}

describe('recogniseFormat', () => {
  test("takes a supervised program's output apart, whoever wrote the line", () => {
    const lines = [
      ' * Running on http://127.0.0.1:5000',
      '2026-11-20 10:00:00,123 INFO Request received',
      '2026-11-20 10:00:00,124 ERROR Random failure occurred!',
      '[2026-11-20 10:00:00,125] ERROR in app: Exception on / [GET]',
      'Traceback (most recent call last):',
      '  File "/app/app.py", line 15, in home',
      '    raise Exception("App crashed")',
      'Exception: App crashed',
      '127.0.0.1 - - [20/Nov/2026 10:00:00] "GET / HTTP/1.1" 500 -',
    ]
    const parsed = parseAll(lines)
    expect(parsed.map((line) => line?.headed)).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      true,
    ])
    expect(parsed.map((line) => line?.severityText)).toEqual([
      '',
      'INFO',
      'ERROR',
      'ERROR',
      'ERROR',
      '',
      '',
      'ERROR',
      '',
    ])
    expect(parsed.at(-1)?.request).toMatchObject({ path: '/', status: 500 })
  })

  test('nothing goes on across the headings of a bundle', () => {
    const rule = '-'.repeat(40)
    const bundle = [
      rule,
      '/var/log/web.stdout.log',
      rule,
      'Nov 20 10:00:00 ip-1 web[7]: TypeError: no',
      '',
      rule,
      '==> /var/log/a.log <==',
    ]
    const format = recogniseFormat(bundle)
    expect(format.name).toBe('syslog-3164')
    expect(bundle.map((line) => format.parse(line, CONTEXT)?.stream)).toEqual([
      'bundle',
      'bundle',
      'bundle',
      'ip-1 web 7',
      undefined,
      'bundle',
      'bundle',
    ])
    expect(
      parseAll(['-----', '/var/log/web.stdout.log is open', '== done ==']).map((line) => line?.headed),
    ).toEqual([false, false, false])
  })

  test('names what most lines are', () => {
    const line = '127.0.0.1 - - [20/Nov/2026 10:00:00] "GET / HTTP/1.1" 500 -'
    expect(recogniseFormat(['Starting', line, line, 'Traceback']).name).toBe('access-log')
    expect(recogniseFormat([]).name).toBe('plain')
    expect(recogniseFormat(['', 'hello', 'world']).name).toBe('plain')
  })

  test('reads the zone of times that carry none', () => {
    const [parsed] = parseAll(['2026-07-03 09:00:00,000 INFO x'], { ...CONTEXT, timeZone: 'Europe/Berlin' })
    expect(new Date(parsed?.timestamp ?? 0).toISOString()).toBe('2026-07-03T07:00:00.000Z')
  })

  test('follows a change of zone between two lines', () => {
    const format = recogniseFormat(['2026-07-03 09:00:00 INFO x'])
    const utc = format.parse('2026-07-03 09:00:00 INFO x', CONTEXT)?.timestamp ?? 0
    const tokyo =
      format.parse('2026-07-03 09:00:00 INFO x', { ...CONTEXT, timeZone: 'Asia/Tokyo' })?.timestamp ?? 0
    expect(utc - tokyo).toBe(9 * 3_600_000)
  })

  test('a time in the middle counts where nearly all lines have one', () => {
    const nodes = [134_681, 350_766, 344_518].map(
      (id) => `${id} node-246 unix.hw state.unavailable 1077804742 1 Component`,
    )
    expect(parseAll(nodes).map((line) => line?.timestamp)).toEqual(nodes.map(() => 1_077_804_742_000))
    const [said] = parseAll([
      'restored the copy of 2020-01-01 00:00:00',
      'ready',
      'ready',
      'ready',
      'ready',
      'ready',
    ])
    expect(said?.timestamp).toBeNull()
  })

  test('a request on two lines is told with the second', () => {
    const lines = [
      'I, [2026-11-20T10:00:00.1 #17]  INFO -- : [a1] Started GET "/x?y=1" for 10.0.0.9 at 2026-11-20 10:00:00 +0000',
      'I, [2026-11-20T10:00:00.1 #17]  INFO -- : [b2] Started POST "/y" for 10.0.0.8 at 2026-11-20 10:00:00 +0000',
      'I, [2026-11-20T10:00:00.2 #17]  INFO -- : [a1] Completed 500 Internal Server Error in 12ms (ActiveRecord: 0.0ms)',
      'I, [2026-11-20T10:00:00.2 #17]  INFO -- : [b2] Completed 200 OK in 7ms',
      'I, [2026-11-20T10:00:00.2 #17]  INFO -- : [b2] Completed 200 OK in 9ms',
    ]
    expect(parseAll(lines).map((line) => line?.opensRequest === true)).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
    expect(parseAll(lines).map((line) => line?.request)).toEqual([
      null,
      null,
      { method: 'GET', path: '/x?y=1', client: '10.0.0.9', status: 500, durationMs: 12 },
      { method: 'POST', path: '/y', client: '10.0.0.8', status: 200, durationMs: 7 },
      null,
    ])
  })

  test('columns of a W3C log are those that its header names', () => {
    const lines = [
      '#Software: Microsoft Internet Information Services 10.0',
      '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status time-taken',
      '2026-11-20 10:00:00 10.0.0.1 GET /x - 443 - 1.2.3.4 500 31',
    ]
    const [, , row] = parseAll(lines, { ...CONTEXT, timeZone: 'Asia/Tokyo' })
    expect(row?.request).toEqual({
      method: 'GET',
      path: '/x',
      status: 500,
      durationMs: 31,
      client: '1.2.3.4',
    })
    expect(new Date(row?.timestamp ?? 0).toISOString()).toBe('2026-11-20T10:00:00.000Z')
  })

  test("journald's export format has the message behind its fields", () => {
    const lines = [
      '__CURSOR=s=1',
      '__REALTIME_TIMESTAMP=1795168800123000',
      'PRIORITY=3',
      'SYSLOG_IDENTIFIER=web',
      '_PID=17',
      'MESSAGE=boom',
    ]
    expect(parseAll(lines).at(-1)).toMatchObject({
      timestamp: 1_795_168_800_123,
      severityText: 'ERROR',
      message: 'boom',
      service: 'web',
    })
  })

  test('wrappings are taken off one by one, but not without end', () => {
    let line = '{"level":"error","msg":"boom"}'
    for (let depth = 0; depth < 3; depth++)
      line = JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-20T10:00:00Z' })
    expect(parseAll([line])[0]).toMatchObject({ message: 'boom', severityText: 'ERROR' })
    for (let depth = 0; depth < 8; depth++)
      line = JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-20T10:00:00Z' })
    expect(parseAll([line])[0]?.message.length).toBeGreaterThan(100)
  })
})
