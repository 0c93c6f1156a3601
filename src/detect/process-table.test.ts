import { expect, test } from 'vitest'
import { gaugeOf, resourceOf } from '../../test/telemetry-story.ts'
import { createProcessTable } from './process-table.ts'

function heardFrom(...heard: readonly (readonly [pid: string | null, at: number])[]) {
  const table = createProcessTable()
  for (const [pid, at] of heard) {
    const resource = resourceOf('shop', {
      'service.instance.id': 'shop-1',
      ...(pid === null ? {} : { 'process.pid': pid }),
    })
    table.observe({ kind: 'metrics', items: [gaugeOf(resource, { name: 'x', at, value: 1 })] }, at)
  }
  return table
}

test.each<[string, readonly (readonly [string | null, number])[], number | null]>([
  ['nobody', [], null],
  ['a sender that does not tell its process', [[null, 1_000]], null],
  [
    'one process',
    [
      ['7', 1_000],
      ['7', 2_000],
    ],
    null,
  ],
  [
    'one after another',
    [
      ['7', 1_000],
      ['8', 2_000],
      ['8', 3_000],
    ],
    2_000,
  ],
  [
    'the old one still says its last words',
    [
      ['7', 1_000],
      ['8', 2_000],
      ['7', 2_500],
    ],
    2_000,
  ],
])('when an instance began anew: %s', (_name, heard, expected) => {
  expect(heardFrom(...heard).startedAnew('shop', 'shop-1')).toBe(expected)
})

test('an instance that has been silent for an hour is forgotten, one that speaks is not', () => {
  const table = heardFrom(['7', 0], ['8', 10_000])
  table.sweep(3_600_000)
  expect([...table.all()]).toHaveLength(1)
  table.sweep(3_610_000)
  expect([...table.all()]).toEqual([])
})
