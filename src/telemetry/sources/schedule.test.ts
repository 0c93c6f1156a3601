import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextInMs, startSchedule } from './schedule.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const signal = new AbortController().signal

describe('startSchedule', () => {
  test('looks within a second, then at the interval', async () => {
    let looks = 0
    const look = async (): Promise<boolean> => {
      looks += 1
      return true
    }
    const schedule = startSchedule({ everyMs: 10_000, random: () => 0.5, signal, look })
    await vi.advanceTimersByTimeAsync(500)
    expect(looks).toBe(1)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(looks).toBe(4)
    await schedule.stop()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(looks).toBe(4)
  })

  test('never overtakes a look that takes long', async () => {
    let running = 0
    let most = 0
    let looks = 0
    const look = async (): Promise<boolean> => {
      most = Math.max(most, ++running)
      looks += 1
      await new Promise((resolve) => setTimeout(resolve, 25_000))
      running -= 1
      return true
    }
    const schedule = startSchedule({ everyMs: 10_000, random: () => 0, signal, look })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(most).toBe(1)
    expect(looks).toBeGreaterThanOrEqual(4)
    const stopped = schedule.stop()
    await vi.advanceTimersByTimeAsync(25_000)
    await stopped
  })

  test('goes on after a look that throws', async () => {
    let looks = 0
    const look = (): Promise<boolean> => {
      looks += 1
      return Promise.reject(new Error('broken'))
    }
    const schedule = startSchedule({ everyMs: 1_000, random: () => 0.5, signal, look })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(looks).toBeGreaterThan(3)
    await schedule.stop()
  })

  test('ends with its signal', async () => {
    const abort = new AbortController()
    let looks = 0
    const look = async (): Promise<boolean> => {
      looks += 1
      return true
    }
    startSchedule({ everyMs: 1_000, random: () => 0, signal: abort.signal, look })
    await vi.advanceTimersByTimeAsync(2_500)
    abort.abort()
    const before = looks
    await vi.advanceTimersByTimeAsync(10_000)
    expect(looks).toBe(before)
  })
})

describe('nextInMs', () => {
  const half = (): number => 0.5
  const options = { everyMs: 10_000, everyMsWhileFailing: 1_000, random: half }
  test.each([
    ['while all is well', { ...options, failures: 0 }, 10_000],
    ['after a failure', { ...options, failures: 1 }, 1_000],
    ['for about a minute', { ...options, failures: 60 }, 1_000],
    ['and then as usual', { ...options, failures: 61 }, 10_000],
    ['never slower for failing', { ...options, everyMs: 500, failures: 1 }, 500],
    ['moved forward by chance', { ...options, random: (): number => 0, failures: 0 }, 9_000],
    ['without a faster pace', { everyMs: 10_000, random: half, failures: 3 }, 10_000],
  ])('%s', (_, given, expected) => {
    expect(nextInMs(given)).toBe(expected)
  })
})
