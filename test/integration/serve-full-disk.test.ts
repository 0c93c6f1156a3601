import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, startServer } from './serve.ts'
import type { RunningServer } from './serve.ts'

const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** The server's data moved to a volume of its own that can be filled. */
async function onSmallVolume(): Promise<{ server: RunningServer; filler: string }> {
  const server = await startServer()
  await server.kill('SIGINT')
  mkdirSync(server.data, { recursive: true })
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', server.data])
  expect({ status: mount.status, said: mount.stderr.toString() }).toEqual({ status: 0, said: '' })
  onTestFinished(() => void spawnSync('umount', ['-l', server.data]))
  await server.startAgain()
  return { server, filler: join(server.data, 'filler') }
}

const logsOf = (body: string): unknown => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [
        {
          logRecords: [
            { timeUnixNano: `${Date.now()}000000`, severityNumber: 9, body: { stringValue: body } },
          ],
        },
      ],
    },
  ],
})

const status = async (server: RunningServer, path: string): Promise<number> =>
  (await fetch(`${server.url}${path}`)).status

// A mount takes root.
test.runIf(canMount)(
  'with a full disk senders are told to come later, the server says that it is not ready, and goes on when there is space',
  async () => {
    const { server, filler } = await onSmallVolume()
    expect((await server.post('/v1/logs', logsOf('before'))).status).toBe(200)
    expect(() => writeFileSync(filler, Buffer.alloc(200 << 20))).toThrow(/ENOSPC/)

    const refused = await server.post('/v1/logs', logsOf('while full'))
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('disk is full')
    expect(await status(server, '/healthz')).toBe(200)

    rmSync(filler)
    await eventually(
      async () => (await server.post('/v1/logs', logsOf('after'))).status,
      (answer) => answer === 200,
      20_000,
    )
    expect(await status(server, '/readyz')).toBe(200)
    const { data } = (await server.get('/api/v1/logs?service=shop')) as { data: readonly { body: string }[] }
    const bodies = new Set(data.map(({ body }) => body))
    expect(bodies).toContain('before')
    expect(bodies).toContain('after')
  },
  60_000,
)
