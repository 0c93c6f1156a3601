import { expect, test } from 'vitest'
import { countSyntaxErrors, wholeText, withTree } from './syntax.ts'

test.each([
  ['python', 'def f():\n    return 1\n', 0],
  ['python', 'def f():\n    with x() as y:\n    try:\n        a()\n    except E:\n        b()\n', 1],
  ['python', 'def f(:\n    return\n', 1],
  ['javascript', 'function f() {\n  return {\n}\n', 1],
  ['javascript', 'function f() {}\n', 0],
])('%s %j has problems: %s', async (grammar, text, problems) => {
  expect(Math.min(1, (await withTree(grammar, text, countSyntaxErrors)) ?? 0)).toBe(problems)
})

test('refuses what is too large', async () => {
  expect(await withTree('python', 'x = 1\n'.repeat(200_000), () => true)).toBeNull()
})

test('gives the text from its first character on', async () => {
  const text = '\n\n  \n  x()\n'
  const whole = await withTree('python', text, wholeText)
  expect(whole?.split('\n').indexOf('  x()')).toBe(3)
  expect(whole).toHaveLength(text.length)
})
