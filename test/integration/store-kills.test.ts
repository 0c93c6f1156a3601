import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeLog } from '../../bench/store-telemetry.ts'
import { openTelemetryStore } from '../../src/store/index.ts'
import { killDuringAppends } from '../store-kills.ts'
import { temporaryFolder } from './firebreak.ts'

test.each(['engine', 'appender'] as const)(
  'every acknowledged row is there after kill -9 of the %s',
  async (target) => {
    const directory = temporaryFolder()
    const report = await killDuringAppends({ directory, target, times: 2, betweenMs: 1_000 })
    expect(report.acknowledged).toBeGreaterThan(4)
    expect(report.lost).toEqual([])
    expect(report.doubled).toEqual([])
  },
)

test('a second process is refused the directory, and told who has it', async () => {
  const directory = temporaryFolder()
  const store = await openTelemetryStore({ directory, now: Date.now })
  try {
    await expect(openTelemetryStore({ directory, now: Date.now })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(/in use by process \d+/) as string,
    })
  } finally {
    await store.close()
  }
}, 30_000)

const canMount = process.platform === 'linux' && process.getuid?.() === 0

// A volume of its own that can be filled takes a mount, which only root may make.
test.runIf(canMount)(
  'a full disk tells senders to come later, and goes on when there is space',
  async () => {
    const directory = join(temporaryFolder(), 'small')
    mkdirSync(directory)
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', directory])
    expect({ status: mount.status, said: mount.stderr.toString() }).toEqual({ status: 0, said: '' })
    const store = await openTelemetryStore({ directory, now: Date.now })
    onTestFinished(async () => {
      await store.close()
      spawnSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    })
    const batch = (text: string) =>
      [
        {
          kind: 'logs',
          items: Array.from({ length: 100 }, (_, index) => makeLog(index, Date.now())).map((log) => ({
            ...log,
            body: text,
          })),
        },
      ] as const
    expect(await store.append(batch('before'))).toEqual({ kind: 'stored' })
    const filler = join(directory, 'filler')
    expect(() => writeFileSync(filler, Buffer.alloc(200 << 20))).toThrow(/ENOSPC/)
    const refused = await store.append(batch('while full'))
    expect(refused).toMatchObject({ kind: 'try-later', reason: expect.stringMatching(/space/i) as string })
    rmSync(filler)
    expect(await store.append(batch('after'))).toEqual({ kind: 'stored' })
    const { data } = await store.logs({
      window: { from: Date.now() - 60_000, to: Date.now() + 60_000 },
      limit: 1_000,
    })
    expect(new Set(data.map(({ body }) => body))).toEqual(new Set(['before', 'after']))
    expect((await store.stats()).engine.restarts).toBe(0)
  },
  60_000,
)
