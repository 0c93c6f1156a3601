import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLane } from './lane.ts'
import { createBlock, field } from './native-block.ts'
import { text } from './native-columns.ts'

const TIMING = { gatherMs: 15, apartMs: 200, backMs: 40, fullBytes: 1_000, abreast: 2 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Insert = { text: string; answer: PromiseWithResolvers<void> }

/** What was inserted, in the property below. */
const sent: string[] = []

/** A lane into a table that answers when it is told to. */
function laneInto() {
  const inserts: Insert[] = []
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

test('senders who are back at once are not kept waiting, those who send by the clock are', async () => {
  const { lane, inserts } = laneInto()
  const batch = 'x'.repeat(100)
  for (const backAfter of [0, 5, 39]) {
    void lane.add([batch])
    await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
    expect(inserts).toHaveLength(1)
    inserts.splice(0)[0]?.answer.resolve()
    await vi.advanceTimersByTimeAsync(backAfter)
  }
  void lane.add(['few'])
  void lane.add([batch])
  await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
  expect(inserts).toHaveLength(1) // they are back together
  inserts.splice(0)[0]?.answer.resolve()
  await vi.advanceTimersByTimeAsync(0)
  void lane.add(['few'])
  await vi.advanceTimersByTimeAsync(41)
  void lane.add([batch])
  await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
  expect(inserts).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(TIMING.apartMs)
  expect(inserts).toHaveLength(1)
})

test('a full block does not wait', async () => {
  const { lane, inserts } = laneInto()
  void lane.add(['x'.repeat(TIMING.fullBytes)])
  await vi.advanceTimersByTimeAsync(0)
  expect(inserts).toHaveLength(1)
})

test('a full block goes while another is on its way, a third one waits, and rows that are few do too', async () => {
  const { lane, inserts } = laneInto()
  const full = (name: string): string[] => [name.repeat(TIMING.fullBytes)]
  const senders = [lane.add(full('a')), lane.add(full('b')), lane.add(full('c'))]
  await vi.advanceTimersByTimeAsync(0)
  expect(inserts).toHaveLength(2)
  inserts[1]?.answer.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(inserts).toHaveLength(3)
  expect(await Promise.all(senders.map(outcome))).toEqual(['waiting', 'kept', 'waiting'])
  void lane.add(['few'])
  inserts[0]?.answer.resolve()
  await vi.advanceTimersByTimeAsync(TIMING.apartMs)
  expect(inserts).toHaveLength(3)
  inserts[2]?.answer.resolve()
  await vi.advanceTimersByTimeAsync(TIMING.gatherMs)
  expect(inserts).toHaveLength(4)
})

test('no row is left behind, lost or doubled, whatever the sizes and however long inserts take', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ size: fc.integer({ min: 1, max: 1_500 }), waitMs: fc.integer({ min: 0, max: 300 }) }),
        {
          maxLength: 30,
        },
      ),
      async (sends) => {
        const { lane, inserts } = laneInto()
        const names = sends.map(({ size }, at) => `<${at}>`.padEnd(size, '.'))
        const kept: Promise<void>[] = []
        for (const [at, { waitMs }] of sends.entries()) {
          kept.push(lane.add([names[at] ?? '']))
          await vi.advanceTimersByTimeAsync(waitMs)
          if (waitMs > 100) inserts.splice(0, 1).forEach(settle)
        }
        const idle = lane.idle()
        for (let round = 0; round < sends.length + 1; round++) {
          inserts.splice(0).forEach(settle)
          await vi.advanceTimersByTimeAsync(TIMING.apartMs)
        }
        await idle
        await Promise.all(kept)
        expect(lane.bytes()).toBe(0)
        for (const at of sends.keys()) expect(sent.filter((text) => text.includes(`<${at}>`))).toHaveLength(1)
        sent.length = 0
      },
    ),
    { numRuns: 50 },
  )

  function settle({ text: rows, answer }: Insert): void {
    sent.push(rows)
    answer.resolve()
  }
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
