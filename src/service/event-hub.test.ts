import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventHub, type HubEvent } from './event-hub.ts'

test('whoever comes back with the last id that they saw has missed nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(39), (count, leftAfter) => {
      const hub = createEventHub(() => 0, 20)
      const all: HubEvent[] = []
      hub.subscribe((event) => all.push(event))
      for (let at = 0; at < count; at++) hub.publish('detection', at)
      const last = all[Math.min(leftAfter, count - 1)]
      const missed = hub.since(last?.id ?? '')
      const rest = all.slice(all.findIndex(({ id }) => id === last?.id) + 1)
      // Twenty are remembered: further back, it is said that they are not known any more.
      expect(missed).toEqual(rest.length < 20 ? rest : null)
    }),
  )
})

test('who has left is told nothing', () => {
  const hub = createEventHub(() => 0)
  const heard: unknown[] = []
  const leave = hub.subscribe(({ data }) => heard.push(data))
  hub.publish('a', 1)
  leave()
  hub.publish('a', 2)
  expect(heard).toEqual([1])
  expect(hub.listeners()).toBe(0)
})
