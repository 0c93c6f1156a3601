import { describe, expect, test } from 'vitest'
import { ruleExpectationSchema, rulesSchema } from '../contract/rules.ts'
import { gaugeOf, requestsOf, resourceOf, START } from '../../test/telemetry-story.ts'
import { seededChance } from '../../test/drawn-traffic.ts'
import type { TelemetryBatch } from '../telemetry/index.ts'
import { describeRules } from './describe-rules.ts'
import { replayRules, unmetExpectations } from './replay-rules.ts'

/** A minute of ordinary traffic, then one in which half of it fails; then a pause of hours. */
function* recorded(): Generator<TelemetryBatch> {
  const chance = seededChance(3)
  for (let step = 0; step < 1200; step += 1)
    yield requestsOf({ perSecond: 100, failing: step < 600 ? 0 : 0.5 }, START + step * 100, chance)
  yield requestsOf({ perSecond: 100 }, START + 3 * 3_600_000, chance)
}

const replayed = await replayRules({ rules: rulesSchema.parse({}), services: new Map(), batches: recorded() })

test('telemetry of hours is gone through in its own time', () => {
  const pages = replayed.events.filter(({ detection }) => detection.rule === 'error-rate')
  expect(pages[0]?.detection).toMatchObject({ urgency: 'P1' })
  expect((pages[0]?.at ?? 0) - START).toBeGreaterThan(60_000)
  expect((pages[0]?.at ?? 0) - START).toBeLessThan(63_000)
  expect(pages.at(-1)?.kind).toBe('ended')
})

test('a service is silent that fell silent in the recording, not because it is over', async () => {
  const alive = (service: string, at: number): TelemetryBatch => ({
    kind: 'metrics',
    items: [gaugeOf(resourceOf(service), { name: 'up', at, value: 1 })],
  })
  const batches = Array.from({ length: 300 }, (_, step) => START + step * 5000).flatMap((at, step) =>
    step < 200 ? [alive('shop', at), alive('mail', at)] : [alive('shop', at)],
  )
  const { events } = await replayRules({ rules: rulesSchema.parse({}), services: new Map(), batches })
  const silent = events.filter(({ detection }) => detection.rule === 'missing-telemetry')
  expect(new Set(silent.map(({ detection }) => detection.subject.service))).toEqual(new Set(['mail']))
})

describe('what a test expects', () => {
  test.each([
    [{ rule: 'error-rate', urgency: 'P1', within: '70s' }, []],
    [
      { rule: 'error-rate', within: '30s' },
      [/expected detection by error-rate, P4 or more urgent within 30 s, found it after 6\d/],
    ],
    [{ rule: 'probe' }, [/expected detection by probe, P4 or more urgent, found none/]],
    [{ rule: 'error-rate', service: 'mail' }, [/of mail, .*found none/]],
    [
      { rule: '*', urgency: 'P3', never: true },
      [/expected no detection by \*, P3 or more urgent, found: .* failed/],
    ],
    [{ rule: 'probe', never: true }, []],
  ])('%j', (expectation, want) => {
    const unmet = unmetExpectations(replayed, [ruleExpectationSchema.parse(expectation)])
    expect(unmet).toEqual(want.map((pattern) => expect.stringMatching(pattern)))
  })
})

test('each rule says in a line what it judges', () => {
  const described = describeRules(
    rulesSchema.parse({ cpu: { service: 'shop', for: '5m' }, alert: { enabled: false } }),
  )
  expect(described.find(({ name }) => name === 'error-rate')?.says).toBe('more than 1 % of requests fail')
  expect(described.find(({ name }) => name === 'cpu')?.says).toMatch(/above 0\.8 for 300 s; services shop$/)
  expect(described.find(({ name }) => name === 'alert')?.enabled).toBe(false)
})
