import { expect, test } from 'vitest'
import { scheduledState } from './scheduled-state.ts'

const counts = { lastAt: 7, taken: 3, dropped: 1 }

test.each<[reason: string | null, waitingFor: string | null, told: object]>([
  [null, null, { kind: 'starting', reason: '' }],
  ['', null, { kind: 'working', reason: '' }],
  ['no such host', null, { kind: 'failing', reason: 'no such host' }],
  ['no such host', 'the store is away', { kind: 'waiting', reason: 'the store is away' }],
])('a last look of %j, waiting for %j, is told as %o', (reason, waitingFor, told) => {
  expect(scheduledState({ state: () => ({ ...counts, waitingFor }) }, reason)).toEqual({ ...told, ...counts })
})
