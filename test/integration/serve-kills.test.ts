import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually, startServer, type RunningServer } from './serve.ts'

const PER_BATCH = 200

type Sender = {
  /** Numbers of the batches that were answered with 200. */
  readonly acknowledged: ReadonlySet<number>
  readonly stop: () => Promise<void>
}

/** Two connections that send as fast as they are answered; what is not acknowledged is not sent again. */
function send(server: RunningServer, firstBatch = 0): Sender {
  const acknowledged = new Set<number>()
  let next = firstBatch
  const stopping = new AbortController()
  const one = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const batch = next++
      const response = await fetch(`${server.url}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(logsOf(batch)),
      }).catch(() => null)
      if (response?.ok) acknowledged.add(batch)
      else await pause(50)
      await response?.arrayBuffer().catch(() => null)
    }
  }
  const sending = [one(), one()]
  return {
    acknowledged,
    async stop() {
      stopping.abort()
      await Promise.all(sending)
    },
  }
}

function logsOf(batch: number): unknown {
  const timeUnixNano = `${Date.now()}000000`
  const logRecords = Array.from({ length: PER_BATCH }, (_, at) => ({
    timeUnixNano,
    severityNumber: 9,
    body: { stringValue: `batch ${batch} record ${at}` },
  }))
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }]
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }
}

type Logs = {
  readonly data: readonly { readonly body: string }[]
  readonly pagination: { readonly next: string | null }
}

/** How many records of each batch are stored. */
async function stored(server: RunningServer): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, Set<string>>()
  let cursor = ''
  do {
    const page = (await server.get(`/api/v1/logs?service=shop&limit=1000${cursor}`)) as Logs
    for (const { body } of page.data) {
      const batch = Number(/^batch (\d+) /.exec(body)?.[1])
      counts.set(batch, (counts.get(batch) ?? new Set()).add(body))
    }
    cursor = page.pagination.next === null ? '' : `&cursor=${encodeURIComponent(page.pagination.next)}`
  } while (cursor !== '')
  return new Map([...counts].map(([batch, bodies]) => [batch, bodies.size]))
}

async function lost(server: RunningServer, sender: Sender): Promise<readonly number[]> {
  const found = await stored(server)
  return [...sender.acknowledged].filter((batch) => found.get(batch) !== PER_BATCH)
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/stat`, 'latin1')
            .replace(/^.*\)\s/s, '')
            .split(' ')[1] === String(pid)
        )
      } catch {
        return false
      }
    })
    .map(Number)
}

test('kill -9 of the server while it takes telemetry loses nothing that was acknowledged', async () => {
  const server = await startServer()
  for (let round = 0; round < 2; round++) {
    const sender = send(server, round * 1_000_000)
    await eventually(
      async () => sender.acknowledged.size,
      (count) => count >= 10,
    )
    await server.kill('SIGKILL')
    await sender.stop()
    await server.startAgain()
    expect(await lost(server, sender)).toEqual([])
  }
})

test('kill -9 of the engine while it takes telemetry loses nothing, and senders can go on', async () => {
  const server = await startServer()
  const sender = send(server)
  await eventually(
    async () => sender.acknowledged.size,
    (count) => count >= 10,
  )
  const before = sender.acknowledged.size
  const [engine] = childrenOf(server.pid())
  if (engine === undefined) throw new Error('the server has no engine')
  process.kill(engine, 'SIGKILL')
  await eventually(
    async () => sender.acknowledged.size,
    (count) => count >= before + 10,
    30_000,
  )
  await sender.stop()
  expect(await lost(server, sender)).toEqual([])
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('firebreak_engine_restarts_total 1')
})
