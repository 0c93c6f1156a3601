import { expect, test } from 'vitest'
import { builtAhead } from './built-ahead.ts'
import type { PatchedCopy } from './patched-copy.ts'

const copy = {
  root: '/copy',
  leftOut: [],
  untracked: new Set(['out/Main.class', 'out/Catalog.class', 'notes/a.txt']),
} as unknown as PatchedCopy // only what `builtAhead` reads

test.each([
  [['java', '-cp', 'out', 'Main'], true],
  [['java', '-cp', 'lib/json.jar:out', 'Main'], true],
  [['java', '-cp', '/copy/out', 'Main'], true],
  [['java', 'src/Main.java'], false],
  [['python3', 'app.py', 'notes'], false],
  [['node', 'server.js', ':'], false],
])('%j runs classes that were built before the patch: %s', async (command, expected) => {
  const reason = await builtAhead({ command, cwd: '/copy', env: {} }, copy)
  expect(reason?.includes('built before the patch') ?? false).toBe(expected)
})
