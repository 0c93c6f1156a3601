import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLane } from './lane.ts'
import { createBlock, field } from './native-block.ts'
import { text } from './native-columns.ts'

const TIMING = { gatherMs: 15, apartMs: 200, fullBytes: 1_000 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A lane into a table that answers when it is told to. */
function laneInto() {
  const inserts: { text: string; answer: PromiseWithResolvers<void> }[] = []
  const lane = createLane<string>(
    () =>
      createBlock<string>('t', [
        field('x', text(), (value: string) => {
          if (value === 'broken') throw new TypeError('no such value')
          return value
        }),
      ]),
    async ({ data }) => {
      const answer = Promise.withResolvers<void>()
      inserts.push({ text: data.toString('latin1'), answer })
      return answer.promise
    },
    { timing: TIMING, now: Date.now },
  )
  return { lane, inserts }
}

async function outcome(promise: Promise<void>): Promise<string> {
  const state = await Promise.race([
    promise.then(
      () => 'kept',
      () => 'refused',
    ),
    vi.advanceTimersByTimeAsync(0).then(() => 'waiting'),
  ])
  return state
}

test('rows of many senders go as one insert, and none is told before it is kept', async () => {
  const { lane, inserts } = laneInto()
  const senders = [lane.add(['a']), lane.add(['b']), lane.add(['c'])]
  await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
  expect(inserts).toHaveLength(1)
  expect(await outcome(Promise.race(senders))).toBe('waiting')
  inserts[0]?.answer.resolve()
  expect(await Promise.all(senders.map(outcome))).toEqual(['kept', 'kept', 'kept'])
})

test('what comes during an insert goes with the next one, which begins some time after it', async () => {
  const { lane, inserts } = laneInto()
  const first = lane.add(['first'])
  await vi.advanceTimersByTimeAsync(15)
  const second = lane.add(['second'])
  inserts[0]?.answer.resolve()
  await first
  await vi.advanceTimersByTimeAsync(150)
  expect(inserts).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(50)
  expect(inserts).toHaveLength(2)
  expect(inserts[1]?.text).toContain('second')
  expect(inserts[1]?.text).not.toContain('first')
  inserts[1]?.answer.resolve()
  await second
})

test('a full block does not wait', async () => {
  const { lane, inserts } = laneInto()
  void lane.add(['x'.repeat(TIMING.fullBytes)])
  await vi.advanceTimersByTimeAsync(0)
  expect(inserts).toHaveLength(1)
})

test('all senders of a refused insert hear of it, and the next ones are taken', async () => {
  const { lane, inserts } = laneInto()
  const senders = [lane.add(['a']), lane.add(['b'])]
  await vi.advanceTimersByTimeAsync(15)
  inserts[0]?.answer.reject(new Error('disk full'))
  expect(await Promise.all(senders.map(outcome))).toEqual(['refused', 'refused'])
  const next = lane.add(['c'])
  await vi.advanceTimersByTimeAsync(TIMING.apartMs)
  inserts[1]?.answer.resolve()
  expect(await outcome(next)).toBe('kept')
})

test('an item that cannot be encoded shifts nothing: its block is refused as a whole', async () => {
  const { lane, inserts } = laneInto()
  const good = lane.add(['good'])
  const bad = lane.add(['fine', 'broken'])
  expect(await Promise.all([good, bad].map(outcome))).toEqual(['refused', 'refused'])
  const next = lane.add(['next'])
  await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
  expect(inserts.map((insert) => /good|fine/.test(insert.text))).toEqual([false])
  inserts[0]?.answer.resolve()
  expect(await outcome(next)).toBe('kept')
})

test('bytes count what is on its way too, and idle waits for it', async () => {
  const { lane, inserts } = laneInto()
  void lane.add(['on its way'])
  await vi.advanceTimersByTimeAsync(15)
  expect(lane.bytes()).toBeGreaterThan(0)
  let isIdle = false
  void lane.idle().then(() => (isIdle = true))
  await vi.advanceTimersByTimeAsync(0)
  expect(isIdle).toBe(false)
  inserts[0]?.answer.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(isIdle).toBe(true)
  expect(lane.bytes()).toBe(0)
})
