import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { causeIds, uncataloguedCauseIds } from '../../contract/causes.ts'
import { createCatalogue } from './catalogue.ts'
import { faultLevels } from './fault.ts'
import type { AppliedFault, Fault } from './fault.ts'
import { createFakeLab, withoutEffect } from '../../../test/fake-lab.ts'
import type { FakeLab } from '../../../test/fake-lab.ts'
import type { FaultCheck } from './signs.ts'

const SEED = 20_261_120n
const catalogue = createCatalogue(async (_system, { fault, seed }) => {
  const head = (fault === null ? 'a' : 'f') + String(seed).padStart(39, '0').slice(-39)
  return { head, culprit: fault === null ? null : head }
})
/** These act on processes of their own, or beside the system: taking them back shows that the check looks. */
const BESIDE_THE_SYSTEM = new Set([
  'noisy-neighbour',
  'file-descriptors-spent',
  'unused-route-slow',
  'mail-slow',
])
/** Their part is drawn, and is checked where it stands by itself. */
const simple = catalogue.filter(({ name }) => !BESIDE_THE_SYSTEM.has(name) && name !== 'surprise')
const cases = simple.flatMap((fault) =>
  faultLevels
    .filter((level) => fault.levels[level] !== undefined)
    .map((level) => [`${fault.name} (${level})`, fault, level] as const),
)

async function eventually(applied: AppliedFault): Promise<FaultCheck> {
  for (let look = 0; ; look += 1) {
    const check = await applied.check()
    if (check.happened || look === 60) return check
    await pause(10)
  }
}

function openLab(): FakeLab & Disposable {
  const lab = createFakeLab()
  return { ...lab, [Symbol.dispose]: () => lab.close() }
}

// They wait most of the time, each with a lab of its own.
describe.concurrent('every fault', () => {
  test.each(cases)(
    '%s happens, is told truly, and leaves the system as it was',
    async (_title, fault, level) => {
      using lab = openLab()
      const before = lab.snapshot()
      const applied = await fault.apply(lab.system, { level, seed: SEED })
      const check = await eventually(applied)
      expect(check).toMatchObject({ happened: true, evidence: expect.stringMatching(/\w/) })
      expect(untrue(fault, applied)).toEqual([])
      await applied.undo()
      await pause(5)
      expect(lab.snapshot()).toEqual(before)
    },
  )

  test.each(cases.filter(([, fault]) => fault.name !== 'nothing'))(
    '%s does not pass its check where its verbs do nothing',
    async (_title, fault, level) => {
      using lab = openLab()
      const applied = await fault.apply(withoutEffect(lab.system), { level, seed: SEED })
      const checks: FaultCheck[] = []
      for (let look = 0; look < 15; look += 1) checks.push(await applied.check())
      expect(checks.filter((check) => check.happened)).toEqual([])
      await applied.undo()
    },
  )
})

describe.concurrent('behind the wall', () => {
  const known = new Set<string>(causeIds)

  test.each(cases)('%s says nowhere what it is', async (_title, fault, level) => {
    using lab = openLab()
    const applied = await fault.apply(lab.system, { level, seed: SEED })
    await pause(20)
    const text = lab.visible()
    const names = catalogue.map((one) => one.name).filter((name) => name.includes('-') && !known.has(name))
    expect(names.filter((name) => text.includes(name))).toEqual([])
    expect(text).not.toContain(String(SEED))
    expect(text).not.toMatch(/\b(fault|inject|chaos|firebreak|drill)/i)
    await applied.undo()
  })
})

/** What is wrong with what a fault says of itself. */
function untrue(fault: Fault, { truth }: AppliedFault): readonly string[] {
  const isControl = fault.kind === 'control'
  return [
    ...(isControl === (truth.length === 0) ? [] : ['a control has no truth, everything else has']),
    ...truth.flatMap(({ chain, cause, commit }) => [
      ...chain.filter((link) => link.length < 4),
      ...(fault.causes.includes(cause) ? [] : [`${cause} is no cause of it`]),
      ...(fault.kind !== 'release' || commit?.length === 40 ? [] : [`${commit} is no commit`]),
    ]),
  ]
}

describe('the catalogue', () => {
  const known = new Set<string>([...causeIds, ...uncataloguedCauseIds])

  test('has each name once', () => {
    const names = catalogue.map((fault) => fault.name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(catalogue.map((fault) => [fault.name, fault] as const))('%s is complete', (name, fault) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    for (const text of [fault.summary, fault.where, fault.mechanism]) expect(text.length).toBeGreaterThan(3)
    expect(fault.levels.normal).toBeDefined()
    expect(fault.causes.every((cause) => known.has(cause))).toBe(true)
    // `surprise` has those of what it draws.
    expect(fault.causes.length > 0).toBe(fault.kind !== 'control' && name !== 'surprise')
    expect(fault.symptoms.length > 0).toBe(!['nothing', 'surprise'].includes(name))
  })

  test.each([
    ['release', 11],
    ['database', 8],
    ['dependency', 7],
    ['process', 7],
    ['configuration', 5],
    ['load', 3],
    ['compound', 4],
    ['control', 6],
  ])('has the faults of kind %s', (kind, count) => {
    expect(catalogue.filter((fault) => fault.kind === kind)).toHaveLength(count)
  })
})
