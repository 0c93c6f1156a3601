import { expect, test } from 'vitest'
import { createCatalogue } from './catalogue.ts'
import { createFakeLab } from '../../../test/fake-lab.ts'
import { drawSurprise, surprise } from './surprise.ts'

const catalogue = createCatalogue(async () => ({ head: '1'.repeat(40), culprit: null })).filter(
  (fault) => fault.name !== 'surprise',
)
const drawn = Array.from({ length: 2_000 }, (_, seed) => drawSurprise(BigInt(seed), catalogue))

test('the same seed is the same surprise', () => {
  expect(drawSurprise(42n, catalogue)).toEqual(drawSurprise(42n, catalogue))
})

test('in the long run everything of the catalogue is drawn, and every level of it', () => {
  const seen = new Set(drawn.map(({ fault, level }) => `${fault} ${level}`))
  const all = catalogue.flatMap((fault) => Object.keys(fault.levels).map((level) => `${fault.name} ${level}`))
  expect(all.filter((one) => !seen.has(one))).toEqual([])
})

test('some have decoys, a control has none, and a fault is never its own decoy', () => {
  expect(drawn.some((one) => one.decoys.length > 0)).toBe(true)
  const controls = new Set(catalogue.filter((fault) => fault.kind === 'control').map((fault) => fault.name))
  expect(drawn.filter((one) => controls.has(one.fault) && one.decoys.length > 0)).toEqual([])
  expect(drawn.filter((one) => one.decoys.includes(one.fault))).toEqual([])
})

test('one in twenty is a control: sometimes nothing is wrong', () => {
  const controls = drawn.filter(
    ({ fault }) => catalogue.find((one) => one.name === fault)?.kind === 'control',
  )
  expect(controls.length / drawn.length).toBeGreaterThan(0.03)
  expect(controls.length / drawn.length).toBeLessThan(0.08)
})

test('is put in, told on record with its decoys, and taken back like any other fault', async () => {
  const lab = createFakeLab()
  const withDecoy = drawn.findIndex(
    (one) => one.fault === 'payment-down' && one.decoys.includes('chatty-warnings'),
  )
  const before = lab.snapshot()
  const applied = await surprise(catalogue).apply(lab.system, { level: 'normal', seed: BigInt(withDecoy) })
  expect(applied.parts).toEqual(expect.arrayContaining(['chatty-warnings (normal)', 'payment-down (normal)']))
  expect(applied.truth).toMatchObject([{ cause: 'dependency-down', service: 'payment' }])
  expect(await applied.check()).toMatchObject({ happened: true })
  await applied.undo()
  expect(lab.snapshot()).toEqual(before)
  lab.close()
})
