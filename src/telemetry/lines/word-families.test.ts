import { expect, test } from 'vitest'
import { createWordFamilies } from './word-families.ts'

/** Whether two lines are of one family, after `seen` were met. */
function sameFamily(seen: readonly string[], a: string, b: string): boolean {
  const families = createWordFamilies()
  const read = (line: string) => {
    const lanes = { lane1: 0, lane2: 0 }
    const isClear = families.read(Buffer.from(line), { start: 0, end: line.length }, lanes)
    return isClear ? `${lanes.lane1} ${lanes.lane2}` : null
  }
  for (const line of seen) read(line)
  const first = read(a)
  return first !== null && first === read(b)
}

const word = (at: number) => String(at).replaceAll(/\d/g, (digit) => 'qwertzuiop'[Number(digit)] ?? '')
const seen = Array.from({ length: 3000 }, (_, at) => `INFO user ${word(at)} has left the room`)

test('puts together lines that differ in rare words', () => {
  expect(
    sameFamily(seen, 'INFO user xanthippe has left the room', 'INFO user zebedee has left the room'),
  ).toBe(true)
})

test('never puts an error with what is none', () => {
  expect(sameFamily(seen, 'INFO user ann has left the room', 'ERROR user ann has left the room')).toBe(false)
  expect(sameFamily(seen, 'INFO user ann has left the room', 'INFO user KeyError has left the room')).toBe(
    false,
  )
})

test('says nothing of a line that is mostly unknown', () => {
  expect(sameFamily(seen, 'INFO alpha beta gamma delta', 'INFO epsilon zeta eta theta')).toBe(false)
})
