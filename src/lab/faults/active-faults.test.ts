import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createActiveFaults } from './active-faults.ts'
import type { ActiveFaults } from './active-faults.ts'
import { bot } from './bot.ts'
import { defineFault } from './fault.ts'
import { createFakeLab } from '../../../test/fake-lab.ts'
import type { FakeLab } from '../../../test/fake-lab.ts'
import { mailSlow } from './mail-slow.ts'
import { paymentHangs } from './payment-hangs.ts'
import type { TruthRecord } from './truth-record.ts'

const stubborn = defineFault({
  ...mailSlow,
  name: 'stubborn',
  levels: { normal: {} },
  async inject(_system, { defer }) {
    defer(() => {
      throw new Error('it is stuck')
    })
    return { truth: [], signs: { all: [] } }
  },
})

let lab: FakeLab
let faults: ActiveFaults
let records: TruthRecord[]

beforeEach(() => {
  lab = createFakeLab()
  records = []
  faults = createActiveFaults({
    system: lab.system,
    catalogue: [paymentHangs, bot, stubborn],
    drawSeed: () => 7n,
    record: async (entry) => void records.push(entry),
  })
})
afterEach(() => {
  vi.useRealTimers()
  lab.close()
})

describe('faults that are in', () => {
  test('are listed until they are mended, and the record tells both', async () => {
    const before = lab.snapshot()
    await faults.apply({ name: 'payment-hangs' })
    expect(faults.list()).toMatchObject([{ name: 'payment-hangs', level: 'normal', seed: 7n }])
    expect(await faults.check('payment-hangs')).toMatchObject({ happened: true })
    expect(await faults.mend()).toEqual(['payment-hangs'])
    expect(faults.list()).toEqual([])
    expect(lab.snapshot()).toEqual(before)
    expect(records).toMatchObject([
      { kind: 'start', name: 'payment-hangs', seed: '7', truth: [{ cause: 'dependency-slow' }] },
      { kind: 'end', name: 'payment-hangs', reason: 'mend', failure: null },
    ])
  })

  test('are taken back when their lease is over', async () => {
    vi.useFakeTimers()
    await faults.apply({ name: 'bot', level: 'mild', leaseMs: 60_000 })
    await vi.advanceTimersByTimeAsync(59_000)
    expect(faults.list()).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(faults.list()).toEqual([])
    expect(records.at(-1)).toMatchObject({ kind: 'end', reason: 'lease' })
  })

  test('are taken back beside one that is stuck, which is told', async () => {
    const before = lab.snapshot()
    await faults.apply({ name: 'bot' })
    await faults.apply({ name: 'stubborn' })
    await expect(faults.mend()).rejects.toThrow(/take back stubborn.*it is stuck/)
    expect(faults.list()).toEqual([])
    expect(lab.snapshot()).toEqual(before)
    const failed = records.find((entry) => entry.kind === 'end' && entry.failure !== null)
    expect(failed).toMatchObject({ name: 'stubborn' })
  })

  test('are over when the lab goes down', async () => {
    await faults.apply({ name: 'bot' })
    await faults.close()
    expect(faults.list()).toEqual([])
    expect(records.at(-1)).toMatchObject({ kind: 'end', name: 'bot', reason: 'down' })
  })

  test('come in once each', async () => {
    await faults.apply({ name: 'bot' })
    await expect(faults.apply({ name: 'bot' })).rejects.toThrow(/bot is in the system already/)
  })

  test.each([
    [{ name: 'payment-hang' }, /expected the name of a fault, found "payment-hang"/],
    [{ name: 'bot', level: 'brutal' }, /expected a level of bot \(mild, normal, hard\), found "brutal"/],
    [
      { name: 'payment-hangs', level: 'hard' },
      /expected a level of payment-hangs \(mild, normal\), found "hard"/,
    ],
  ])('are refused where the order makes no sense: %j', async (request, message) => {
    await expect(faults.apply(request)).rejects.toThrow(message)
    expect(records).toEqual([])
  })

  test('are not mended where there are none of the name', async () => {
    await expect(faults.mend('bot')).rejects.toThrow(/found bot, which is not/)
    await expect(faults.mend('robot')).rejects.toThrow(/expected the name of a fault/)
    expect(await faults.mend()).toEqual([])
  })

  test('are taken back as far as they came, where the injector fails half-way', async () => {
    const before = lab.snapshot()
    const half = defineFault({
      ...bot,
      name: 'half',
      levels: { normal: {} },
      async inject(system, { defer }) {
        defer(() => system.shoppers.hammer('/', 0))
        await system.shoppers.hammer('/', 10)
        throw new Error('no further')
      },
    })
    await expect(half.apply(lab.system, { level: 'normal', seed: 1n })).rejects.toThrow('no further')
    expect(lab.snapshot()).toEqual(before)
  })
})
