import { expect, test } from 'vitest'
import { exceptionKey } from './exception-key.ts'
import type { StackFrame } from '../exception.ts'

const frame = (file: string, line: number, name: string): StackFrame => ({
  file,
  line,
  function: name,
  inApp: !file.startsWith('/lib/'),
})
const thrown = (frames: StackFrame[], message = 'm', type = 'E') => ({ type, message, frames })
const base = [frame('/app/a.js', 3, 'f'), frame('/lib/x.js', 9, 'g')]

test.each([
  ['line numbers', [thrown([frame('/app/a.js', 99, 'f')])]],
  ['library frames', [thrown([frame('/app/a.js', 3, 'f'), frame('/lib/y.js', 1, 'h')])]],
  ['messages', [thrown(base, 'another')]],
  ['the folder it runs in', [thrown([frame('/srv/releases/app/a.js', 3, 'f')])]],
  ['how deep a recursion was', [thrown([...base, ...base, ...base])]],
])('does not depend on %s', (_, chain) => {
  expect(exceptionKey(chain)).toBe(exceptionKey([thrown(base)]))
})

test.each([
  ['type', [thrown(base, 'm', 'F')]],
  ['function', [thrown([frame('/app/a.js', 3, 'other')])]],
  ['cause', [thrown(base), thrown([], 'why', 'C')]],
])('depends on the %s', (_, chain) => {
  expect(exceptionKey(chain)).not.toBe(exceptionKey([thrown(base)]))
})

test('goes by the form of the message where there are no frames', () => {
  expect(exceptionKey([thrown([], 'order 7 is closed')])).toBe(
    exceptionKey([thrown([], 'order 99 is closed')]),
  )
  expect(exceptionKey([thrown([], 'order 7 is closed')])).not.toBe(
    exceptionKey([thrown([], 'cart is empty')]),
  )
})

test('sees through names that are made anew with each build', () => {
  const built = (hash: string, at: number) => [thrown([frame(`/app/main.${hash}.js`, 1, `lambda$${at}`)])]
  expect(exceptionKey(built('3f9ac2b1', 12))).toBe(exceptionKey(built('99aa01cd', 345)))
})
