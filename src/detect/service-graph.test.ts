import { expect, test } from 'vitest'
import { resourceOf, spanOf, START } from '../../test/telemetry-story.ts'
import { groupFor } from './grouping.ts'
import { createServiceGraph } from './service-graph.ts'

const hex = (number: number): string => number.toString(16).padStart(16, '0')

/** A request through web, cart and stock; each is known from its own spans alone. */
function trace(number: number) {
  const [web, cart, stock] = [resourceOf('web'), resourceOf('cart'), resourceOf('stock')]
  const base = { traceId: hex(number * 7919).repeat(2), startedAt: START }
  const id = number * 10
  return [
    spanOf({ ...base, resource: web, spanId: hex(id) }),
    spanOf({ ...base, resource: web, spanId: hex(id + 1), parentSpanId: hex(id), kind: 'client' }),
    spanOf({ ...base, resource: cart, spanId: hex(id + 2), parentSpanId: hex(id + 1) }),
    spanOf({ ...base, resource: cart, spanId: hex(id + 3), parentSpanId: hex(id + 2), kind: 'client' }),
    spanOf({ ...base, resource: stock, spanId: hex(id + 4), parentSpanId: hex(id + 3) }),
  ]
}

test.each([
  ['callers first', false],
  ['callees first, as they end', true],
])('who calls whom is learned: %s', (_, isReversed) => {
  const graph = createServiceGraph()
  for (let number = 1; number <= 20; number += 1) {
    const spans = trace(number)
    for (const span of isReversed ? spans.toReversed() : spans) graph.observe(span)
  }
  expect(graph.edges().toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
    ['cart', 'stock'],
    ['web', 'cart'],
  ])
  expect(graph.rootShare('web')).toBe(1)
  expect(graph.rootShare('stock')).toBe(0)
  expect(graph.areConnected('web', 'stock')).toBe(true)
  expect(graph.areConnected('web', 'mail')).toBe(false)
})

test('of very many traces only some are looked at, and the graph is still learned', () => {
  const graph = createServiceGraph()
  for (let second = 0; second < 20; second += 1) {
    for (let number = 1; number <= 3000; number += 1)
      for (const span of trace(second * 3000 + number)) graph.observe(span)
    graph.tick(START + second * 1000)
  }
  expect(graph.edges().length).toBe(2)
})

type Row = readonly [string, string | null, string, number, string]

test.each<Row>([
  ['the same service', 'web', 'web', 1000, 'g'],
  ['one that calls it', 'cart', 'web', 1000, 'g'],
  ['through one between', 'stock', 'web', 1000, 'g'],
  ['no connection', 'mail', 'web', 1000, ''],
  ['long ago', 'web', 'web', 400_000, ''],
  ['no service: a host, a database', null, 'web', 1000, 'g'],
])('the group of a new detection: %s', (_, ...[service, other, ago, want]) => {
  const graph = createServiceGraph()
  graph.addEdge('web', 'cart')
  graph.addEdge('cart', 'stock')
  const open = [{ group: 'g', service: other, lastAt: START - ago }]
  expect(groupFor({ service, now: START }, open, graph)).toBe(want)
})
