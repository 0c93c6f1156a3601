import { expect, test } from 'vitest'
import { START, tellStory } from '../../test/telemetry-story.ts'
import type { Change, TelemetryBatch } from '../telemetry/index.ts'
import { createRecentDeploys } from './recent-deploys.ts'

function change(over: Partial<Change> = {}): TelemetryBatch {
  const item: Change = {
    id: 'c1',
    at: START,
    kind: 'deploy',
    service: 'shop',
    from: null,
    to: 'v2',
    commit: null,
    who: null,
    summary: 'shop v2',
    source: 'git',
    ...over,
  }
  return { kind: 'changes', items: [item] }
}

test.each<[string, Partial<Change>, boolean]>([
  ['a deploy of the service', {}, true],
  ['a rollback of it', { kind: 'rollback' }, true],
  ['a deploy of nobody in particular', { service: null }, true],
  ['a deploy of another service', { service: 'mail' }, false],
  ['what restarts nothing', { kind: 'flag' }, false],
  ['a deploy of more than a minute ago', { at: START - 60_000 }, false],
  ['a deploy far in the future', { at: START + 3_600_000 }, false],
])('%s is recent: %o', (_name, over, isRecent) => {
  const deploys = createRecentDeploys()
  deploys.observe(change(over), START)
  expect(deploys.latest('shop', START)).toBe(isRecent ? START : null)
  expect(deploys.latest('shop', START + 120_000)).toBeNull()
})

/** Seconds from the first request that nobody answers to the page; null where there is none. */
function secondsToPage(outageSeconds: number, ...before: readonly TelemetryBatch[]): number | null {
  const story = tellStory()
  const shop = { perSecond: 167, failing: 0 }
  story.traffic(60, shop)
  story.detector.observe(before, START + 60_000)
  story.traffic(outageSeconds, { ...shop, failing: 1 })
  story.traffic(30, shop)
  const second = story.pages()[0]?.second
  return second === undefined ? null : second - 60
}

test('an outage just after a deploy is let pass for a second longer, and then told of all the same', () => {
  const deployed = change({ at: START + 60_000 })
  const waits = [secondsToPage(20), secondsToPage(20, deployed)]
  expect(waits[0]).toBeLessThan(3.2)
  expect((waits[1] ?? 0) - (waits[0] ?? 0)).toBeCloseTo(1, 0)
  // A restart of three seconds is an outage, unless something was just deployed.
  expect(secondsToPage(3)).not.toBeNull()
  expect(secondsToPage(3, deployed)).toBeNull()
})
