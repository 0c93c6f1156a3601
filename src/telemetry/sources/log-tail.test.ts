import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../../test/small-program.ts'
import { fakeIntake } from '../../../test/fake-intake.ts'
import type { Taken } from '../intake.ts'
import { startLogTail } from './log-tail.ts'
import type { LogTailOptions } from './log-tail.ts'

const NOW = Date.UTC(2026, 2, 3, 9)

function following(options: Partial<LogTailOptions> & Pick<LogTailOptions, 'paths'>) {
  const intake = fakeIntake()
  const deps = { intake, now: () => NOW, random: () => 0, signal: new AbortController().signal }
  const source = startLogTail(deps, { service: 'shop', stateFile: null, hostName: 'web-1', ...options })
  const bodies = (): readonly string[] => intake.items('logs').map(({ body }) => body)
  const sees = (...wanted: readonly string[]) =>
    vi.waitFor(() => expect(bodies()).toEqual(wanted), { timeout: 5_000 })
  const working = () => vi.waitFor(() => expect(source.state().kind).toBe('working'), { timeout: 5_000 })
  return { source, intake, bodies, sees, working }
}

const line = (text: string): string => `2026-03-03 08:59:59,120 INFO shop.cart: ${text}\n`

// They wait most of the time: for looks at files, and for records to be complete. So they do it together.
describe.concurrent('startLogTail', () => {
  test('hands on what is appended, as records in OpenTelemetry’s model', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    writeFileSync(log, line('from before'))
    const { source, sees, intake, working } = following({ paths: [log] })
    await working()
    appendFileSync(log, '2026-03-03 08:59:59,120 ERROR shop.cart: no such cart\n')
    await sees('no such cart')
    expect(intake.items('logs')[0]).toMatchObject({
      timestamp: Date.UTC(2026, 2, 3, 8, 59, 59, 120),
      observedTimestamp: NOW,
      severityNumber: 17,
      severityText: 'ERROR',
      resource: { serviceName: 'shop', serviceInstance: 'web-1' },
    })
    await source.stop()
  })

  test('tells the requests of an access log by route', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'access.log')
    const { source, sees, intake, working } = following({ paths: [log] })
    await working()
    writeFileSync(
      log,
      '10.0.0.7 - - [03/Mar/2026:09:00:00 +0000] "GET /cart/17?tab=1 HTTP/1.1" 502 17 "-" "curl"\n',
    )
    await sees('"GET /cart/17?tab=1 HTTP/1.1" 502 17 "-" "curl"')
    const [requests] = intake.items('requests')
    expect(requests).toEqual({
      service: 'shop',
      outcomes: [
        {
          at: NOW,
          route: 'GET /cart/{id}',
          status: 502,
          noAnswer: null,
          durationMs: null,
          client: '10.0.0.7',
        },
      ],
    })
    expect(intake.items('logs')[0]?.attributes.get('http.response.status_code')).toBe('502')
    await source.stop()
  })

  test('keeps lines about requests as records only, where somebody else counts them', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'access.log')
    const { source, sees, intake, working } = following({ paths: [log], requests: false })
    await working()
    writeFileSync(log, '10.0.0.7 - - [03/Mar/2026:09:00:00 +0000] "GET /cart HTTP/1.1" 502 17 "-" "curl"\n')
    await sees('"GET /cart HTTP/1.1" 502 17 "-" "curl"')
    await source.stop()
    expect(intake.items('requests')).toEqual([])
  })

  test('joins a stack trace with the line that reports it, and keeps what follows apart', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const { source, sees, intake, working } = following({ paths: [log] })
    await working()
    const trace = [
      'Traceback (most recent call last):',
      '  File "/app/cart.py", line 20, in checkout',
      '    total = prices[sku]',
      "KeyError: 'sku-17'",
    ]
    const head = '2026-03-03 08:59:59,120 ERROR shop: checkout failed'
    writeFileSync(log, `${line('before')}${head}\n${trace.join('\n')}\n${line('after')}`)
    await sees('before', ['checkout failed', ...trace].join('\n'), 'after')
    const failed = intake.items('logs')[1]
    expect(failed?.severityText).toBe('ERROR')
    expect(failed?.attributes.get('exception.type')).toBe('KeyError')
    await source.stop()
  })

  test('waits while intake is full, and repeats nothing', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const { source, sees, intake, working } = following({ paths: [log] })
    await working()
    intake.refuse({ kind: 'try-later', afterMs: 20, reason: 'the store is away' })
    writeFileSync(log, line('one'))
    await vi.waitFor(() =>
      expect(source.state()).toMatchObject({ kind: 'waiting', reason: 'the store is away' }),
    )
    appendFileSync(log, line('two'))
    intake.refuse(null)
    await sees('one', 'two')
    expect(source.state()).toMatchObject({ kind: 'working', taken: 2, dropped: 0 })
    await source.stop()
  })

  test('does not wait with new lines until older ones are kept, nor keeps a position before they are', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const stateFile = join(folder.path, 'state.json')
    const first = following({ paths: [log], stateFile })
    await first.working()
    const slow = Promise.withResolvers<Taken>()
    let asked = 0
    first.intake.answerWith(() => {
      asked += 1
      return slow.promise
    })
    writeFileSync(log, line('one'))
    await vi.waitFor(() => expect(asked).toBe(1), { timeout: 5_000 })
    appendFileSync(log, line('two'))
    await vi.waitFor(() => expect(asked).toBe(2), { timeout: 5_000 })
    expect(first.source.state().taken).toBe(0)
    slow.resolve({ kind: 'try-later', afterMs: 60_000, reason: 'the store went away' })
    await first.source.stop()
    const second = following({ paths: [log], stateFile })
    await second.sees('one', 'two')
    await second.source.stop()
  })

  test('goes on where it was after a stop, also in a file that was rotated away meanwhile', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const state = join(folder.path, 'state', 'shop.json')
    writeFileSync(log, line('old'))
    const first = following({ paths: [log], stateFile: state })
    await first.working()
    appendFileSync(log, line('one'))
    await first.sees('one')
    await first.source.stop()
    appendFileSync(log, line('two'))
    renameSync(log, `${log}.1`)
    writeFileSync(log, line('three'))
    const second = following({ paths: [log], stateFile: state })
    await second.sees('two', 'three')
    await second.source.stop()
    const third = following({ paths: [log], stateFile: state })
    await third.working()
    appendFileSync(log, line('four'))
    await third.sees('four')
    expect(third.source.state()).toMatchObject({ taken: 1, dropped: 0 })
    await third.source.stop()
  })

  test('reads a line again that was not stored before the stop', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const state = join(folder.path, 'state.json')
    const first = following({ paths: [log], stateFile: state })
    await first.working()
    writeFileSync(log, line('one'))
    await first.sees('one')
    first.intake.refuse({ kind: 'try-later', afterMs: 60_000, reason: 'full' })
    appendFileSync(log, line('two'))
    await vi.waitFor(() => expect(first.source.state().kind).toBe('waiting'))
    await first.source.stop()
    const second = following({ paths: [log], stateFile: state })
    await second.sees('two')
    await second.source.stop()
  })

  test('follows through rotation and truncation, and files that come to match a glob', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'a'))
    const log = join(folder.path, 'a', 'app.log')
    const { source, sees, working } = following({ paths: [join(folder.path, '*', 'app*.log')] })
    await working()
    writeFileSync(log, line('one'))
    await sees('one')
    renameSync(log, `${log}.1`)
    appendFileSync(`${log}.1`, line('two'))
    writeFileSync(log, line('three'))
    await sees('one', 'two', 'three')
    truncateSync(log)
    appendFileSync(log, line('4'))
    await sees('one', 'two', 'three', '4')
    expect(source.state().reason).toBe('')
    await source.stop()
  })

  test('does not hand on half a line', async () => {
    using folder = temporaryFolder()
    const log = join(folder.path, 'app.log')
    const { source, sees, bodies, working } = following({ paths: [log] })
    await working()
    writeFileSync(log, line('one') + line('two').slice(0, 45))
    await sees('one')
    appendFileSync(log, line('two').slice(45))
    await sees('one', 'two')
    expect(bodies()).toHaveLength(2)
    await source.stop()
  })

  test.each([1, 2, 3])(
    'loses and repeats nothing through stops, rotations and refusals (%i)',
    async (seed) => {
      using folder = temporaryFolder()
      const log = join(folder.path, 'app.log')
      const stateFile = join(folder.path, 'state.json')
      const random = randomOf(seed)
      const written: string[] = []
      const seen: string[] = []
      let rotations = 0
      let isDue = false
      /** The first line of the file as it is now. */
      let firstOfFile = 0
      let run = following({ paths: [log], stateFile })
      await run.working()
      const restart = async (): Promise<void> => {
        await run.source.stop()
        seen.push(...run.bodies())
        run = following({ paths: [log], stateFile })
      }
      const append = (): void => {
        const count = 1 + Math.floor(random() * 400)
        const lines = Array.from({ length: count }, (_, index) => `${written.length + index}`)
        written.push(...lines)
        const text = lines.map((one) => `${line(one)}${Number(one) % 9 === 0 ? '  more\n' : ''}`).join('')
        const cut = Math.floor(random() * text.length)
        appendFileSync(log, text.slice(0, cut))
        appendFileSync(log, text.slice(cut))
      }
      for (let step = 0; step < 18; step++) {
        append()
        if (random() < 0.2) await restart()
        if (random() < 0.2) run.intake.refuse({ kind: 'try-later', afterMs: 30, reason: 'full' })
        if (random() < 0.5) run.intake.refuse(null)
        isDue ||= random() < 0.1
        // What is rotated away twice between two looks nobody knows of: the file that is there was looked at.
        if (isDue && seen.length + run.bodies().length > firstOfFile) {
          isDue = false
          renameSync(log, `${log}.${++rotations}`)
          firstOfFile = written.length
        }
        // Files have no virtual time: what is tested is where in its rounds the follower is met.
        await new Promise((resolve) => setTimeout(resolve, random() * 120))
      }
      run.intake.refuse(null)
      append()
      const whole = written.map((one) => (Number(one) % 9 === 0 ? `${one}\n  more` : one))
      await vi.waitFor(() => expect(seen.length + run.bodies().length).toBe(whole.length), {
        timeout: 15_000,
      })
      expect(rotations).toBeGreaterThan(0)
      expect([...seen, ...run.bodies()]).toEqual(whole)
      await run.source.stop()
    },
  )
})

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
