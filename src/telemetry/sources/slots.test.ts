import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

test('no more than there are slots at once, and the others in their order', () => {
  const slots = createSlots(2)
  const begun: number[] = []
  const releases: (() => void)[] = []
  for (const index of [0, 1, 2, 3]) {
    slots.enter((release) => {
      begun.push(index)
      releases.push(release)
    })
  }
  expect(begun).toEqual([0, 1])
  releases[0]?.()
  releases[0]?.() // a second time frees nothing
  expect(begun).toEqual([0, 1, 2])
  releases[1]?.()
  expect(begun).toEqual([0, 1, 2, 3])
  releases[2]?.()
  slots.enter(() => begun.push(4))
  expect(begun).toEqual([0, 1, 2, 3, 4])
})
