import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { firebreak, freePort, start } from './firebreak.ts'
import type { Started } from './firebreak.ts'
import { labFolder, labIn, ofFolder, processesOf, stillLiving } from './lab.ts'
import type { LabProcess } from './lab.ts'

// One data directory for all: the first lab fills it, the others find it as a dead one left it.
const data = labFolder()
let port: number

beforeAll(async () => {
  port = await freePort()
})

const up = (...more: readonly string[]): readonly string[] =>
  ['lab', 'up', '--data', data, '--port', String(port), '--rate', '20/s'].concat(more)
const lab = (...words: readonly string[]) => firebreak(['lab', ...words, '--data', data], { cwd: '/' })

async function inForeground(): Promise<Started> {
  const started = start(up(), { cwd: '/' })
  onTestFinished(() => started.kill('SIGKILL'))
  await started.said('the lab is up')
  return started
}

/** Waits until none of them runs, PostgreSQL's neither; in seconds. */
async function secondsUntilGone(running: readonly LabProcess[]): Promise<number> {
  expect(running.length).toBeGreaterThan(12)
  const from = performance.now()
  while (stillLiving(running).length > 0 && performance.now() - from < 20_000) await pause(50)
  expect(stillLiving(running)).toEqual([])
  return (performance.now() - from) / 1000
}

describe('the lab', () => {
  test('comes up, says how it does, and ends within five seconds of Ctrl-C', async () => {
    const from = performance.now()
    const started = await inForeground()
    expect((performance.now() - from) / 1000).toBeLessThan(60)
    const status = JSON.parse((await lab('status', '--json')).stdout) as Record<string, unknown>
    expect(status).toMatchObject({ schema: 1, state: 'up', dbConnections: { limit: 100 }, faults: [] })
    expect(status['instances']).toHaveLength(3)
    const running = processesOf(data)
    started.kill('SIGINT')
    expect(await secondsUntilGone(running)).toBeLessThan(5)
    expect((await started.ended).code).toBe(0)
  })

  test('comes up again within thirty seconds, and ends within five of `lab down`', async () => {
    const from = performance.now()
    expect(await firebreak(up('--detach'), { cwd: '/' })).toMatchObject({ code: 0 })
    expect((performance.now() - from) / 1000).toBeLessThan(30)
    const running = processesOf(data)
    const ending = lab('down')
    expect(await secondsUntilGone(running)).toBeLessThan(5)
    expect((await ending).code).toBe(0)
  })

  test('ends within five seconds of SIGKILL to the command that started it', async () => {
    const started = await inForeground()
    const running = processesOf(data)
    started.kill('SIGKILL')
    expect(await secondsUntilGone(running)).toBeLessThan(5)
  })

  test('ends within five seconds of SIGKILL to its supervisor, PostgreSQL too', async () => {
    await inForeground()
    const running = processesOf(data)
    process.kill(labIn(data).pid, 'SIGKILL')
    expect(await secondsUntilGone(running)).toBeLessThan(5)
  })

  test('ends within five seconds of SIGKILL to its supervisor and its guard at once', async () => {
    await inForeground()
    const running = processesOf(data)
    const guard = running.find(({ words }) => words.includes('process-guard'))
    if (guard === undefined) throw new Error('expected a guard')
    process.kill(Number(guard.pid), 'SIGKILL')
    process.kill(labIn(data).pid, 'SIGKILL')
    expect(await secondsUntilGone(running)).toBeLessThan(5)
  })

  test('ends within five seconds of Ctrl-C while it comes up', async () => {
    const started = start(up(), { cwd: '/' })
    await started.said('starting the shop')
    started.kill('SIGINT')
    const from = performance.now()
    expect((await started.ended).stderr).toContain('interrupted before the lab was up')
    while (ofFolder(data).length > 0 && performance.now() - from < 20_000) await pause(50)
    expect((performance.now() - from) / 1000).toBeLessThan(5)
  })

  test('comes up after a server that was killed, whatever its pid file says', async () => {
    const file = join(data, 'postgres', 'postmaster.pid')
    writeFileSync(file, `${process.pid}\n${join(data, 'postgres')}\n0\n0\n\n127.0.0.1\n0\nready\n`)
    const started = await inForeground()
    expect(readFileSync(file, 'utf8')).not.toContain(`${process.pid}\n`)
    started.kill('SIGINT')
    await started.ended
  })
})
