import { expect, test } from 'vitest'
import type { LabChange } from '../lab.ts'
import type { LabStatus } from '../platform/lab-status.ts'
import { statusWithout } from '../platform/lab-status.ts'
import type { TourDeps, TourEvent } from './lookout.ts'
import { takeTour } from './tour.ts'

const CALM: LabStatus = {
  ...statusWithout('down'),
  state: 'up',
  requestsPerSecond: 167,
  p50Ms: 3,
  p95Ms: 20,
  dbConnections: { used: 9, limit: 100 },
  cpuCores: 0.5,
}
const OUTAGE = { errorRate: 0.6, p95Ms: 5_000, dbConnections: { used: 97, limit: 100 }, cpuCores: 1.6 }

/** A lab in virtual time: broken a while after the order, and as before a while after the remedy that helps. */
function fakeTour(story: {
  readonly shows: Partial<LabStatus>
  readonly comesWithDeploy: boolean
  readonly helps: 'rollback' | 'mend'
  readonly endsAt?: number
}) {
  let now = 1_000_000
  let [brokenAt, helpedAt] = [Infinity, Infinity]
  const done: string[] = []
  const events: TourEvent[] = []
  const changes: LabChange[] = []
  const help = (remedy: 'rollback' | 'mend'): void => {
    done.push(remedy)
    if (remedy === story.helps) helpedAt = now
  }
  const deps: TourDeps = {
    now: () => now,
    async sleep(ms) {
      now += ms
    },
    onEvent: (event) => void events.push(event),
    lab: {
      async status() {
        if (now >= (story.endsAt ?? Infinity)) return statusWithout('down')
        const isBroken = now - brokenAt >= 5_000 && now - helpedAt < 10_000
        return isBroken ? { ...CALM, ...story.shows } : CALM
      },
      async break({ name }) {
        brokenAt = now
        const at = new Date(now).toISOString()
        const change = { who: 'pipeline', what: 'deploy', service: 'shop', from: 'v1', to: 'v2' }
        if (story.comesWithDeploy) changes.push({ id: 1, at, ...change })
        return { name, level: 'normal', since: now }
      },
      async mend() {
        help('mend')
        return []
      },
      async rollback() {
        help('rollback')
        return { commit: 'c', version: 'v1' }
      },
      changes: async () => [...changes],
      userReports: async () => [{ at: '', text: 'I cannot pay', page: '/checkout' }],
      lastError: async () => 'GET / failed: Error: no connection',
    },
  }
  return { deps, done, events }
}

test('a release that breaks the shop is rolled back, and the story says so in order', async () => {
  const { deps, done, events } = fakeTour({ shows: OUTAGE, comesWithDeploy: true, helps: 'rollback' })
  const report = await takeTour(deps, { fault: 'connection-leak' })
  expect(report).toMatchObject({
    fault: { name: 'connection-leak', level: 'normal' },
    remedy: 'rollback',
    secondsToBreak: 5,
    secondsToNormal: 10,
    calm: { errorRate: 0 },
    worst: OUTAGE,
    userReports: 1,
  })
  expect(done).toEqual(['rollback', 'mend'])
  const said = events.flatMap((event) => (event.kind === 'said' ? [event.text] : []))
  const order = [
    'ordinary day',
    'deploy of shop',
    'Users feel it',
    'outage',
    'A log says',
    'writes',
    'back:',
    'normal',
  ]
  const places = order.map((words) => said.findIndex((text) => text.includes(words)))
  expect(places).toEqual(places.toSorted((one, other) => one - other))
  expect(places).not.toContain(-1)
  expect(report.rows.length).toBeLessThan(70) // it ends
})

test('what no deploy brought is taken out', async () => {
  const { deps, done } = fakeTour({ shows: OUTAGE, comesWithDeploy: false, helps: 'mend' })
  expect(await takeTour(deps, { fault: 'payment-down' })).toMatchObject({
    remedy: 'mend',
    secondsToNormal: 10,
  })
  expect(done).toEqual(['mend'])
})

test('a deploy that was a decoy is rolled back in vain, and the fault is taken out', async () => {
  const { deps, done } = fakeTour({ shows: OUTAGE, comesWithDeploy: true, helps: 'mend' })
  expect(await takeTour(deps, { fault: 'decoy-deploy' })).toMatchObject({ remedy: 'mend' })
  expect(done).toEqual(['rollback', 'mend'])
})

test('a fault that users do not feel is told as one', async () => {
  const { deps } = fakeTour({ shows: {}, comesWithDeploy: false, helps: 'mend' })
  const report = await takeTour(deps, { fault: 'mail-slow' })
  expect(report.secondsToBreak).toBeNull()
  expect(report.story.map(({ text }) => text).join('\n')).toContain('Users feel nothing')
})

test('a system that does not recover ends the tour all the same', async () => {
  const { deps } = fakeTour({ shows: OUTAGE, comesWithDeploy: false, helps: 'rollback' })
  const report = await takeTour(deps, { fault: 'payment-down' })
  expect(report.secondsToNormal).toBeNull()
  expect(report.story.at(-1)?.text).toContain('Not normal within 60 s')
})

test('a lab that ends in the middle is an error', async () => {
  const endsAt = 1_030_000
  const { deps } = fakeTour({ shows: OUTAGE, comesWithDeploy: true, helps: 'rollback', endsAt })
  await expect(takeTour(deps, { fault: 'connection-leak' })).rejects.toThrow(/ended by itself/)
})

test('an interruption ends it at once', async () => {
  const { deps } = fakeTour({ shows: OUTAGE, comesWithDeploy: true, helps: 'rollback' })
  const sleep = async (): Promise<void> => {
    throw new Error('interrupted')
  }
  await expect(takeTour({ ...deps, sleep }, { fault: 'connection-leak' })).rejects.toThrow('interrupted')
})
