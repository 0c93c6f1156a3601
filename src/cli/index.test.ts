import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { App } from '../app.ts'
import { commands, runCli } from './index.ts'
import type { Io } from './io.ts'

const unreachable = (): never => {
  throw new Error('the app was asked, although the command line was wrong')
}

function fakeIo(app: Partial<App> = {}) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const io: Io = {
    stdin: new PassThrough(),
    stdout,
    stderr,
    cwd: '/',
    env: {},
    now: () => Date.UTC(2026, 2, 3),
    loadApp: async () => ({
      run: unreachable,
      investigate: unreachable,
      fingerprint: unreachable,
      replay: unreachable,
      example: unreachable,
      lab: unreachable,
      serve: unreachable,
      findServer: unreachable,
      checkConfig: unreachable,
      doctor: unreachable,
      ...app,
    }),
    onInterrupt: () => {},
    onHangUp: () => {},
    openDoor: unreachable,
    exitNow: unreachable,
  }
  return { io, printed: () => String(stdout.read() ?? ''), said: () => String(stderr.read() ?? '') }
}

describe('the command line', () => {
  test('help names every command and every exit code', async () => {
    const { io, printed } = fakeIo()
    expect(await runCli(['--help'], io)).toBe(0)
    await expect(printed()).toMatchFileSnapshot('testdata/help.txt')
  })

  test.each(commands.map(({ name }) => name))('help of %s is what is documented', async (name) => {
    const { io, printed } = fakeIo()
    expect(await runCli([name, '--help'], io)).toBe(0)
    await expect(printed()).toMatchFileSnapshot(`testdata/help-${name}.txt`)
  })

  test('every command declares what it may change', () => {
    expect(
      commands.filter(
        ({ effect }) =>
          ![
            'read-only',
            'runs-a-program',
            'sends-requests',
            'operates-the-lab',
            'runs-the-server',
            'tells-the-server',
          ].includes(effect),
      ),
    ).toEqual([])
    expect(commands.length).toBeGreaterThan(3)
  })

  test.each([
    [[]],
    [['nonsense']],
    [['investigate', '--nonsense']],
    [['run']],
    [['replay']],
    [['investigate']],
    [['lab']],
    [['lab', 'nonsense']],
    [['lab', 'break']],
    [['lab', 'status', 'please']],
    [['serve', '--port', 'x']],
    [['report']],
    [['config']],
    [['config', 'nonsense']],
    [['rules', 'nonsense']],
  ])('%j is wrong usage and reaches nothing', async (args) => {
    const { io, printed, said } = fakeIo()
    expect(await runCli(args, io)).toBe(2)
    expect(printed()).toBe('')
    expect(said()).not.toBe('')
  })

  test('what stands after -- belongs to the command, options too', async () => {
    let command: readonly string[] = []
    const { io } = fakeIo({
      run: async (plan) => {
        command = plan.command
        throw new Error('enough')
      },
    })
    await runCli(['run', '--', 'python3', 'app.py', '--json', '--url', 'x'], io)
    expect(command).toEqual(['python3', 'app.py', '--json', '--url', 'x'])
  })

  test('--json prints one object and nothing else', async () => {
    const result = { lines: 3, fingerprints: [], notes: ['a note'], firstSeen: null, lastSeen: null }
    const { io, printed, said } = fakeIo({ fingerprint: async () => result })
    expect(await runCli(['fingerprint', 'x.log', '--json'], io)).toBe(0)
    expect(JSON.parse(printed())).toEqual({ schema: 1, lines: 3, fingerprints: [] })
    expect(said()).toContain('a note')
  })

  test('replay leaves with 3 while something still fails', async () => {
    const failing = { route: 'GET /', sent: 20, failed: 9, answer: '500' }
    const { io, printed } = fakeIo({ replay: async () => ({ sent: 20, stillFailing: [failing] }) })
    expect(await runCli(['replay', 'x.jsonl'], io)).toBe(3)
    expect(printed()).toMatch(/still fails\s+GET \/\s+9 of 20\s+500/)
  })
})
