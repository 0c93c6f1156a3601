import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema, type Config } from '../contract/config.ts'
import { createLiveDetection } from '../detect/index.ts'
import { createEventHub, type HubEvent } from './event-hub.ts'
import { createLiveConfiguration } from './live-configuration.ts'
import { openSilences } from './silences.ts'

async function configured(first: string) {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-live-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'firebreak.yaml')
  const write = (text: string): void => writeFileSync(file, text)
  write(first)
  const done: string[] = []
  const events: HubEvent[] = []
  const hub = createEventHub(() => 0)
  hub.subscribe((event) => events.push(event))
  const config = configSchema.parse({})
  const live = createLiveConfiguration(
    {
      place: { file, cwd: folder, env: {} },
      override: (read: Config) => ({ ...read, data: '/from/the/command/line' }),
      detector: createLiveDetection({
        rules: config.rules,
        services: new Map(),
        silences: [],
        maintenance: [],
        now: 0,
      }),
      silences: await openSilences(join(folder, 'silences.json'), () => 0),
      store: { setRetention: async ({ logs }) => void done.push(`retention ${logs}`) },
      sources: {
        configure: async ({ sources }) => void done.push(`probes ${sources.probes.length}`),
        states: () => [],
        stop: async () => {},
      },
      hub,
      note: (text) => done.push(text),
    },
    config,
  )
  return { live, file, write, done, events }
}

test('what changed is taken, and what the command line said stays', async () => {
  const { live, done, events } = await configured('retention: {logs: 1d}\nlisten: {port: 5000}\n')
  expect(await live.reload()).toEqual({
    ok: true,
    notes: ['data changes with the next start', 'listen changes with the next start'],
  })
  expect(live.config().data).toBe('/from/the/command/line')
  expect(done.slice(0, 2)).toEqual(['probes 0', 'retention 86400000'])
  expect(events.map(({ kind }) => kind)).toEqual(['configuration'])
})

test('a broken file changes nothing, and is known as refused until it is mended', async () => {
  const { live, write, done } = await configured('redaction: {attributes: [app.note]}')
  await live.reload()
  const [before, redact] = [live.config(), live.redact()]
  write('nonsense: 1')
  expect((await live.reload()).ok).toBe(false)
  expect(live.config()).toBe(before)
  expect(live.redact()).toBe(redact)
  expect(live.refused()).toContain('nonsense')
  expect(done.filter((what) => what.startsWith('probes'))).toHaveLength(1)
  write('')
  await live.reload()
  expect(live.refused()).toBeNull()
  expect(live.config().redaction.attributes).toEqual([])
})

test('a file that is gone is refused, too', async () => {
  const { live, file } = await configured('')
  rmSync(file)
  expect(await live.reload()).toMatchObject({ ok: false, problems: expect.stringContaining(file) })
})
