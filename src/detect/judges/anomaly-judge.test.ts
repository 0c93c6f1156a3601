import { expect, test } from 'vitest'
import { gaugeOf, resourceOf, START, tellStory } from '../../../test/telemetry-story.ts'
import type { MakeSeriesDetector } from './anomaly-judge.ts'

/** Says that anything over 100 is an anomaly, and remembers what it was made for. */
function fakeDetector(made: { name?: string; limit?: number }[]): MakeSeriesDetector {
  return (options) => {
    made.push(options)
    let since: number | null = null
    const judgement = (isNoteworthy: boolean) => ({
      score: since === null ? 0 : 1,
      isNoteworthy,
      isPageWorthy: false,
      anomaly:
        since === null
          ? null
          : {
              kind: 'spike' as const,
              since,
              observed: 500,
              expected: 10,
              exhaustedAt: null,
              summary: 'far up',
            },
    })
    return {
      observe(at, value) {
        const wasNull = since === null
        if (value > 100) since ??= at
        else since = null
        return judgement(wasNull && since !== null)
      },
      pass: () => {},
      tick: () => judgement(false),
    }
  }
}

test('a gauge that does what it never did is a P4, from when it began until it is over', () => {
  const made: { name?: string; limit?: number }[] = []
  const story = tellStory({ makeDetector: fakeDetector(made) })
  const gauge = (value: number) => (at: number) =>
    at % 1000 === 0
      ? [
          {
            kind: 'metrics' as const,
            items: [gaugeOf(resourceOf('app'), { name: 'queue.length', at, value, unit: '{item}' })],
          },
        ]
      : []
  story.pass(10, gauge(5))
  expect(story.events()).toEqual([])
  story.pass(10, gauge(500))
  expect(story.events()[0]?.detection).toMatchObject({
    rule: 'anomaly',
    urgency: 'P4',
    startedAt: START + 10_000,
    summary: 'far up',
    subject: { service: 'app', resource: 'queue.length' },
  })
  story.pass(20, gauge(5))
  expect(story.detector.active()).toEqual([])
  expect(made).toMatchObject([{ name: 'queue.length' }])
})

test('requests and failures of each service are series', () => {
  const made: { name?: string }[] = []
  const story = tellStory({ makeDetector: fakeDetector(made) })
  story.traffic(30, { perSecond: 50, failing: 0 })
  expect(made.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['requests of shop', 'failed share of shop']),
  )
})

test.each([
  ['system.filesystem.utilization', 1],
  ['system.memory.utilization', 1],
  ['system.cpu.utilization', undefined],
  ['nodejs.eventloop.utilization', undefined],
  ['queue.length', undefined],
])('whether a rise can reach a limit: %s', (name, limit) => {
  const made: { limit?: number }[] = []
  const story = tellStory({ makeDetector: fakeDetector(made) })
  story.pass(1, (at) => [{ kind: 'metrics', items: [gaugeOf(resourceOf('app'), { name, at, value: 0.5 })] }])
  expect(made.map((one) => one.limit)).toEqual([limit])
})

test('what a process does in its first minute and a half is no news, what it does then is', () => {
  const story = tellStory({ makeDetector: fakeDetector([]) })
  const queue = (pid: string, value: number) => (at: number) => {
    const resource = resourceOf('app', { 'service.instance.id': 'app-1', 'process.pid': pid })
    const point = gaugeOf(resource, { name: 'queue.length', at, value })
    return at % 1000 === 0 ? [{ kind: 'metrics' as const, items: [point] }] : []
  }
  story.pass(10, queue('7', 5))
  story.pass(60, queue('8', 500))
  story.pass(60, queue('8', 5))
  expect(story.events()).toEqual([])
  story.pass(5, queue('8', 500))
  expect(story.events().map(({ kind, second }) => [kind, second >= 130])).toEqual([['detected', true]])
  story.pass(80, queue('9', 5))
  expect(story.detector.active()).toHaveLength(1) // nobody knows yet whether a new process mends it
  story.pass(30, queue('9', 5))
  expect(story.detector.active()).toEqual([])
})
