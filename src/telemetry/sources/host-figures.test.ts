import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import { startHostFigures } from './host-figures.ts'
import type { HostFiguresOptions } from './host-figures.ts'

const WAIT = { timeout: 10_000, interval: 50 }

function reporting(options: Partial<HostFiguresOptions> = {}) {
  const intake = fakeIntake()
  const deps = { intake, now: () => performance.now(), random: () => 0, signal: new AbortController().signal }
  const source = startHostFigures(deps, { everyMs: 100, hostName: 'web-1', ...options })
  onTestFinished(() => source.stop())
  const values = (name: string): readonly number[] =>
    intake
      .items('metrics')
      .flatMap((point) =>
        point.metric.name === name && (point.kind === 'gauge' || point.kind === 'sum') ? [point.value] : [],
      )
  return { intake, values }
}

async function sleeper(mark: string): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', mark], { stdio: 'ignore' })
  const ended = once(child, 'close')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(end)
  await once(child, 'spawn')
  return { pid: child.pid ?? -1, end }
}

describe.runIf(process.platform === 'linux')('startHostFigures', () => {
  test('reports the machine under OpenTelemetry’s names, as shares', async () => {
    const { intake, values } = reporting()
    await vi.waitFor(() => expect(values('host.cpu.utilization').length).toBeGreaterThan(1), WAIT)
    for (const name of [
      'host.cpu.utilization',
      'host.memory.utilization',
      'system.memory.utilization',
      'system.filesystem.utilization',
    ]) {
      expect(values(name).length).toBeGreaterThan(0)
      for (const value of values(name)) expect(value).toBeGreaterThanOrEqual(0)
      for (const value of values(name)) expect(value).toBeLessThanOrEqual(1)
    }
    expect(values('system.cpu.load_average.1m').length).toBeGreaterThan(0)
    const [point] = intake.items('metrics')
    expect(point?.metric.resource.attributes.get('host.name')).toBe('web-1')
  })

  test('watches a process by its command line, and counts that it is another one', async () => {
    const mark = `watched-${process.pid}`
    const first = await sleeper(mark)
    const { values } = reporting({ processes: [{ name: 'sleeper', service: 'shop', command: mark }] })
    await vi.waitFor(() => expect(values('process.cpu.utilization').length).toBeGreaterThan(1), WAIT)
    expect(values('process.memory.usage')[0]).toBeGreaterThan(10_000_000)
    expect(values('process.open_file_descriptor.utilization')[0]).toBeGreaterThan(0)
    expect(values('process.restarts').at(-1)).toBe(0)
    await first.end()
    await sleeper(mark)
    await vi.waitFor(() => expect(values('process.restarts').at(-1)).toBe(1), WAIT)
  })
})
