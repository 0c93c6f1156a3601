import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createWebhooks } from '../../src/telemetry/index.ts'
import { fakeIntake } from '../fake-intake.ts'
import type { FakeIntake } from '../fake-intake.ts'
import { freePort, temporaryFolder } from './firebreak.ts'

const WAIT = { timeout: 20_000, interval: 100 }

/** What `serve` does with the webhook, and nothing else. */
async function receiver(intake: FakeIntake): Promise<{ readonly url: string; readonly statuses: number[] }> {
  const webhooks = createWebhooks({ intake, now: () => Date.now() }, { token: 'tok-4711' })
  const statuses: number[] = []
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const reply = await webhooks.receive('alertmanager', { headers: request.headers, body })
      statuses.push(reply.status)
      response.writeHead(reply.status).end(JSON.stringify(reply))
    })
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${port}/webhooks/alertmanager`, statuses }
}

async function alertmanager(webhook: string): Promise<string> {
  const folder = temporaryFolder()
  const port = await freePort()
  // The receiver of docs/sources.md, with intervals that a test can wait for.
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    `route: { receiver: firebreak, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: firebreak
    webhook_configs:
      - url: ${webhook}
        send_resolved: true
        http_config: { authorization: { credentials: tok-4711 } }
`,
  )
  const options = [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]
  const child = spawn('/usr/bin/prometheus-alertmanager', options, { stdio: 'ignore' })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).ok).toBe(true), WAIT)
  return url
}

test('an Alertmanager tells of an alert that fires, tries again when we are full, and tells of its end', async () => {
  const intake = fakeIntake()
  const { url, statuses } = await receiver(intake)
  const manager = await alertmanager(url)
  const startsAt = new Date(Date.now() - 60_000).toISOString()
  const post = async (more: Record<string, string>): Promise<void> => {
    const alert = {
      labels: { alertname: 'HighErrorRate', service: 'checkout', severity: 'critical' },
      annotations: { summary: '45 % of requests fail' },
      startsAt,
      ...more,
    }
    const answer = await fetch(`${manager}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([alert]),
    })
    expect(answer.status).toBe(200)
  }

  intake.refuse({ kind: 'try-later', afterMs: 1_000, reason: 'the store is away' })
  await post({})
  await vi.waitFor(() => expect(statuses).toContain(503), WAIT)
  intake.refuse(null)
  await vi.waitFor(() => expect(intake.items('alerts')).toHaveLength(1), WAIT)
  const [firing] = intake.items('alerts')
  expect(firing).toMatchObject({
    source: 'alertmanager',
    status: 'firing',
    name: 'HighErrorRate',
    service: 'checkout',
    severity: 'critical',
    summary: '45 % of requests fail',
    startedAt: Date.parse(startsAt),
    endedAt: null,
  })

  await post({ endsAt: new Date(Date.now() - 1_000).toISOString() })
  await vi.waitFor(() => expect(intake.items('alerts').at(-1)?.status).toBe('resolved'), WAIT)
  expect(intake.items('alerts').at(-1)?.key).toBe(firing?.key)
  expect(intake.items('alerts').at(-1)?.endedAt).toBeGreaterThan(firing?.startedAt ?? Infinity)
})
