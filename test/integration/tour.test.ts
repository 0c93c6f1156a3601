import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { firebreak, freePort, start } from './firebreak.ts'
import { labFolder, labIsGone, processesOf, stillLiving } from './lab.ts'

const data = labFolder()

type Report = {
  readonly secondsToBreak: number
  readonly worst: { readonly errorRate: number }
  readonly rows: readonly object[]
  readonly story: readonly { readonly text: string }[]
}

test('a tour breaks a lab, mends it, tells so, and leaves nothing running', async () => {
  const words = ['--seed', '1', '--small', '--json']
  const port = String(await freePort())
  const ended = await firebreak(['tour', '--data', data, '--port', port, ...words], { cwd: '/' })
  expect(ended).toMatchObject({ code: 0 })
  await labIsGone(data)
  const report = JSON.parse(ended.stdout) as Report
  expect(report).toMatchObject({
    schema: 1,
    fault: { name: 'connection-leak', level: 'normal' },
    calm: { errorRate: 0, dbConnections: { limit: 100 } },
    remedy: 'rollback',
  })
  expect(report.worst.errorRate).toBeGreaterThan(0.45)
  expect(report.secondsToBreak).toBeLessThan(60)
  expect(report.rows.length).toBeGreaterThan(25)
  const story = report.story.map(({ text }) => text)
  expect(story.at(-1)).toContain('Back to normal')
  expect(ended.stderr).toContain('outage') // told while it happens, beside the one object on stdout
})

test('a tour that is broken off leaves nothing running', async () => {
  const started = start(['tour', '--data', data, '--port', String(await freePort()), '--small'], { cwd: '/' })
  await started.said('starting the shop')
  while (!(await firebreak(['lab', 'status', '--data', data], { cwd: '/' })).stdout.includes('requests'))
    await pause(200)
  const running = processesOf(data)
  expect(running.length).toBeGreaterThan(8)
  started.kill('SIGINT')
  const { code, stdout } = await started.ended
  expect(code).toBe(0)
  expect(stdout).toContain('An ordinary day')
  expect(stdout).not.toContain('fault ')
  await labIsGone(data)
  expect(stillLiving(running)).toEqual([])
})
