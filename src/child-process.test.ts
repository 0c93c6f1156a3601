import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startChild } from './child-process.ts'
import { membersOf } from './process-tree.ts'

let folder = ''
let runs = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const node = process.execPath
const start = (code: string, onOutput = (_stream: string, _chunk: Uint8Array): void => {}) =>
  startChild({
    command: [node, '-e', code],
    cwd: folder,
    env: process.env,
    marker: `test-${process.pid}-${(runs += 1)}`,
    onOutput,
  })

/** A child, a grandchild in a session of its own, and one whose parent has ended; all deaf to SIGTERM. */
const STUBBORN_FAMILY = `
  const { spawn } = require('node:child_process')
  const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);"
  spawn(process.execPath, ['-e', deaf], { stdio: 'inherit' })
  spawn(process.execPath, ['-e', deaf], { stdio: 'ignore', detached: true })
  const orphan = "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(deaf) + "], { detached: true, stdio: 'ignore' }).unref()"
  spawn(process.execPath, ['-e', orphan], { stdio: 'inherit' })
  process.on('SIGTERM', () => {})
  setTimeout(() => console.log('up'), 300)
  setInterval(() => {}, 1000)`

describe('startChild', () => {
  test('hands over both outputs and the exit code', async () => {
    const seen: Record<string, string> = { stdout: '', stderr: '' }
    const child = await start(
      "console.log('a'); console.error('b'); process.exitCode = 3",
      (stream, chunk) => {
        seen[stream] += Buffer.from(chunk).toString()
      },
    )
    expect(await child.exited).toEqual({ code: 3, signal: null })
    expect(await child.stop(100)).toEqual([])
    expect(seen).toEqual({ stdout: 'a\n', stderr: 'b\n' })
  })

  test('ends grandchildren too, those that left the group, and those that ignore SIGTERM', async () => {
    let output = ''
    const child = await start(STUBBORN_FAMILY, (_stream, chunk) => {
      output += Buffer.from(chunk).toString()
    })
    await vi.waitFor(() => expect(output).toContain('up'), { timeout: 10_000 })
    await vi.waitFor(() => expect(child.members()).toHaveLength(4), { timeout: 10_000 })
    const pids = child.members().map((member) => member.pid)
    expect(await child.stop(200)).toEqual([])
    expect(child.members()).toEqual([])
    for (const pid of pids) expect(isRunning(pid)).toBe(false)
  })

  test('lets a program end in its own way when it is quick', async () => {
    let output = ''
    const child = await start(
      `process.on('SIGTERM', () => { require('node:fs').writeFileSync('bye', '1'); process.exit(0) })
       console.log('up'); setInterval(() => {}, 1000)`,
      (_stream, chunk) => {
        output += Buffer.from(chunk).toString()
      },
    )
    await vi.waitFor(() => expect(output).toContain('up'), { timeout: 10_000 })
    await child.stop(5_000)
    expect(existsSync(join(folder, 'bye'))).toBe(true)
  })

  test.each([
    { command: ['no-such-program-here'], says: /no "no-such-program-here" on PATH/ },
    { command: ['./missing.sh'], says: /found no .*missing\.sh/ },
    { command: ['python app.py'], says: /"python app.py"/ },
    { command: ['./plain.txt'], says: /not a program/ },
  ])('says what is wrong with $command', async ({ command, says }) => {
    writeFileSync(join(folder, 'plain.txt'), 'no program\n')
    chmodSync(join(folder, 'plain.txt'), 0o644)
    const options = { command, cwd: folder, env: process.env, marker: 'x', onOutput: () => {} }
    await expect(startChild(options)).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND', message: says })
  })

  test('says when the working directory is missing', async () => {
    const options = { command: [node], cwd: join(folder, 'gone'), env: {}, marker: 'x', onOutput: () => {} }
    await expect(startChild(options)).rejects.toMatchObject({ message: expect.stringContaining('gone') })
  })
})

describe('startGuard', () => {
  test('ends the program and removes the folder when we are killed', async () => {
    const marker = `guard-${process.pid}`
    const doomed = join(folder, 'copy')
    const script = join(folder, 'we.ts')
    writeFileSync(
      script,
      `import { mkdirSync } from 'node:fs'
       import { startGuard } from ${JSON.stringify(new URL('./process-guard.ts', import.meta.url).href)}
       import { startChild } from ${JSON.stringify(new URL('./child-process.ts', import.meta.url).href)}
       const guard = startGuard()
       mkdirSync(${JSON.stringify(doomed)})
       guard.removeWithUs(${JSON.stringify(doomed)})
       const command = [process.execPath, '-e', ${JSON.stringify(STUBBORN_FAMILY)}]
       const child = await startChild({ command, cwd: '/', env: process.env, marker: ${JSON.stringify(marker)}, onOutput: () => console.log('up') })
       guard.endWithUs({ marker: ${JSON.stringify(marker)}, root: child.pid })
       setInterval(() => {}, 1000)`,
    )
    const we = spawn(node, ['--no-warnings', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => we.stdout.once('data', resolve))
    const tree = { marker, root: null }
    await vi.waitFor(() => expect(membersOf(tree)).toHaveLength(4), { timeout: 10_000 })
    we.kill('SIGKILL')
    await vi.waitFor(() => expect(membersOf(tree)).toEqual([]), { timeout: 10_000, interval: 100 })
    await vi.waitFor(() => expect(existsSync(doomed)).toBe(false), { timeout: 5_000 })
  })
})

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
