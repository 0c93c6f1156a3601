import { expect, test } from 'vitest'
import {
  gaugeOf,
  logOf,
  requestsOf,
  resourceOf,
  spanOf,
  START,
  tellStory,
} from '../../test/telemetry-story.ts'

test('a million label values fill the share of their own service, and nobody else pays', () => {
  const { detector } = tellStory()
  for (let index = 0; index < 60_000; index += 1000) {
    const items = Array.from({ length: 1000 }, (_, place) =>
      gaugeOf(resourceOf('loud'), {
        name: 'm',
        at: START,
        value: 1,
        attributes: { user: `${index + place}` },
      }),
    )
    detector.observe([{ kind: 'metrics', items }], START)
  }
  detector.observe(
    [{ kind: 'metrics', items: [gaugeOf(resourceOf('calm'), { name: 'm', at: START, value: 1 })] }],
    START,
  )
  expect(detector.figures()).toMatchObject({ metricSeries: 5001, metricSeriesRefused: 55_000 })
})

test('routes past the cap are counted together, and in the whole', () => {
  const story = tellStory()
  const resource = resourceOf('shop')
  story.pass(10, (at) => [
    {
      kind: 'spans',
      items: Array.from({ length: 50 }, (_, index) =>
        spanOf({ resource, startedAt: at, name: `r${at}-${index}` }),
      ),
    },
  ])
  const [view] = story.detector.services()
  expect(view?.routes.length).toBeLessThanOrEqual(201)
  expect(view?.requests).toBe(5000)
  expect(story.detector.figures()['routesRefused']).toBeGreaterThan(4000)
})

test('times of 1970 and 2100 are counted as late and early, and as nothing else', () => {
  const { detector } = tellStory()
  const once = () => 0.9
  detector.observe(
    [requestsOf({ perSecond: 100 }, 0, once), requestsOf({ perSecond: 100 }, Date.UTC(2100, 0), once)],
    START,
  )
  expect(detector.tick(START + 250)).toEqual([])
  expect(detector.figures()).toMatchObject({ late: 10, early: 10 })
  expect(detector.services()[0]).toMatchObject({ requests: 0 })
})

test('an error storm of ever new texts is bounded, and says so', () => {
  const story = tellStory()
  const app = resourceOf('app')
  const word = (number: number) =>
    String(number).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
  story.pass(20, (at) => [
    {
      kind: 'logs',
      items: Array.from({ length: 100 }, (_, index) => {
        const own = word(at + index * 100_000)
        return logOf(app, { at, body: `${own} cannot ${own} of ${own}` })
      }),
    },
  ])
  expect(story.detector.figures()['fingerprints']).toBeLessThanOrEqual(500)
  expect(story.detector.figures()['notFingerprinted']).toBeGreaterThan(0)
  expect(JSON.stringify(story.detector.snapshot()).length).toBeLessThan(1_000_000)
})
