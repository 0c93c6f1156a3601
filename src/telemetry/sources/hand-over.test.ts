import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import type { Change } from '../change.ts'
import type { Taken } from '../intake.ts'
import type { TelemetryBatch } from '../telemetry-batch.ts'
import { createHandOver } from './hand-over.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function change(id: string): TelemetryBatch {
  const blank = { service: null, from: null, to: null, commit: null, who: null, summary: '', source: 'test' }
  const item: Change = { at: 0, kind: 'other', ...blank, id }
  return { kind: 'changes', items: [item] }
}

function handing() {
  const intake = fakeIntake()
  const handOver = createHandOver({ intake, now: () => 7, signal: new AbortController().signal })
  const ids = (): readonly string[] => intake.items('changes').map(({ id }) => id)
  return { intake, handOver, ids }
}

describe('createHandOver', () => {
  test('hands on in order', async () => {
    const { handOver, ids } = handing()
    for (const id of ['a', 'b', 'c']) handOver.give([change(id)])
    await vi.runAllTimersAsync()
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(handOver.state()).toEqual({ lastAt: 7, taken: 3, dropped: 0, waitingFor: null })
  })

  test('waits while intake is full, with the same batches, and then catches up', async () => {
    const { intake, handOver, ids } = handing()
    intake.refuse({ kind: 'try-later', afterMs: 1_000, reason: 'full' })
    handOver.give([change('a')])
    await vi.advanceTimersByTimeAsync(5_500)
    handOver.give([change('b')])
    expect(handOver.state()).toMatchObject({ taken: 0, waitingFor: 'full' })
    intake.refuse(null)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ids()).toEqual(['a', 'b'])
    expect(handOver.state().waitingFor).toBeNull()
  })

  test('keeps the newest where intake stays full, and says what it gave up', async () => {
    const { intake, handOver, ids } = handing()
    intake.refuse({ kind: 'try-later', afterMs: 1_000, reason: 'full' })
    for (let index = 0; index < 250; index++) handOver.give([change(String(index))])
    await vi.advanceTimersByTimeAsync(100)
    expect(handOver.state().dropped).toBe(10)
    intake.refuse(null)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ids()).toEqual(Array.from({ length: 240 }, (_, index) => String(index + 10)))
  })

  test('hands on what comes while intake still keeps what came before, and tells in order what is kept', async () => {
    const { intake, handOver } = handing()
    const answers = [Promise.withResolvers<Taken>(), Promise.withResolvers<Taken>()] as const
    const asked = vi.fn<() => void>()
    const kept: string[] = []
    intake.answerWith(() => {
      asked()
      return (answers[asked.mock.calls.length - 1] ?? answers[0]).promise
    })
    handOver.give([change('a')], () => kept.push('a'))
    handOver.give([change('b')], () => kept.push('b'))
    expect(asked).toHaveBeenCalledTimes(2)
    answers[1].resolve({ kind: 'stored' })
    await vi.advanceTimersByTimeAsync(1)
    expect(kept).toEqual([])
    answers[0].resolve({ kind: 'stored' })
    await vi.advanceTimersByTimeAsync(1)
    expect(kept).toEqual(['a', 'b'])
    expect(handOver.state().taken).toBe(2)
  })

  test('all is judged when it is given, also while intake keeps nothing', async () => {
    const { intake } = handing()
    const see = vi.fn<(batches: readonly TelemetryBatch[]) => void>()
    const deps = { intake: { ...intake, see }, now: () => 7, signal: new AbortController().signal }
    const handOver = createHandOver(deps)
    intake.refuse({ kind: 'try-later', afterMs: 60_000, reason: 'full' })
    handOver.give([change('a')])
    await vi.advanceTimersByTimeAsync(10)
    handOver.give([change('b')])
    expect(see).toHaveBeenCalledTimes(2)
    await handOver.close()
  })

  test('an intake that fails is asked again', async () => {
    const { intake, handOver } = handing()
    intake.answerWith(() => Promise.reject(new Error('a bug')))
    handOver.give([change('a')])
    await vi.advanceTimersByTimeAsync(10)
    expect(handOver.state()).toMatchObject({ taken: 0, waitingFor: 'a bug' })
    intake.answerWith(async () => ({ kind: 'stored' }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(handOver.state()).toMatchObject({ taken: 1, waitingFor: null })
  })

  test('ends at once when it is closed while intake is full', async () => {
    const { intake, handOver } = handing()
    intake.refuse({ kind: 'try-later', afterMs: 60_000, reason: 'full' })
    handOver.give([change('a')])
    await vi.advanceTimersByTimeAsync(10)
    await handOver.close()
    expect(handOver.state()).toMatchObject({ taken: 0, dropped: 1 })
    expect(vi.getTimerCount()).toBe(0)
  })
})
