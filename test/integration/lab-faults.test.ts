import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/lab/faults/catalogue.ts'
import { withoutEffect } from '../fake-lab.ts'
import { freePort } from './firebreak.ts'
import { labFolder } from './lab.ts'
import { bringUpLab } from '../running-lab.ts'
import type { RunningLab } from '../running-lab.ts'

const PER_SECOND = 30
const SHOWS_WITHIN_MS = 60_000
const NORMAL_WITHIN_MS = 30_000

/** One of each kind. */
const CASES = [
  ['release', 'random-failures'],
  ['database', 'transactions-left-open'],
  ['dependency', 'payment-down'],
  ['process', 'instance-frozen'],
  ['configuration', 'flag-for-everyone'],
  ['load', 'bot'],
  ['compound', 'two-at-once'],
  ['control', 'mail-slow'],
] as const

const folder = labFolder()
let lab: RunningLab
let down = async (): Promise<void> => {}

beforeAll(async () => {
  lab = await bringUpLab({
    directory: folder,
    port: await freePort(),
    perSecond: PER_SECOND,
    seed: '1',
    onProgress: () => {},
  })
  down = () => lab.down()
  await pause(11_000) // figures are of ten seconds: an ordinary day first
})
afterAll(() => down())

async function until(what: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await pause(500)) {
    if (await what()) return true
  }
  return false
}

async function isNormal(): Promise<boolean> {
  const { errorRate, p95Ms, dbConnections } = await lab.system.metrics()
  return errorRate < 0.01 && p95Ms < 300 && dbConnections.used < 50
}

describe('in the real lab', () => {
  test.each(CASES)('%s: %s happens, is on record, and the system is normal again', async (kind, name) => {
    expect(lab.desk.catalogue().find((fault) => fault.name === name)).toMatchObject({ kind })
    await lab.desk.apply({ name, seed: '7' })
    expect(lab.desk.active()).toMatchObject([{ name, level: 'normal' }])
    expect(await until(async () => (await lab.desk.check(name)).happened, SHOWS_WITHIN_MS)).toBe(true)
    expect(await lab.desk.mend()).toEqual([name])
    expect(await until(isNormal, NORMAL_WITHIN_MS)).toBe(true)
    const records = (await lab.desk.truth()).filter((record) => record['name'] === name)
    expect(records.map((record) => record['kind'])).toEqual(expect.arrayContaining(['start', 'end']))
  })

  test.each(['payment-down', 'instance-frozen', 'transactions-left-open'])(
    '%s does not pass its check where its verbs do nothing',
    async (name) => {
      const catalogue = createCatalogue(async () => ({ head: '', culprit: null }))
      const fault = catalogue.find((one) => one.name === name)
      const applied = await fault?.apply(withoutEffect(lab.system), { level: 'normal', seed: 7n })
      await pause(2_000)
      expect(await applied?.check()).toMatchObject({ happened: false })
      await applied?.undo()
    },
  )
})
