import { expect, test } from 'vitest'
import type { LiveSign } from './judges/judge.ts'
import { NOBODY } from './judges/judge.ts'
import { decide } from './lifecycle.ts'
import type { Circumstances, Tracked } from './lifecycle.ts'

const sign: LiveSign = {
  rule: 'error-rate',
  subject: { ...NOBODY, service: 'shop' },
  urgency: 'P3',
  since: 900,
  lastAt: 1000,
  summary: '2 % fail',
  evidence: [],
}
const calm: Circumstances = { now: 1000, starts: 1, group: '', suppressedBy: null }
const open = decide(null, sign, calm).tracked
const flapping = decide(null, sign, { ...calm, starts: 4, suppressedBy: 'flapping' }).tracked

type Row = readonly [string, Tracked | null, LiveSign | null, Partial<Circumstances>, string | null]

test.each<Row>([
  ['no sign, nothing open', null, null, {}, null],
  ['a sign', null, sign, {}, 'detected'],
  ['it goes on', open, sign, { now: 2000 }, null],
  [
    'it goes on, with other numbers a second later',
    open,
    { ...sign, summary: '3 % fail' },
    { now: 2000 },
    null,
  ],
  ['other numbers a minute later', open, { ...sign, summary: '3 % fail' }, { now: 62_000 }, 'updated'],
  ['the same numbers a minute later', open, sign, { now: 62_000 }, null],
  ['it is more urgent', open, { ...sign, urgency: 'P1' }, { now: 1250 }, 'updated'],
  ['it is less urgent: stays as it was', open, { ...sign, urgency: 'P4' }, { now: 1250 }, null],
  ['it is silenced', open, sign, { now: 1250, suppressedBy: 'silence s1' }, 'updated'],
  ['no sign for a moment', open, null, { now: 5000 }, null],
  ['no sign for long enough', open, null, { now: 7000 }, 'ended'],
  ['flapping: no sign for a minute', flapping, null, { now: 61_000 }, null],
  ['flapping: no sign for ten minutes', flapping, null, { now: 602_000 }, 'ended'],
])('%s', (...[, tracked, seen, circumstances, want]) => {
  const decision = decide(tracked, seen, { ...calm, ...circumstances })
  expect(decision.tells).toBe(want)
  expect(decision.detection === null).toBe(want === null)
  expect(decision.reason).not.toBe('')
})

test('the end says when the last sign was, and the id stays', () => {
  const ended = decide(open, null, { ...calm, now: 7000 })
  expect(ended.tracked).toBeNull()
  expect(ended.detection).toMatchObject({
    id: open?.detection.id,
    startedAt: 900,
    endedAt: 1000,
    urgency: 'P3',
  })
})

test.each([
  ['P3', [60, 120, 180, 240, 300, 360, 420, 480, 540, 600]],
  ['P4', [60, 120, 240, 480]],
] as const)('other numbers all the time, for ten minutes: %s', (urgency, want) => {
  const seconds = Array.from({ length: 600 }, (_, index) => index + 1)
  let tracked = decide(null, { ...sign, urgency }, calm).tracked
  const told = seconds.filter((second) => {
    const now = calm.now + second * 1000
    const decision = decide(tracked, { ...sign, urgency, summary: `${second} % fail` }, { ...calm, now })
    tracked = decision.tracked
    return decision.tells !== null
  })
  expect(told).toEqual(want)
})
